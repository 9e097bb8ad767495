// SPDX-License-Identifier: MIT
#include <tropism/network/mlp.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include <tropism/base/error.hpp>
#include <tropism/network/field.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;
using network::LastLayer;
using network::Mlp;

using Function = std::function<double(double)>;

double silu(double x) {
  return x / (1.0 + std::exp(-x));
}
double relu(double x) {
  return std::max(x, 0.0);
}

/// What hidden layer `layer` applies, by the name in the config.
Function activation(const std::string& name, int layer) {
  if (name == "silu") return silu;
  if (name == "tanh" || (name == "tanh+relu" && layer == 0))
    return [](double x) { return std::tanh(x); };
  return relu;
}

/// W x + b, one number at a time.
std::vector<double> affine(const torch::Tensor& weight, const torch::Tensor& bias,
                           const std::vector<double>& x) {
  std::vector<double> result;
  for (std::int64_t i = 0; i < weight.size(0); ++i) {
    double sum = bias[i].item<double>();
    for (std::int64_t j = 0; j < weight.size(1); ++j)
      sum += weight[i][j].item<double>() * x[static_cast<std::size_t>(j)];
    result.push_back(sum);
  }
  return result;
}

std::vector<double> forward_by_loops(const Mlp& mlp, const std::string& name,
                                     std::vector<double> x) {
  const auto parameters = mlp.parameters();
  const std::size_t layers = parameters.size() / 2;
  for (std::size_t layer = 0; layer < layers; ++layer) {
    x = affine(parameters[2 * layer], parameters[2 * layer + 1], x);
    if (layer + 1 == layers) break;
    for (auto& unit : x) unit = activation(name, static_cast<int>(layer))(unit);
  }
  return x;
}

TEST_CASE("The network computes what its layers and activations say") {
  const std::string name = GENERATE("silu", "tanh", "relu", "tanh+relu");
  const Mlp mlp(3, 2, {.width = 7, .depth = 3, .activation = name}, LastLayer::random, 1, 0);

  const auto output = mlp.forward(torch::tensor({{0.5F, -1.5F, 2.0F}}));

  const auto expected = forward_by_loops(mlp, name, {0.5, -1.5, 2.0});
  CHECK(output.sizes() == torch::IntArrayRef({1, 2}));
  CHECK(output[0][0].item<double>() == Approx(expected[0]).margin(1e-6));
  CHECK(output[0][1].item<double>() == Approx(expected[1]).margin(1e-6));
}

TEST_CASE("Initial weights are uniform in +-1/sqrt(inputs of the layer)") {
  const Mlp mlp(100, 10, {.width = 200, .depth = 2, .activation = "silu"}, LastLayer::random, 3, 0);

  const auto weights = mlp.parameters()[0].detach().to(torch::kFloat64);

  const double bound = 0.1;
  const double count = 20000.0;
  CHECK(weights.abs().max().item<double>() <= bound * (1.0 + 1e-6));
  CHECK(std::abs(weights.mean().item<double>()) < 6.0 * bound / std::sqrt(3.0 * count));
  // The variance is bound^2/3; that of x^2 is bound^4 (1/5 - 1/9).
  const double error = bound * bound * std::sqrt((0.2 - 1.0 / 9.0) / count);
  CHECK(std::abs(weights.square().mean().item<double>() - bound * bound / 3.0) < 6.0 * error);
}

TEST_CASE("Initial weights depend on the seed and on where the network's parameters start") {
  const network::MlpConfig config = {.width = 4, .depth = 1, .activation = "tanh"};
  const auto first_weights = [&](std::uint64_t seed, std::int64_t index) {
    return Mlp(2, 1, config, LastLayer::random, seed, index).parameters()[0].detach().clone();
  };

  const auto weights = first_weights(1, 0);

  CHECK(torch::equal(weights, first_weights(1, 0)));
  CHECK_FALSE(torch::equal(weights, first_weights(2, 0)));
  CHECK_FALSE(torch::equal(weights, first_weights(1, 1000)));
}

TEST_CASE("A last layer that starts at zero makes the network zero, with a gradient") {
  const Mlp mlp(2, 3, {.width = 8, .depth = 2, .activation = "silu"}, LastLayer::zero, 1, 0);

  const auto output = mlp.forward(test::normal_points(5, 2, 0));
  output.sum().backward();

  CHECK(output.abs().max().item<double>() == 0.0);
  CHECK(mlp.parameters().back().grad().abs().max().item<double>() > 0.0);
}

TEST_CASE("A field gives the network time first, then the state") {
  const auto mlp =
      std::make_shared<Mlp>(3, 1, network::MlpConfig{.width = 5, .depth = 1, .activation = "tanh"},
                            LastLayer::random, 1, 0);
  const auto z = test::normal_points(4, 2, 0);
  const auto t = torch::tensor({0.1F, 0.2F, 0.3F, 0.4F});

  const auto output = network::NetworkField(mlp).forward(t, z);

  for (std::int64_t i = 0; i < 4; ++i) {
    const auto expected = forward_by_loops(
        *mlp, "tanh", {t[i].item<double>(), z[i][0].item<double>(), z[i][1].item<double>()});
    CHECK(output[i][0].item<double>() == Approx(expected[0]).margin(1e-6));
  }
}

TEST_CASE("A network that makes no sense is refused with its section and key") {
  const auto refused = [](const network::MlpConfig& config) {
    return test::message_of<base::ConfigError>([&] {
      config.validate("value");
      return 0;
    });
  };

  CHECK(test::contains(refused({.width = 0}), "[value] width"));
  CHECK(test::contains(refused({.depth = 0}), "[value] depth"));
  CHECK(test::contains(refused({.activation = "gelu"}), "[value] activation"));
}

}  // namespace
