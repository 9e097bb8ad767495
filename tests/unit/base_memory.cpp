// SPDX-License-Identifier: MIT
#include <torch/types.h>

#include <cstdint>
#include <thread>
#include <vector>

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

// The main of the tests calls keep_freed_memory().
TEST_CASE("Tensors of every size lie where vectors can be loaded, and share no memory") {
  std::vector<torch::Tensor> tensors;
  for (std::int64_t bytes = 0; bytes < 300; ++bytes)
    tensors.push_back(torch::full({bytes}, bytes % 251, torch::kUInt8));
  for (const std::int64_t bytes : {65472, 65535, 65536, 65537, 1000000})
    tensors.push_back(torch::full({bytes}, bytes % 251, torch::kUInt8));

  for (const auto& t : tensors) {
    CHECK(reinterpret_cast<std::uintptr_t>(t.data_ptr()) % 64 == 0);
    CHECK(t.eq(t.numel() % 251).all().item<bool>());
  }
}

#ifndef __SANITIZE_ADDRESS__  // which is to see each tensor freed
TEST_CASE("The memory of a freed small tensor is the next one's of its size") {
  const void* before = torch::empty({600}).data_ptr();

  const auto next = torch::empty({600});

  CHECK(next.data_ptr() == before);
}
#endif

TEST_CASE("A tensor may be freed on another thread than the one that made it") {
  auto made_here = torch::ones({100});
  torch::Tensor made_there;

  std::thread([&] {
    made_here = torch::Tensor();
    made_there = torch::ones({100});
  }).join();

  CHECK(made_there.sum().item<float>() == 100.0F);
  made_there = torch::Tensor();
  CHECK(torch::ones({100}).sum().item<float>() == 100.0F);
}

}  // namespace tropism::base
