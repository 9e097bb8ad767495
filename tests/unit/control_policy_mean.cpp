// SPDX-License-Identifier: MIT
#include <tropism/control/policy_mean.hpp>

#include <tropism/control/actor_critic.hpp>
#include <tropism/control/family.hpp>
#include <tropism/network/recorded_mlp.hpp>

#include "support/catch.hpp"
#include "support/fields.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;
using control::PolicyMean;

std::shared_ptr<const network::NoisedGaussianFit> fit() {
  return std::make_shared<network::NoisedGaussianFit>(
      test::toy_process(), network::Moments{torch::tensor({1.0F, -2.0F}), 3.0});
}

/// t (z + 1): shows both what time and what state the network saw.
std::shared_ptr<const network::Field> t_times_z_plus_1() {
  return test::field(
      [](const torch::Tensor& t, const torch::Tensor& z) { return t.unsqueeze(1) * (z + 1.0); });
}

TEST_CASE("The plain mean is the network at denoising time T - tau and the state itself") {
  const auto x = test::normal_points(3, 2, 0);
  const auto tau = torch::tensor({0.5F, 2.0F, 5.0F});

  const auto mean = PolicyMean("plain", fit(), t_times_z_plus_1()).score(x, tau);

  const auto expected = (5.0 - tau).unsqueeze(1) * (x + 1.0);
  CHECK(test::largest_difference(mean, expected) < 1e-6);
}

TEST_CASE(
    "The preconditioned mean is the fit's score plus the network at log(v/a^2)/4 over sqrt(v)") {
  const auto x = test::normal_points(3, 2, 0);
  const auto tau = torch::tensor({0.5F, 2.0F, 5.0F});

  const auto mean = PolicyMean("preconditioned", fit(), t_times_z_plus_1()).score(x, tau);

  const auto a = (-tau).exp().unsqueeze(1), v = 1.0 - (-2.0 * tau).exp().unsqueeze(1);
  const auto total = a.square() * 3.0 + v;
  const auto from_mean = x - a * torch::tensor({1.0F, -2.0F});
  const auto network = (v / a.square()).log() / 4.0 * (from_mean / total.sqrt() + 1.0);
  CHECK(test::largest_difference(mean, -from_mean / total + network / v.sqrt()) < 1e-5);
}

control::ModelSetting model(const std::string& mean) {
  return {.policy = {.mlp = {.width = 8, .depth = 2, .activation = "silu"}, .mean = mean},
          .value = {.network = "mlp", .mlp = {.width = 6, .depth = 1, .activation = "tanh"}},
          .beta = 0.5,
          .reward = reward::make_reward({.kind = "linear", .weights = {1.0}}, 2),
          .process = test::toy_process(),
          .moments = {torch::tensor({1.0F, -2.0F}), 3.0},
          .dimension = 2};
}

TEST_CASE("A new preconditioned policy is the score of the Gaussian fit") {
  const control::ActorCritic networks(model("preconditioned"));
  const auto x = test::normal_points(5, 2, 0);
  const auto tau = torch::tensor({0.01F, 0.5F, 1.0F, 2.0F, 5.0F});

  const auto mean = networks.policy_mean(control::without_context())->score(x, tau);

  CHECK(torch::equal(mean, fit()->at(tau).score(x)));
}

TEST_CASE("A recorded mean has the passes of a roll-out ready for the losses") {
  const std::string form = GENERATE("plain", "preconditioned");
  const control::ActorCritic networks(model(form));
  std::shared_ptr<const network::RecordedMlp> recorded;
  const auto fields = [&](std::shared_ptr<const network::Network> network) {
    recorded = std::dynamic_pointer_cast<const network::RecordedMlp>(network);
    return std::make_shared<network::NetworkField>(std::move(network));
  };
  const auto x = test::normal_points(3 * 20, 2, 0);
  const std::vector<double> times = {5.0, 1.7, 0.3};
  const auto mean = networks.recorded_policy_mean(fields, 3 * 20);

  std::vector<torch::Tensor> acted;
  {
    const torch::NoGradGuard no_grad;
    for (std::size_t k = 0; k < times.size(); ++k)
      acted.push_back(mean->score(x.narrow(0, 20 * static_cast<std::int64_t>(k), 20),
                                  torch::full({20}, times[k])));
  }
  const auto all = torch::tensor(times, torch::kFloat32).unsqueeze(1).expand({3, 20}).reshape(-1);
  const auto learned = mean->score(x, all);

  CHECK(recorded->passes_saved() == 1);
  CHECK(torch::equal(learned, torch::cat(acted)));
  CHECK(torch::equal(learned, networks.policy_mean(control::without_context())->score(x, all)));
}

TEST_CASE("A new value function of the data form is what the data say, alone") {
  const control::ActorCritic networks(model("preconditioned"));
  const auto x = test::normal_points(5, 2, 0), tilt_gradient = test::normal_points(5, 2, 1);
  const auto log_tilt = torch::arange(5, torch::kFloat32);

  const auto value = networks.value_function(control::without_context());
  const auto answer = value->evaluate({x, torch::full({5}, 0.5), log_tilt, tilt_gradient},
                                      control::Gradient::wanted);

  CHECK(torch::equal(answer.value, 2.0 * log_tilt));
  CHECK(torch::equal(answer.half_gradient_known, tilt_gradient));
  CHECK(answer.half_gradient_learned.abs().max().item<double>() == 0.0);
}

TEST_CASE("The policy's parameters come first, and without a critic they are all") {
  auto setting = model("plain");
  const control::ActorCritic both(setting);
  setting.value.network = "none";
  const control::ActorCritic policy_alone(setting);

  const auto policy_size = (3 * 8 + 8) + (8 * 8 + 8) + (8 * 2 + 2);
  CHECK(both.policy_size() == policy_size);
  CHECK(policy_alone.parameters().size() == 6);
  REQUIRE(both.parameters().size() == 10);
  for (std::size_t i = 0; i < 6; ++i)
    CHECK(torch::equal(both.parameters()[i], policy_alone.parameters()[i]));
}

}  // namespace
