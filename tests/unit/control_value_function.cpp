// SPDX-License-Identifier: MIT
#include <tropism/control/value_function.hpp>

#include <cmath>
#include <numbers>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/fields.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;
using control::Gradient;
using control::ValueFunction;

constexpr double beta = 0.7, terminal_time = 5.0;
constexpr std::int64_t points = 6;

/// A value function in double precision, with one parameter each for critic and policy.
struct Example {
  torch::Tensor critic_weight = torch::full({1}, 1.3, torch::kFloat64).requires_grad_(true);
  torch::Tensor policy_weight = torch::full({1}, 0.6, torch::kFloat64).requires_grad_(true);
  torch::Tensor y = test::normal_points(points, 2, 0).to(torch::kFloat64);
  torch::Tensor tau = torch::tensor({0.1, 0.5, 1.0, 2.0, 4.0, 5.0}, torch::kFloat64);
  torch::Tensor log_tilt = test::normal_points(points, 1, 1).squeeze(1).to(torch::kFloat64);
  torch::Tensor tilt_gradient = test::normal_points(points, 2, 2).to(torch::kFloat64);

  /// F(t, z) = sin(w z_1) z_2 + t z_1
  [[nodiscard]] torch::Tensor critic(const torch::Tensor& t, const torch::Tensor& z) const {
    const auto first = z.select(1, 0), second = z.select(1, 1);
    return ((critic_weight * first).sin() * second + t * first).unsqueeze(1);
  }
  /// mu = -w tanh(x)
  [[nodiscard]] torch::Tensor policy(const torch::Tensor& x) const {
    return -policy_weight * x.tanh();
  }

  [[nodiscard]] ValueFunction value(const std::string& form, const std::string& inputs) const {
    const auto fit = std::make_shared<network::NoisedGaussianFit>(
        test::toy_process(terminal_time), network::Moments{torch::tensor({1.0F, -2.0F}), 3.0});
    control::ValueConfig config;
    config.form = form;
    config.inputs = inputs;
    return {config,
            beta,
            reward::make_reward({.kind = "quadratic", .target = {2.0, 1.0}}, 2),
            fit,
            test::field(
                [this](const torch::Tensor& t, const torch::Tensor& z) { return critic(t, z); }),
            test::score_function(
                [this](const torch::Tensor& x, const torch::Tensor&) { return policy(x); })};
  }

  [[nodiscard]] control::ValueAnswer ask(const ValueFunction& value, Gradient gradient) const {
    return value.evaluate({y, tau, log_tilt, tilt_gradient}, gradient);
  }

  /// F as the value function should use it.
  [[nodiscard]] torch::Tensor expected_network(const std::string& inputs) const {
    if (inputs == "raw") return critic(terminal_time - tau, y).squeeze(1);
    const auto a = (-tau).exp().unsqueeze(1);
    const auto total = a.square() * 3.0 + (1.0 - a.square());
    const auto z = (y - a * torch::tensor({1.0, -2.0}, torch::kFloat64)) / total.sqrt();
    return critic(((1.0 - a.square()) / a.square()).log().squeeze(1) / 4.0, z).squeeze(1);
  }
  /// beta h( (y + v mu)/a ), h(x) = -|x - (2, 1)|^2
  [[nodiscard]] torch::Tensor expected_reward() const {
    const auto a = (-tau).exp().unsqueeze(1);
    const auto x0_hat = (y + (1.0 - a.square()) * policy(y)) / a;
    return -beta * (x0_hat - torch::tensor({2.0, 1.0}, torch::kFloat64)).square().sum(1);
  }
  [[nodiscard]] torch::Tensor expected_value(const std::string& form,
                                             const std::string& inputs) const {
    const auto phase = tau * (std::numbers::pi / (2.0 * terminal_time));
    const auto f = expected_network(inputs);
    if (form == "plain") return f;
    if (form == "skip") return phase.cos() * expected_reward() + phase.sin() * f;
    return 2.0 * log_tilt + phase.sin() * f;
  }
};

