// SPDX-License-Identifier: MIT
// A few episodes of a tiny problem over ranks, against the same on one rank.
#include <limits>

#include <tropism/training/trainer.hpp>

#include <tropism/base/error.hpp>
#include <tropism/comm/collectives.hpp>

#include "support/alone.hpp"
#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/small_training.hpp"
#include "support/tensors.hpp"
#include "support/world.hpp"

namespace {

using namespace tropism;
using score::Scope;
using test::alone;
using test::SmallTraining;
using test::world;

/// Learns after every time step, or after the episode.
training::TrainerConfig config_of(const std::string& learning) {
  auto config = test::small_training_config();
  config.algorithm.learning = learning;
  if (learning == "online") config.value.target = "temporal-difference";
  return config;
}

std::string complaint(const SmallTraining& training) {
  return test::message_of<base::NumericalError>([&] {
    training.trainer.check_same_weights();
    return 0;
  });
}

TEST_CASE("After a few episodes all ranks hold the same weights, near those of one rank") {
  auto config = config_of(GENERATE("offline", "online"));
  config.run.aggregate = GENERATE("root", "all");
  config.run.batch = GENERATE(3, 20);  // with 3, the last of 4 ranks has no trajectory
  const auto scope = GENERATE(Scope::local, Scope::global);
  SmallTraining training(world(), config, scope);
  SmallTraining on_one(alone(), config);

  training.advance(3);
  on_one.advance(3);

  CHECK(comm::same_on_all_ranks(world(), training.weights()));
  CHECK(complaint(training) == "nothing was thrown");
  CHECK(test::largest_difference(training.weights(), on_one.weights()) < 1e-3);
}

TEST_CASE("A reproducible run has the weights and the report of one rank, bit for bit") {
  auto config = config_of(GENERATE("offline", "online"));
  config.run.aggregate = GENERATE("root", "all");
  config.run.reproducible = true;  // 100 trajectories are three micro-batches
  const auto scope = GENERATE(Scope::local, Scope::global);
  SmallTraining training(world(), config, scope);
  SmallTraining on_one(alone(), config, Scope::local);

  training.advance(2);
  on_one.advance(2);
  const auto report = training.trainer.advance(true);
  const auto expected = on_one.trainer.advance(true);

  CHECK(training.weights().equal(on_one.weights()));
  if (!world().is_root()) return;
  CHECK(report.reward_mean == expected.reward_mean);
  CHECK(report.policy_loss == expected.policy_loss);
  CHECK(report.value_loss == expected.value_loss);
  CHECK(report.gradient_norm == expected.gradient_norm);
  CHECK(report.effective_sample_size == expected.effective_sample_size);
}

TEST_CASE("Weights altered on one rank are an error on all ranks, until they are spread anew") {
  const int whose = GENERATE(0, 1, 2, 3);
  SmallTraining training(world(), test::small_training_config());
  training.advance(1);
  const bool alters = world().rank() == whose % world().size();

  if (alters) training.networks->parameters().back().data().view(-1)[0] += 1e-3;
  const auto altered = complaint(training);
  training.trainer.spread();
  const auto spread = complaint(training);

  if (world().size() > 1) CHECK(test::contains(altered, "no longer hold the same weights"));
  if (world().size() == 1) CHECK(altered == "nothing was thrown");
  CHECK(spread == "nothing was thrown");
}

TEST_CASE("A gradient that is not finite ends the training on all ranks, whosever it is") {
  auto config = config_of(GENERATE("offline", "online"));
  config.run.aggregate = GENERATE("root", "all");
  const int whose = GENERATE(0, 1, 2, 3) % world().size();
  SmallTraining training(world(), config);
  auto of_value = training.networks->parameters().back().data();  // no state depends on it
  if (world().rank() == whose) of_value.fill_(std::numeric_limits<float>::quiet_NaN());

  const auto message = test::message_of<training::Diverged>([&] {
    training.advance(1);
    return 0;
  });

  CHECK(test::contains(message, "not finite"));
}

TEST_CASE("A state that is not finite ends the training on all ranks, whosever it is") {
  auto config = config_of(GENERATE("offline", "online"));
  if (config.algorithm.learning == "offline")
    config.algorithm.name = GENERATE("q-learning", "ddpo");
  config.run.aggregate = GENERATE("root", "all");
  config.run.reproducible = GENERATE(false, true);
  config.run.batch = 4 * training::reproducible_micro_batch;  // no rank is without trajectories
  const int whose = GENERATE(0, 1, 2, 3) % world().size();
  SmallTraining training(world(), config);
  auto of_policy = training.networks->parameters().front().data();
  if (world().rank() == whose) of_policy.fill_(std::numeric_limits<float>::quiet_NaN());

  const auto message = test::message_of<training::Diverged>([&] {
    training.advance(1);
    return 0;
  });

  CHECK(test::contains(message, "not finite"));
  CHECK(test::contains(message, "Episode 0: The state of trajectory") == (world().rank() == whose));
}

TEST_CASE("Weights that a step of rank 0 makes infinite end the training on all ranks") {
  auto config = config_of("offline");
  config.optimizer.learning_rate = config.optimizer.value_learning_rate =
      std::numeric_limits<double>::infinity();  // as any beyond float32
  SmallTraining training(world(), config);

  const auto message = test::message_of<training::Diverged>([&] {
    training.advance(1);
    return 0;
  });

  CHECK(test::contains(message, "not finite"));
}

TEST_CASE("What only rank 0 loaded goes on with the same bits on all ranks") {
  auto config = test::small_training_config();
  config.run.reproducible = true;
  SmallTraining before(alone(), config);
  before.advance(2);
  training::Checkpoint checkpoint;
  before.trainer.fill(checkpoint);
  SmallTraining after(world(), config);

  if (world().is_root()) after.trainer.load(checkpoint);
  after.trainer.spread();
  after.advance(1);
  before.advance(1);

  CHECK(after.trainer.episodes_done() == 3);
  CHECK(after.weights().equal(before.weights()));
}

}  // namespace
