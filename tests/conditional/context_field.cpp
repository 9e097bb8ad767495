// SPDX-License-Identifier: MIT
#include <tropism/conditional/context_field.hpp>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;
using conditional::ContextField;

constexpr std::int64_t K = 3, B = 4, D = 2, num_labels = 5;

std::shared_ptr<network::Mlp> mlp() {
  static const auto shared = std::make_shared<network::Mlp>(
      1 + D + num_labels, D, network::MlpConfig{.width = 8, .depth = 2, .activation = "tanh"},
      network::LastLayer::random, 1, 0);
  return shared;
}

torch::Tensor indicator(std::int64_t place) {
  auto features = torch::zeros({1, num_labels});
  features[0][place] = 1.0F;
  return features;
}

TEST_CASE("The network sees time, state and the indicator of its trajectory's label, in order") {
  const auto places = torch::tensor({4, 0, 2, 2}, torch::kInt64);
  const auto field = conditional::with_labels(places, num_labels)(mlp());
  const auto t = torch::tensor({0.1F, 0.2F, 0.3F, 0.4F}), z = test::normal_points(B, D, 0);

  const auto output = field->forward(t, z);

  for (std::int64_t b = 0; b < B; ++b) {
    const auto input = torch::cat({t.narrow(0, b, 1).unsqueeze(1), z.narrow(0, b, 1),
                                   indicator(places[b].item<std::int64_t>())},
                                  1);
    CHECK(test::largest_difference(output[b], mlp()->forward(input)[0]) < 1e-6);
  }
}

TEST_CASE("Asked about K steps at once, it gives each trajectory its label at every step") {
  const auto places = torch::tensor({4, 0, 2, 1}, torch::kInt64);
  const auto field = conditional::with_labels(places, num_labels)(mlp());
  const auto t = test::normal_points(K * B, 1, 1).squeeze(1), z = test::normal_points(K * B, D, 0);

  const auto at_once = field->forward(t, z);

  for (std::int64_t k = 0; k < K; ++k) {
    const auto step = field->forward(t.narrow(0, k * B, B), z.narrow(0, k * B, B));
    CHECK(test::largest_difference(at_once.narrow(0, k * B, B), step) < 1e-6);
  }
}

TEST_CASE("The label changes the answer") {
  const auto t = torch::zeros({1}), z = torch::zeros({1, D});
  const auto answer = [&](std::int64_t place) {
    const auto places = torch::full({1}, place, torch::kInt64);
    return conditional::with_labels(places, num_labels)(mlp())->forward(t, z);
  };

  CHECK(test::largest_difference(answer(0), answer(1)) > 1e-3);
}

TEST_CASE("A number of rows that is no multiple of the contexts is refused") {
  const ContextField field(mlp(), torch::zeros({B, num_labels}));

  CHECK_THROWS_AS(field.forward(torch::zeros({B + 1}), torch::zeros({B + 1, D})),
                  base::ContractError);
}

}  // namespace
