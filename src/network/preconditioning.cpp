// SPDX-License-Identifier: MIT
#include <tropism/network/preconditioning.hpp>

#include <tropism/base/error.hpp>

namespace tropism::network {
namespace {

torch::Tensor distinct(const torch::Tensor& t) {
  return t.size(0) > 1 && t.stride(0) == 0 ? t.narrow(0, 0, 1) : t;
}

}  // namespace

NoisedGaussian::NoisedGaussian(const diffusion::ForwardProcess& process, const Moments& moments,
                               const torch::Tensor& t)
    : variance_(process.variance(t)) {
  const auto signal = process.signal(t);
  signal_squared_ = signal.square();
  mean_ = signal.unsqueeze(1) * moments.mean;
  total_variance_ = (signal_squared_ * moments.variance + variance_).unsqueeze(1);
}

torch::Tensor NoisedGaussian::normalise(const torch::Tensor& x) const {
  return centred(x) / total_variance_.sqrt();
}

torch::Tensor NoisedGaussian::noise_level() const {
  return (variance_ / signal_squared_).log() * 0.25;
}

torch::Tensor NoisedGaussian::score(const torch::Tensor& x) const {
  return centred(x) / -total_variance_;
}

NoisedGaussianFit::NoisedGaussianFit(std::shared_ptr<const diffusion::ForwardProcess> process,
                                     Moments moments)
    : process_(std::move(process)), moments_(std::move(moments)) {
  base::expects(moments_.variance > 0.0, "a positive variance of the data");
}

NoisedGaussian NoisedGaussianFit::at(const torch::Tensor& t) const {
  return {*process_, moments_, distinct(t)};
}

}  // namespace tropism::network
