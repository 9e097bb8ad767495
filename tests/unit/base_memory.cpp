// SPDX-License-Identifier: MIT
#include <torch/types.h>

#include <tropism/base/memory.hpp>

#include "support/catch.hpp"

namespace tropism::base {

TEST_CASE("The peak of resident memory holds what was written and let go") {
  constexpr std::int64_t bytes = 200'000'000;
  constexpr std::int64_t uncounted = 1 << 20;  // the kernel adds up pages in batches, per core
  const auto before = resident_memory();

  torch::ones({bytes}, torch::kUInt8);

  const auto after = resident_memory();
  CHECK(before.now > 0);
  CHECK(before.peak >= before.now);
  CHECK(after.peak >= before.now + bytes - uncounted);
  CHECK(after.peak >= after.now);
}

#ifdef __linux__
TEST_CASE("Available memory is known where the system tells it") {
  CHECK(available_memory() > 0);
}
#endif

}  // namespace tropism::base
