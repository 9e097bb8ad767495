// SPDX-License-Identifier: MIT
#include <tropism/network/preconditioning.hpp>

#include <tropism/base/error.hpp>

namespace tropism::network {

NoisedGaussianFit::NoisedGaussianFit(std::shared_ptr<const diffusion::ForwardProcess> process,
                                     Moments moments)
    : process_(std::move(process)), moments_(std::move(moments)) {
  base::expects(moments_.variance > 0.0, "a positive variance of the data");
}

// x - a_t m
torch::Tensor NoisedGaussianFit::centred(const torch::Tensor& x, const torch::Tensor& t) const {
  return x - process_->signal(t).unsqueeze(1) * moments_.mean;
}

// a_t^2 var + v_t, [n, 1]
torch::Tensor NoisedGaussianFit::total_variance(const torch::Tensor& t) const {
  return (process_->signal(t).square() * moments_.variance + process_->variance(t)).unsqueeze(1);
}

torch::Tensor NoisedGaussianFit::normalise(const torch::Tensor& x, const torch::Tensor& t) const {
  return centred(x, t) / total_variance(t).sqrt();
}

torch::Tensor NoisedGaussianFit::noise_level(const torch::Tensor& t) const {
  return (process_->variance(t) / process_->signal(t).square()).log() * 0.25;
}

torch::Tensor NoisedGaussianFit::score(const torch::Tensor& x, const torch::Tensor& t) const {
  return -centred(x, t) / total_variance(t);
}

}  // namespace tropism::network
