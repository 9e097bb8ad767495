// SPDX-License-Identifier: MIT
#include <tropism/network/flat_parameters.hpp>

namespace tropism::network {

FlatParameters::FlatParameters(torch::nn::Module& module) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> flat = {torch::empty({0})};
  std::int64_t offset = 0;
  for (const auto& parameter : module.named_parameters()) {
    slots_.push_back({parameter.key(), offset, parameter.value().sizes().vec()});
    flat.push_back(parameter.value().detach().reshape(-1));
    offset += parameter.value().numel();
  }
  values_ = torch::cat(flat);
  gradients_ = torch::zeros_like(values_);
  // Parameters and their gradients become views: autograd accumulates in place, no copies are made.
  const auto value_views = named(values_);
  const auto gradient_views = named(gradients_);
  std::size_t i = 0;
  for (auto& parameter : module.parameters()) {
    parameter.set_data(value_views[i].second);
    parameter.mutable_grad() = gradient_views[i].second;
    ++i;
  }
}

std::vector<std::pair<std::string, torch::Tensor>> FlatParameters::named(
    const torch::Tensor& buffer) const {
  std::vector<std::pair<std::string, torch::Tensor>> views;
  for (const auto& slot : slots_) {
    const auto numel = c10::multiply_integers(slot.shape);
    views.emplace_back(slot.name, buffer.narrow(0, slot.offset, numel).view(slot.shape));
  }
  return views;
}

}  // namespace tropism::network
