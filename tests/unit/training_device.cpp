// SPDX-License-Identifier: MIT
// Training whose networks and score estimates a device computes: the host's numbers to round-off.
#include <tropism/training/trainer.hpp>

#include "support/alone.hpp"
#include "support/catch.hpp"
#include "support/simulated_device.hpp"
#include "support/small_training.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;
using test::SmallTraining;

TEST_CASE("Episodes on a device change the weights as episodes on the host do", "[device]") {
  auto config = test::small_training_config();
  config.algorithm.policy_update = GENERATE("sampled", "expected");
  config.algorithm.updates = GENERATE(1, 2);
  SmallTraining here(test::alone(), config);
  SmallTraining there(test::alone(), config, score::Scope::local, 6, test::device());
  const auto before = here.weights();
  CHECK(there.weights().equal(before));

  here.advance(3);
  there.advance(3);

  const auto moved = test::largest_difference(here.weights(), before);
  CHECK(test::largest_difference(there.weights(), here.weights()) < 1e-3 * moved);
  CHECK(there.weights().is_cpu());
}

}  // namespace
