// SPDX-License-Identifier: MIT
// Ranks whose devices compute: gradients and weights still travel through the host.
#include <tropism/comm/collectives.hpp>

#include "support/alone.hpp"
#include "support/catch.hpp"
#include "support/simulated_device.hpp"
#include "support/small_training.hpp"
#include "support/tensors.hpp"
#include "support/world.hpp"

namespace {

using namespace tropism;
using score::Scope;
using test::SmallTraining;

TEST_CASE("With a device each, all ranks hold the same weights, near those of one without",
          "[device]") {
  auto config = test::small_training_config();
  config.run.aggregate = GENERATE("root", "all");
  config.run.batch = 20;
  const auto scope = GENERATE(Scope::local, Scope::global);
  SmallTraining training(test::world(), config, scope, 6, test::device());
  SmallTraining on_host(test::alone(), config);

  training.advance(3);
  on_host.advance(3);

  CHECK(comm::same_on_all_ranks(test::world(), training.weights()));
  CHECK(test::largest_difference(training.weights(), on_host.weights()) < 1e-3);
}

}  // namespace
