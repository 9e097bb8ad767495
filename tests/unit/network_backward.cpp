// SPDX-License-Identifier: MIT
// The gradients of network::backward are those of autograd's engine, to the last bit.
#include <torch/csrc/autograd/autograd.h>

#include <functional>
#include <vector>

#include <tropism/network/backward.hpp>
#include <tropism/network/mlp.hpp>

#include "support/catch.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;
using network::Mlp;
using Tensors = std::vector<torch::Tensor>;

/// Two networks, and outputs that depend on both of them or on one each.
struct Networks {
  Mlp first{3, 2, {.width = 9, .depth = 2, .activation = "tanh"}, network::LastLayer::random, 1, 0};
  Mlp second{3, 1, {.width = 7, .depth = 1, .activation = "silu"}, network::LastLayer::random,
             2, 0};
  torch::Tensor x = test::normal_points(12, 3, 1);

  [[nodiscard]] Tensors chains() const {
    return {first.forward(x).view({4, 3, 2}) / 3.0, second.forward(x).squeeze(1).view({4, 3})};
  }
  [[nodiscard]] Tensors broadcast() const {
    return {first.forward(x).unsqueeze(0) * torch::ones({5, 1, 1}),
            second.parameters().back() * torch::ones({6, 1})};
  }
  [[nodiscard]] Tensors no_chain() const {
    const auto y = first.forward(x);
    return {y * second.forward(x) + y.square()};
  }

  [[nodiscard]] Tensors gradients() const {
    Tensors all;
    for (const auto* mlp : {&first, &second})
      for (const auto& parameter : mlp->parameters())
        all.push_back(parameter.grad().defined() ? parameter.grad().clone() : torch::Tensor());
    return all;
  }
};

using Outputs = Tensors (Networks::*)() const;
using Backward = std::function<void(const Tensors&, const Tensors&)>;

Tensors gradients_by(const Backward& backward, Outputs outputs, int times) {
  const Networks networks;
  for (int i = 0; i < times; ++i) {
    const auto of = (networks.*outputs)();
    Tensors gradients;
    for (const auto& output : of)
      gradients.push_back(test::normal_points(output.numel(), 1, i).view(output.sizes()));
    backward(of, gradients);
  }
  return networks.gradients();
}

TEST_CASE("Gradients are those of the engine, whether the graph is a chain or not") {
  const Outputs outputs = GENERATE(&Networks::chains, &Networks::broadcast, &Networks::no_chain);
  const int times = GENERATE(1, 2);

  const auto ours = gradients_by(network::backward, outputs, times);

  const auto engines = gradients_by(
      [](const Tensors& of, const Tensors& gradients) { torch::autograd::backward(of, gradients); },
      outputs, times);
  REQUIRE(ours.size() == 10);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    REQUIRE(ours[i].defined() == engines[i].defined());
    if (!ours[i].defined()) continue;
    CHECK(engines[i].abs().max().item<double>() > 0.0);
    CHECK(torch::equal(ours[i], engines[i]));
  }
}

TEST_CASE("The same graph may be walked twice") {
  const Networks networks;
  const auto outputs = networks.chains();
  const Tensors gradients = {torch::ones({4, 3, 2}), torch::ones({4, 3})};

  network::backward(outputs, gradients);
  const auto once = networks.gradients();
  network::backward(outputs, gradients);

  const auto twice = networks.gradients();
  for (std::size_t i = 0; i < once.size(); ++i) CHECK(torch::allclose(twice[i], 2.0 * once[i]));
}

TEST_CASE("What has no graph is refused as by the engine") {
  CHECK_THROWS(network::backward({torch::ones({2})}, {torch::ones({2})}));
}

}  // namespace
