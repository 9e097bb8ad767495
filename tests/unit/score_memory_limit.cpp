// SPDX-License-Identifier: MIT
// A data set ten times as large as the memory that the process allows itself. The only case of its
// program, for the limit stays.
#include <malloc.h>
#include <sys/resource.h>

#include <fstream>
#include <new>

#include <tropism/io/hdf5_file.hpp>
#include <tropism/score/streamed_signal.hpp>

#include "support/catch.hpp"
#include "support/shards.hpp"
#include "support/temporary_directory.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;

constexpr std::int64_t limit_bytes = 24'000'000;  // beyond what the process holds already
constexpr std::int64_t dimension = 64, shard_rows = limit_bytes / (4 * dimension), num_shards = 10;
constexpr double block_megabytes = 2.0;
constexpr std::int64_t num_queries = 24;

const auto& alone() {
  static const auto comm = comm::Communicator::alone();
  return comm;
}

/// Writable memory of this process, which RLIMIT_DATA counts, in bytes.
std::int64_t data_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == "VmData:") {
      std::int64_t kilobytes = 0;
      status >> kilobytes;
      return kilobytes * 1024;
    }
  return 0;
}

void allow_more_memory(std::int64_t bytes) {
  rlimit limit = {};
  getrlimit(RLIMIT_DATA, &limit);
  limit.rlim_cur = static_cast<rlim_t>(data_memory() + bytes);
  REQUIRE(setrlimit(RLIMIT_DATA, &limit) == 0);
}

/// Contiguous, as our own shards are.
void write_shards(const test::TemporaryDirectory& directory) {
  for (std::int64_t shard = 0; shard < num_shards; ++shard) {
    auto file = io::Hdf5File::create(directory / (std::to_string(shard) + ".h5"));
    file.write("x", test::normal_points(shard_rows, dimension, shard), io::Layout::contiguous);
  }
}

score::DataRows as_rows(const data::Dataset& data) {
  return {.x = data.x, .log_weights = data.x.sum(1) * 0.3};
}

score::RatioSetting setting() {
  return {
      &alone(), test::toy_process(), nullptr, {}, base::RandomStream(1, base::Purpose::evaluation)};
}

std::vector<score::Observation> observe(const score::RatioSetting& setting) {
  const auto signal = score::make_signal(std::make_shared<score::RatioSetting>(setting),
                                         torch::zeros({num_queries}, torch::kInt64));
  std::vector<score::Observation> seen;
  for (const double time : {0.1, 0.7, 3.0})
    seen.push_back(signal->observe(test::normal_points(num_queries, dimension, 100), time, {0, 0}));
  return seen;
}

std::vector<score::Observation> observe_in_memory(const data::ShardSet& shards) {
  auto whole = setting();
  whole.data = std::make_shared<score::RatioData>(alone(), score::Scope::local,
                                                  as_rows(shards.read({0, shards.rows()})),
                                                  torch::zeros({dimension}), 0);
  return observe(whole);
}

std::vector<score::Observation> observe_streamed(std::shared_ptr<const data::ShardSet> shards) {
  const comm::RowRange all = {0, shards->rows()};
  const data::RowStream stream(std::move(shards), all,
                               data::rows_per_block(block_megabytes, dimension));
  auto streamed = setting();
  streamed.streamed = std::make_shared<score::StreamedData>(
      alone(), score::Scope::local, std::make_shared<score::ShardRows>(stream, as_rows),
      torch::zeros({dimension}));
  return observe(streamed);
}

/// Whether loading all rows ends for want of memory. LibTorch says so by an exception of its own.
bool whole_set_does_not_fit(const data::ShardSet& shards) {
  try {
    static_cast<void>(shards.read({0, shards.rows()}));
  } catch (const c10::Error& error) {
    return std::string(error.what()).find("memory") != std::string::npos;
  } catch (const std::bad_alloc&) {
    return true;
  }
  return false;
}

TEST_CASE("A data set ten times the memory limit is streamed, and gives the estimate in memory") {
  // Every larger piece of memory goes back to the system when it is freed: the limit then counts
  // what is in use.
  mallopt(M_MMAP_THRESHOLD, 1 << 18);
  const test::TemporaryDirectory directory;
  write_shards(directory);
  const auto shards =
      std::make_shared<data::ShardSet>(test::open_alone(test::data_at(directory.path())));
  const auto expected = observe_in_memory(*shards);

  allow_more_memory(limit_bytes);
  const bool limit_bites = whole_set_does_not_fit(*shards);
  const auto seen = observe_streamed(shards);

  CHECK(shards->rows() * dimension * 4 == 10 * limit_bytes);
  CHECK(limit_bites);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    CHECK(torch::allclose(seen[i].score, expected[i].score, 1e-4, 1e-4));
    CHECK(torch::allclose(seen[i].tilt_gradient, expected[i].tilt_gradient, 1e-4, 1e-4));
    CHECK(torch::allclose(seen[i].log_tilt, expected[i].log_tilt, 1e-4, 1e-4));
    CHECK(torch::allclose(seen[i].effective_sample_size, expected[i].effective_sample_size, 1e-3));
  }
}

}  // namespace
