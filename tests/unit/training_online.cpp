// SPDX-License-Identifier: MIT
// A trainer that learns after every time step, against one that learns after the episode.
#include <tropism/training/trainer.hpp>

#include "support/alone.hpp"
#include "support/catch.hpp"
#include "support/small_training.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;
using test::alone;
using test::SmallTraining;
using training::Checkpoint;

constexpr std::int64_t num_steps = 4;

training::TrainerConfig config_of(const std::string& learning) {
  auto config = test::small_training_config();
  config.algorithm.learning = learning;
  config.algorithm.updates = learning == "online" ? 0 : 1;
  config.value.target = "temporal-difference";
  config.value.warmup = 0;
  return config;
}

/// All moments of one order in a row.
torch::Tensor first_moments(const SmallTraining& of) {
  Checkpoint checkpoint;
  of.trainer.fill(checkpoint);
  std::vector<torch::Tensor> flat;
  for (const auto& entry : checkpoint.first_moment) flat.push_back(entry.second.reshape(-1));
  return torch::cat(flat);
}

/// With beta1 near 1 Adam's first moment is (1 - beta1) times the sum of all gradients.
struct Still {
  explicit Still(const std::string& learning, bool sampled)
      : training(alone(), config(learning, sampled)) {
    report = training.trainer.advance(true);
    gradient_sum = first_moments(training) / (1.0 - beta1);
  }

  static training::TrainerConfig config(const std::string& learning, bool sampled) {
    auto still = config_of(learning);
    if (sampled) still.algorithm.policy_update = still.algorithm.actions = "sampled";
    still.optimizer.beta1 = beta1;
    still.optimizer.learning_rate = still.optimizer.value_learning_rate = 1e-12;
    return still;
  }

  static constexpr double beta1 = 1.0 - 1e-6;
  SmallTraining training;
  training::Report report;
  torch::Tensor gradient_sum;
};

TEST_CASE("With weights that hardly move the gradients of an episode's steps add up to its own") {
  const bool sampled = GENERATE(false, true);
  const Still online("online", sampled), offline("offline", sampled);

  CHECK(offline.gradient_sum.abs().max().item<double>() > 1.0);
  CHECK(test::largest_difference(online.gradient_sum, offline.gradient_sum) <
        2e-5 * offline.gradient_sum.abs().max().item<double>());
}

TEST_CASE("With weights that hardly move an episode learned from online reports the same") {
  const Still online("online", false), offline("offline", false);

  CHECK(online.report.reward_mean == offline.report.reward_mean);
  CHECK(online.report.effective_sample_size == offline.report.effective_sample_size);
  CHECK(online.report.policy_loss == Approx(offline.report.policy_loss).epsilon(1e-5));
  CHECK(online.report.value_loss == Approx(offline.report.value_loss).epsilon(1e-5));
  CHECK(online.report.policy_norm == Approx(offline.report.policy_norm).epsilon(1e-5));
}

TEST_CASE("What is learned at a step changes the rest of its episode") {
  SmallTraining online(alone(), config_of("online")), offline(alone(), config_of("offline"));

  const auto ours = online.trainer.advance(true), theirs = offline.trainer.advance(true);

  CHECK(std::abs(ours.reward_mean - theirs.reward_mean) > 1e-3);
}

TEST_CASE(
    "An online run that was stopped and taken up again ends with the bits of one that was not") {
  SmallTraining whole(alone(), config_of("online"));
  whole.advance(5);

  SmallTraining before(alone(), config_of("online")), after(alone(), config_of("online"));
  before.advance(2);
  Checkpoint checkpoint;
  before.trainer.fill(checkpoint);
  after.trainer.load(checkpoint);
  after.advance(3);
  after.trainer.fill(checkpoint);

  CHECK(after.weights().equal(whole.weights()));
  CHECK(checkpoint.optimizer_steps == 5 * num_steps);
  CHECK(checkpoint.samples_seen == 500);
}

TEST_CASE("Online learning takes its time, too, apart") {
  SmallTraining training(alone(), config_of("online"));

  training.advance(2);

  const auto& time = training.trainer.time();
  CHECK(std::min({time.rollout, time.score, time.learn, time.reduce}) > 0.0);
}

}  // namespace
