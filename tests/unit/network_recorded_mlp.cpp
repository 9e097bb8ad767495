// SPDX-License-Identifier: MIT
#include <tropism/network/recorded_mlp.hpp>

#include "support/catch.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;
using network::Mlp;
using network::RecordedMlp;

constexpr std::int64_t steps = 3, batch = 50;

std::shared_ptr<Mlp> perceptron() {
  const network::MlpConfig config = {.width = 12, .depth = 2, .activation = "silu"};
  return std::make_shared<Mlp>(4, 2, config, network::LastLayer::random, 1, 0);
}

torch::Tensor rows() {
  return test::normal_points(steps * batch, 4, 1);
}

/// The passes of a roll-out.
torch::Tensor pass_in_steps(const network::Network& network, const torch::Tensor& x) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> outputs;
  for (const auto& part : x.split(batch)) outputs.push_back(network.forward(part));
  return torch::cat(outputs);
}

torch::Tensor gradients_of(const Mlp& mlp, const torch::Tensor& output) {
  for (const auto& parameter : mlp.parameters()) parameter.mutable_grad() = torch::Tensor();
  output.square().sum().backward();
  std::vector<torch::Tensor> gradients;
  for (const auto& parameter : mlp.parameters()) gradients.push_back(parameter.grad().flatten());
  return torch::cat(gradients);
}

TEST_CASE("Passes in steps give the outputs and gradients of one pass, without computing it") {
  const auto mlp = perceptron();
  const RecordedMlp recorded(mlp, steps * batch);

  const auto outputs = pass_in_steps(recorded, rows());
  const auto again = recorded.forward(rows());

  CHECK(recorded.passes_saved() == 1);
  CHECK(torch::equal(outputs, mlp->forward(rows())));
  CHECK(torch::equal(again, outputs));
  CHECK(torch::equal(gradients_of(*mlp, again), gradients_of(*mlp, mlp->forward(rows()))));
}

TEST_CASE("Other rows, fewer rows and changed weights are computed") {
  const auto mlp = perceptron();
  const RecordedMlp recorded(mlp, steps * batch);
  pass_in_steps(recorded, rows());

  SECTION("other rows") {
    const auto others = test::normal_points(steps * batch, 4, 2);
    CHECK(torch::equal(recorded.forward(others), mlp->forward(others)));
  }
  SECTION("fewer rows") {
    const auto fewer = rows().narrow(0, 0, batch);
    CHECK(torch::equal(recorded.forward(fewer), mlp->forward(fewer)));
  }
  SECTION("changed weights") {
    {
      const torch::NoGradGuard no_grad;
      mlp->parameters()[1][3] += 0.5;
    }
    CHECK(torch::equal(recorded.forward(rows()), mlp->forward(rows())));
  }
  SECTION("rows whose gradient is wanted") {
    const auto x = rows().requires_grad_();
    recorded.forward(x).sum().backward();
    CHECK(x.grad().abs().max().item<double>() > 0.0);
  }
  CHECK(recorded.passes_saved() == 0);
}

TEST_CASE("Passes beyond what is to be remembered are answered all the same") {
  const auto mlp = perceptron();
  const RecordedMlp recorded(mlp, 2 * batch);

  const auto outputs = pass_in_steps(recorded, rows());

  CHECK(torch::equal(outputs, mlp->forward(rows())));
  CHECK(torch::equal(recorded.forward(rows()), outputs));
  CHECK(recorded.passes_saved() == 0);
}

TEST_CASE("Weights that change after a pass was taken from memory spoil its gradient loudly") {
  const auto mlp = perceptron();
  const RecordedMlp recorded(mlp, steps * batch);
  pass_in_steps(recorded, rows());
  const auto output = recorded.forward(rows());
  {
    const torch::NoGradGuard no_grad;
    mlp->parameters()[0].mul_(2.0);
  }

  CHECK_THROWS(output.sum().backward());
}

}  // namespace
