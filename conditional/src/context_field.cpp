// SPDX-License-Identifier: MIT
#include <tropism/conditional/context_field.hpp>

#include <tropism/base/error.hpp>

namespace tropism::conditional {

torch::Tensor ContextField::forward(const torch::Tensor& t, const torch::Tensor& z) const {
  const std::int64_t contexts = features_.size(0);
  base::expects(contexts > 0 && z.size(0) % contexts == 0,
                "a whole number of rows per bound context");
  const auto features =
      z.size(0) == contexts ? features_ : features_.repeat({z.size(0) / contexts, 1});
  return network_->forward(network::beside_times(t, {z, features}));
}

control::FieldOf with_features(torch::Tensor features) {
  return [features = std::move(features)](std::shared_ptr<const network::Network> network)
             -> std::shared_ptr<const network::Field> {
    return std::make_shared<ContextField>(std::move(network), features);
  };
}

control::FieldOf with_labels(const torch::Tensor& places, std::int64_t num_labels) {
  return with_features(torch::one_hot(places, num_labels).to(torch::kFloat32));
}

}  // namespace tropism::conditional
