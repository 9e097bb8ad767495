// SPDX-License-Identifier: MIT
#include <tropism/network/flat_parameters.hpp>

#include <tropism/network/mlp.hpp>

#include "support/catch.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;

network::Mlp small_network() {
  return {3, 2, {.width = 4, .depth = 2, .activation = "tanh"}, network::LastLayer::random, 1, 0};
}

TEST_CASE("The flat buffer holds the parameters of the network in their order") {
  const auto untouched = small_network();
  auto mlp = small_network();

  const network::FlatParameters flat(mlp);

  std::vector<torch::Tensor> expected;
  for (const auto& parameter : untouched.parameters())
    expected.push_back(parameter.detach().reshape(-1));
  CHECK(flat.size() == 3 * 4 + 4 + 4 * 4 + 4 + 4 * 2 + 2);
  CHECK(torch::equal(flat.values(), torch::cat(expected)));
}

TEST_CASE("What is written into the flat buffer changes the network") {
  auto mlp = small_network();
  network::FlatParameters flat(mlp);

  flat.values().zero_();
  flat.values().narrow(0, flat.size() - 2, 2).copy_(torch::tensor({5.0F, 7.0F}));
  const auto output = mlp.forward(test::normal_points(1, 3, 0)).detach();

  CHECK(torch::equal(output, torch::tensor({{5.0F, 7.0F}})));
}

TEST_CASE("The flat gradient is that of the network without a flat buffer") {
  const auto untouched = small_network();
  auto mlp = small_network();
  network::FlatParameters flat(mlp);
  const auto input = test::normal_points(6, 3, 0);

  untouched.forward(input).square().sum().backward();
  mlp.forward(input).square().sum().backward();
  const auto once = flat.gradients().clone();
  flat.gradients().zero_();
  mlp.forward(input).square().sum().backward();

  std::vector<torch::Tensor> expected;
  for (const auto& parameter : untouched.parameters())
    expected.push_back(parameter.grad().reshape(-1));
  CHECK(test::largest_difference(once, torch::cat(expected)) < 1e-6);
  CHECK(torch::equal(flat.gradients(), once));
}

TEST_CASE("A buffer is seen under the names and in the shapes of the parameters") {
  auto mlp = small_network();
  network::FlatParameters flat(mlp);

  const auto named = flat.named(flat.values());

  REQUIRE(named.size() == 6);
  CHECK(named[0].first == "layer1.weight");
  CHECK(named[5].first == "layer3.bias");
  CHECK(named[0].second.sizes() == torch::IntArrayRef({4, 3}));
  CHECK(torch::equal(named[2].second, mlp.parameters()[2]));
}

}  // namespace
