// SPDX-License-Identifier: MIT
// A perceptron whose passes run on a device: the same function of the host's tensors, with the same
// gradients.
#include <torch/torch.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include <tropism/network/mlp.hpp>
#include <tropism/network/recorded_mlp.hpp>

#include "support/catch.hpp"
#include "support/simulated_device.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;

constexpr double round_off = 2e-5;

std::shared_ptr<network::Mlp> perceptron(const std::string& activation) {
  return std::make_shared<network::Mlp>(
      3, 2, network::MlpConfig{.width = 20, .depth = 2, .activation = activation},
      network::LastLayer::random, 7, 0);
}

TEST_CASE("The simulated device keeps its memory from the host, and operands of the host from it") {
  const auto there = torch::ones({4}).to(test::simulated_device());
  std::array<int, 2> pipe_ends = {};
  REQUIRE(pipe(pipe_ends.data()) == 0);

  const auto written = write(pipe_ends[1], there.data_ptr(), 4);  // asks the kernel to read it

  CHECK(written == -1);
  CHECK(errno == EFAULT);
  CHECK_THROWS(there + torch::ones({4}));
  CHECK(torch::equal((there + 1.0).to(torch::kCPU), torch::full({4}, 2.0)));
  for (const int end : pipe_ends) close(end);
}

TEST_CASE("On a device a perceptron is the function it is on the host, and so are its gradients",
          "[device]") {
  const auto* activation = GENERATE("silu", "tanh", "relu", "tanh+relu");
  const auto here = perceptron(activation), there = perceptron(activation);
  there->compute_on(test::device());
  const auto x = test::normal_points(50, 3, 0).requires_grad_(),
             x_there = x.detach().clone().requires_grad_();

  const auto y = here->forward(x), y_there = there->forward(x_there);
  y.square().sum().backward();
  y_there.square().sum().backward();

  CHECK(y_there.is_cpu());
  CHECK(test::largest_difference(y_there.detach(), y.detach()) < round_off);
  CHECK(test::largest_difference(x_there.grad(), x.grad()) < round_off);
  for (std::size_t i = 0; i < here->parameters().size(); ++i) {
    const auto &exact = here->parameters()[i].grad(), &found = there->parameters()[i].grad();
    CHECK(found.is_cpu());
    CHECK(test::largest_difference(found, exact) <
          round_off * (1.0 + exact.abs().max().item<double>()));
  }
}

TEST_CASE("The passes of a roll-out are computed on the device, too, and none is remembered",
          "[device]") {
  const auto here = perceptron("silu"), there = perceptron("silu");
  there->compute_on(test::device());
  const network::RecordedMlp recorded(there, 50);
  const auto x = test::normal_points(50, 3, 0);
  const auto before = test::simulated_operators();
  {
    const torch::NoGradGuard no_grad;
    CHECK(test::largest_difference(recorded.forward(x), here->forward(x)) < round_off);
  }

  CHECK(recorded.forward(x).requires_grad());
  CHECK(recorded.passes_saved() == 0);
  CHECK((test::simulated_operators() > before || test::device().is_cuda()));
}

}  // namespace
