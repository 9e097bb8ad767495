// SPDX-License-Identifier: MIT
// The kernel behind Mlp::forward against the definition, by LibTorch's operators in float64.
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include <tropism/network/mlp.hpp>

#include "support/catch.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;
using network::LastLayer;
using network::Mlp;

/// A network and the same in float64.
struct Pair {
  Pair(std::int64_t inputs, std::int64_t outputs, const network::MlpConfig& config)
      : fast(inputs, outputs, config, LastLayer::random, 5, 0),
        exact(inputs, outputs, config, LastLayer::random, 5, 0) {
    exact.to(torch::kFloat64);
  }
  Mlp fast, exact;
};

/// The largest difference, relative to the largest number, or to 1: the terms of the sums are of
/// that size, and may cancel.
double difference(const torch::Tensor& a, const torch::Tensor& b) {
  if (b.numel() == 0) return 0.0;
  return test::largest_difference(a, b) / std::max(1.0, b.abs().max().item<double>());
}

// float32 keeps 6e-8 of a number; sums of 70 terms, three layers of them, and the approximations
// of the activations (2e-7) add up to less than this.
constexpr double round_off = 1e-6;

void check_pass(const Pair& pair, std::int64_t inputs, std::int64_t outputs, std::int64_t rows) {
  auto x = test::normal_points(rows, inputs, 1).requires_grad_();
  auto x_exact = x.detach().to(torch::kFloat64).requires_grad_();
  const auto weights = test::normal_points(rows, outputs, 2);

  const auto y = pair.fast.forward(x), y_exact = pair.exact.forward_by_operators(x_exact);
  (y * weights).sum().backward();
  (y_exact * weights.to(torch::kFloat64)).sum().backward();

  CHECK(difference(y.detach(), y_exact.detach()) < round_off);
  CHECK(difference(x.grad(), x_exact.grad()) < round_off);
  const auto parameters = pair.fast.parameters(), exact = pair.exact.parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i)
    CHECK(difference(parameters[i].grad(), exact[i].grad()) < round_off);
}

TEST_CASE("The kernel's outputs and gradients are those of the operators") {
  const std::string activation = GENERATE("silu", "tanh", "relu", "tanh+relu");
  const int width = GENERATE(1, 6, 67);
  const int depth = GENERATE(1, 3);
  const std::int64_t rows = GENERATE(1, 17, 64, 201);
  const std::int64_t inputs = GENERATE(1, 5), outputs = 7 - inputs;
  const network::MlpConfig config = {.width = width, .depth = depth, .activation = activation};
  CAPTURE(activation, width, depth, rows, inputs);

  check_pass(Pair(inputs, outputs, config), inputs, outputs, rows);
}

TEST_CASE("The kernel's sums are right over many panels of rows") {
  const network::MlpConfig config = {.width = 20, .depth = 2, .activation = "silu"};

  check_pass(Pair(3, 2, config), 3, 2, 5000);
}

TEST_CASE("The gradient at the input can be asked for alone, and the rest afterwards") {
  Pair pair(3, 1, {.width = 9, .depth = 2, .activation = "tanh"});
  auto x = test::normal_points(70, 3, 1).requires_grad_();
  const auto y = pair.fast.forward(x);

  const auto gradient = torch::autograd::grad({y.sum()}, {x}, {}, /*retain_graph=*/true)[0];
  CHECK_FALSE(pair.fast.parameters()[0].grad().defined());
  y.square().sum().backward();

  auto x_exact = x.detach().to(torch::kFloat64).requires_grad_();
  const auto y_exact = pair.exact.forward_by_operators(x_exact);
  const auto exact = torch::autograd::grad({y_exact.sum()}, {x_exact}, {}, true)[0];
  CHECK(difference(gradient, exact) < round_off);
  y_exact.square().sum().backward();
  CHECK(difference(pair.fast.parameters()[0].grad(), pair.exact.parameters()[0].grad()) <
        round_off);
}

TEST_CASE("A second pass adds to the gradients of the first") {
  Pair pair(2, 1, {.width = 5, .depth = 1, .activation = "silu"});
  const auto x = test::normal_points(10, 2, 1);

  pair.fast.forward(x).sum().backward();
  const auto once = pair.fast.parameters()[0].grad().clone();
  pair.fast.forward(x).sum().backward();

  CHECK(torch::allclose(pair.fast.parameters()[0].grad(), 2.0 * once));
}

TEST_CASE("What a row receives does not depend on the rows beside it") {
  const std::string activation = GENERATE("silu", "tanh", "relu");
  const Mlp mlp(4, 3, {.width = 33, .depth = 2, .activation = activation}, LastLayer::random, 2, 0);
  const auto x = test::normal_points(150, 4, 1);
  const torch::NoGradGuard no_grad;

  const auto whole = mlp.forward(x);

  for (const std::int64_t row : {0, 63, 64, 149})
    CHECK(torch::equal(mlp.forward(x.narrow(0, row, 1)), whole.narrow(0, row, 1)));
  CHECK(torch::equal(mlp.forward(x.narrow(0, 40, 77)), whole.narrow(0, 40, 77)));
}

TEST_CASE("Extreme sums saturate, and what is not a number stays so") {
  const std::string activation = GENERATE("silu", "tanh", "relu");
  const Mlp mlp(1, 1, {.width = 4, .depth = 1, .activation = activation}, LastLayer::random, 2, 0);
  const torch::NoGradGuard no_grad;
  const float nan = std::numeric_limits<float>::quiet_NaN();

  const auto y = mlp.forward(torch::tensor({{1e4F}, {-1e4F}, {1e-20F}, {nan}}));

  const auto exact = mlp.forward_by_operators(torch::tensor({{1e4F}, {-1e4F}, {1e-20F}, {nan}}));
  CHECK(torch::allclose(y.narrow(0, 0, 3), exact.narrow(0, 0, 3), 1e-5, 1e-6));
  CHECK(y[3].isnan().all().item<bool>());
}

TEST_CASE("No rows are a pass like any other") {
  const Mlp mlp(2, 3, {.width = 4, .depth = 1, .activation = "silu"}, LastLayer::random, 2, 0);

  const auto y = mlp.forward(torch::empty({0, 2}));
  y.sum().backward();

  CHECK(y.sizes() == torch::IntArrayRef({0, 3}));
  CHECK(mlp.parameters()[0].grad().abs().max().item<double>() == 0.0);
}

TEST_CASE("Other number types go by the operators") {
  const Pair pair(2, 3, {.width = 4, .depth = 1, .activation = "silu"});

  const auto x = test::normal_points(5, 2, 1).to(torch::kFloat64);

  CHECK(torch::equal(pair.exact.forward(x), pair.exact.forward_by_operators(x)));
}

}  // namespace
