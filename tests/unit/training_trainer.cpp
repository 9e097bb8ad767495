// SPDX-License-Identifier: MIT
// The trainer on one rank: taking up a checkpoint, the averaged weights, and what it reports.
#include <tropism/training/trainer.hpp>

#include <algorithm>
#include <limits>

#include <tropism/base/error.hpp>

#include "support/alone.hpp"
#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/small_training.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;
using test::alone;
using test::SmallTraining;
using training::Checkpoint;

/// What a file would hold: tensors that do not follow the trainer any more.
Checkpoint snapshot(const SmallTraining& of) {
  Checkpoint checkpoint;
  of.trainer.fill(checkpoint);
  for (auto* tensors : {&checkpoint.parameters, &checkpoint.policy_average,
                        &checkpoint.first_moment, &checkpoint.second_moment})
    for (auto& entry : *tensors) entry.second = entry.second.clone();
  return checkpoint;
}

torch::Tensor averages_of(const SmallTraining& of) {
  std::vector<torch::Tensor> flat;
  for (const auto& entry : snapshot(of).policy_average) flat.push_back(entry.second.reshape(-1));
  return torch::cat(flat);
}

TEST_CASE("A run that was stopped and taken up again ends with the bits of one that was not") {
  auto config = test::small_training_config();
  config.algorithm.updates = GENERATE(1, 2);
  SmallTraining whole(alone(), config);
  whole.advance(5);

  SmallTraining before(alone(), config);
  before.advance(2);
  SmallTraining after(alone(), config);
  after.trainer.load(snapshot(before));
  after.trainer.spread();
  after.advance(3);

  CHECK(after.trainer.episodes_done() == 5);
  CHECK(after.weights().equal(whole.weights()));
  CHECK(averages_of(after).equal(averages_of(whole)));
  CHECK(snapshot(after).optimizer_steps == 5 * config.algorithm.updates);
  CHECK(snapshot(after).samples_seen == 500);
}

TEST_CASE("Training moves the weights of both networks") {
  SmallTraining training(alone(), test::small_training_config());
  const auto before = training.weights();
  const auto policy_size = training.networks->policy_size();

  training.advance(2);

  const auto moved = (training.weights() - before).abs();
  CHECK(moved.narrow(0, 0, policy_size).max().item<double>() > 1e-3);
  CHECK(moved.narrow(0, policy_size, moved.size(0) - policy_size).max().item<double>() > 1e-3);
}

TEST_CASE("A checkpoint of other networks is refused") {
  SmallTraining small(alone(), test::small_training_config());
  SmallTraining wide(alone(), test::small_training_config(), score::Scope::local, 9);

  const auto message = test::message_of<base::IoError>([&] {
    wide.trainer.load(snapshot(small));
    return 0;
  });

  CHECK(test::contains(message, "The checkpoint of episode 0 holds policy."));
  CHECK(test::contains(message, "[6, 2]"));
  CHECK(test::contains(message, "[9, 2]"));
}

TEST_CASE("The average follows the weights by min(decay, (1 + n)/(10 + n)) after n episodes") {
  auto config = test::small_training_config();
  config.average.decay = GENERATE(0.0, 0.15, 0.999);
  SmallTraining training(alone(), config);
  const auto policy_size = training.networks->policy_size();
  auto expected = training.weights().narrow(0, 0, policy_size).to(torch::kFloat64);

  for (int n = 0; n < 4; ++n) {
    training.advance(1);
    const double decay = std::min(config.average.decay, (1.0 + n) / (10.0 + n));
    expected = decay * expected + (1.0 - decay) * training.weights().narrow(0, 0, policy_size);
  }

  CHECK(test::largest_difference(averages_of(training), expected) < 1e-6);
}

TEST_CASE("Using the average replaces the policy's weights and leaves those of the value") {
  SmallTraining training(alone(), test::small_training_config());
  training.advance(3);
  const auto before = training.weights();
  const auto averages = averages_of(training);
  const auto policy_size = training.networks->policy_size();
  const auto value_size = before.size(0) - policy_size;

  training.trainer.use_average();

  const auto after = training.weights();
  CHECK(after.narrow(0, 0, policy_size).equal(averages));
  CHECK_FALSE(averages.equal(before.narrow(0, 0, policy_size)));
  CHECK(after.narrow(0, policy_size, value_size).equal(before.narrow(0, policy_size, value_size)));
}

TEST_CASE("A wanted report tells of the episode, and its time is split") {
  SmallTraining training(alone(), test::small_training_config());
  training.advance(2);

  const auto report = training.trainer.advance(true);

  const auto& time = training.trainer.time();
  CHECK(report.step == 3);
  CHECK(report.samples_seen == 300);
  CHECK(report.learning_rate == Approx(1e-2 * 0.75));  // (1 + cos(pi 2/6))/2
  CHECK(report.reward_mean < 0.0);
  CHECK(report.reward_standard_error > 0.0);
  CHECK(report.policy_loss > 0.0);
  CHECK(report.gradient_norm > 0.0);
  CHECK(report.effective_sample_size > 1.0);
  CHECK(report.effective_sample_size < test::small_training_rows);
  CHECK(std::min({time.rollout, time.score, time.learn, time.reduce}) > 0.0);
}

TEST_CASE("Weights that are not finite end the training with a numerical error") {
  auto config = test::small_training_config();
  config.run.reproducible = GENERATE(false, true);
  SmallTraining training(alone(), config);
  training.networks->parameters().front().data()[0][0] = std::numeric_limits<float>::quiet_NaN();

  CHECK_THROWS_AS(training.advance(1), base::NumericalError);
}

}  // namespace