TEST_CASE("Each form has the value that its formula says") {
  const std::string form = GENERATE("plain", "skip", "data"),
                    inputs = GENERATE("raw", "normalised");
  const Example example;

  const auto answer = example.ask(example.value(form, inputs), Gradient::not_wanted);

  const auto expected = example.expected_value(form, inputs);
  CHECK(test::within(answer.value, expected, 1e-6 * (1.0 + expected.abs())));
  CHECK_FALSE(answer.half_gradient_learned.defined());
}

TEST_CASE("The learned half gradient is half the finite difference of what is learned") {
  const std::string form = GENERATE("plain", "skip", "data"),
                    inputs = GENERATE("raw", "normalised");
  Example example;

  const auto answer = example.ask(example.value(form, inputs), Gradient::wanted);

  constexpr double h = 1e-5;
  const auto y = example.y;
  for (std::int64_t d = 0; d < 2; ++d) {
    auto shift = torch::zeros({2}, torch::kFloat64);
    shift[d] = h;
    example.y = y + shift;
    const auto above = example.expected_value(form, inputs);
    example.y = y - shift;
    const auto below = example.expected_value(form, inputs);
    const auto expected = (above - below) / (4.0 * h);
    CHECK(test::within(answer.half_gradient_learned.select(1, d), expected,
                       1e-5 * (1.0 + expected.abs())));
  }
  CHECK_FALSE(answer.half_gradient_learned.requires_grad());
}

TEST_CASE("Only the data form has a known half gradient: the tilt's") {
  const Example example;

  const auto known = [&](const std::string& form) {
    return example.ask(example.value(form, "raw"), Gradient::wanted).half_gradient_known;
  };

  CHECK(torch::equal(known("data"), example.tilt_gradient));
  CHECK_FALSE(known("plain").defined());
  CHECK_FALSE(known("skip").defined());
}

TEST_CASE("The critic's loss trains the critic and never the policy") {
  const std::string form = GENERATE("plain", "skip", "data");
  const auto gradient = GENERATE(Gradient::wanted, Gradient::not_wanted);
  Example example;

  const auto answer = example.ask(example.value(form, "normalised"), gradient);
  answer.value.square().sum().backward();

  CHECK_FALSE(example.policy_weight.grad().defined());
  REQUIRE(example.critic_weight.grad().defined());
  CHECK(example.critic_weight.grad().abs().item<double>() > 0.0);
}

TEST_CASE("The critic's parameters have the gradient of the formula, also after J_y was asked") {
  const std::string form = GENERATE("plain", "skip", "data");
  Example ours, formula;

  ours.ask(ours.value(form, "normalised"), Gradient::wanted).value.sum().backward();
  formula.expected_value(form, "normalised").sum().backward();

  CHECK(ours.critic_weight.grad().item<double>() ==
        Approx(formula.critic_weight.grad().item<double>()).epsilon(1e-6));
}

TEST_CASE("Asking for a gradient leaves the states of the episode without a graph") {
  const Example example;

  const auto answer = example.ask(example.value("data", "raw"), Gradient::wanted);
  answer.value.sum().backward();

  CHECK_FALSE(example.y.requires_grad());
}

TEST_CASE("Without a network only the data form makes sense, and it is the tilt alone") {
  const Example example;
  const auto make = [](const std::string& form) {
    const auto fit = std::make_shared<network::NoisedGaussianFit>(
        test::toy_process(), network::Moments{torch::zeros({2}), 1.0});
    control::ValueConfig config;
    config.form = form;
    return ValueFunction(config, beta, reward::make_reward({}, 2), fit, nullptr, nullptr);
  };

  const auto answer = example.ask(make("data"), Gradient::wanted);

  CHECK(test::largest_difference(answer.value, 2.0 * example.log_tilt) == 0.0);
  CHECK(torch::equal(answer.half_gradient_known, example.tilt_gradient));
  CHECK_FALSE(answer.half_gradient_learned.defined());
  CHECK_FALSE(make("data").has_network());
  CHECK_THROWS_AS(make("plain"), base::ContractError);
  CHECK_THROWS_AS(make("skip"), base::ContractError);
}

TEST_CASE("Only the plain form holds the entropy") {
  const Example example;

  CHECK(example.value("plain", "raw").holds_entropy());
  CHECK_FALSE(example.value("skip", "raw").holds_entropy());
  CHECK_FALSE(example.value("data", "raw").holds_entropy());
}

}  // namespace
