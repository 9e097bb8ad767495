// SPDX-License-Identifier: MIT
// An observation over streamed rows beside one over the same rows in memory: pairs (query, row) per
// second, with read-ahead and without, and how fast the rows alone are read; with the files in the
// page cache of the system, and with a cache that has forgotten them (as for a set that is larger
// than it). All are measured in turns, and the least of each is taken.
#include <ATen/Parallel.h>
#include <torch/types.h>

#include <cmath>
#include <filesystem>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>

#include "best_time.hpp"
#include "disk.hpp"

#include <tropism/io/hdf5_file.hpp>
#include <tropism/score/streamed_signal.hpp>

namespace {

using namespace tropism;
using benchmark::Stopwatch;
using data::ReadAhead;

constexpr std::int64_t dimension = 64, num_rows = 1000000, num_shards = 4;
constexpr int rounds = 5;

const comm::Communicator& alone() {
  static const auto comm = comm::Communicator::alone();
  return comm;
}

torch::Tensor points(std::int64_t rows, std::int64_t set) {
  return base::RandomStream(1, base::Purpose::evaluation).normal(0, set, rows, dimension);
}

/// A set of 256 MB that goes away with this object.
class Shards {
 public:
  Shards() : path_(std::filesystem::temp_directory_path() / "tropism-benchmark-streaming") {
    std::filesystem::create_directories(path_);
    for (std::int64_t shard = 0; shard < num_shards; ++shard) {
      auto file = io::Hdf5File::create(path_ / (std::to_string(shard) + ".h5"));
      file.write("x", points(num_rows / num_shards, shard), io::Layout::contiguous);
    }
    data::DataConfig config;
    config.path = path_;
    set_ = std::make_shared<const data::ShardSet>(config, alone());
  }
  Shards(const Shards&) = delete;
  Shards& operator=(const Shards&) = delete;
  ~Shards() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] data::RowStream stream(double block_megabytes, ReadAhead read_ahead) const {
    return {set_, {0, num_rows}, data::rows_per_block(block_megabytes, dimension), read_ahead};
  }
  void forget() const {
    for (const auto& entry : std::filesystem::directory_iterator(path_))
      benchmark::forget(entry.path());
  }
  [[nodiscard]] torch::Tensor all() const { return set_->read({0, num_rows}).x; }

 private:
  std::filesystem::path path_;
  std::shared_ptr<const data::ShardSet> set_;
};

score::RatioSetting setting() {
  return {&alone(),
          std::make_shared<diffusion::OrnsteinUhlenbeck>(5.0, 1.0, std::sqrt(2.0)),
          nullptr,
          {},
          base::RandomStream(1, base::Purpose::evaluation)};
}

score::RatioSetting streamed(const data::RowStream& stream) {
  auto result = setting();
  const auto as_rows = [](const data::Dataset& data) { return score::DataRows{.x = data.x}; };
  result.streamed = std::make_shared<score::StreamedData>(
      alone(), score::Scope::local, std::make_shared<score::ShardRows>(stream, as_rows),
      torch::zeros({dimension}));
  return result;
}

score::RatioSetting in_memory(const torch::Tensor& x) {
  auto result = setting();
  result.data = std::make_shared<score::RatioData>(
      alone(), score::Scope::local, score::DataRows{.x = x}, torch::zeros({dimension}), 0);
  return result;
}

/// Observes so many queries.
std::function<void()> observation(const score::RatioSetting& setting, std::int64_t queries) {
  const auto signal = score::make_signal(std::make_shared<score::RatioSetting>(setting),
                                         torch::zeros({queries}, torch::kInt64));
  return [signal, y = points(queries, num_shards)] { (void)signal->observe(y, 0.5, {0, 0}); };
}

struct Times {
  Stopwatch in_memory, ahead, without, reading;
};

enum class Cache { warm, cold };

struct Problem {
  std::int64_t queries;
  double block_megabytes;
  Cache cache;
};

Times measure_in_turns(const Shards& shards, const torch::Tensor& x, const Problem& problem) {
  const auto stream = shards.stream(problem.block_megabytes, ReadAhead::none);
  const auto whole = observation(in_memory(x), problem.queries);
  const auto without = observation(streamed(stream), problem.queries);
  const auto ahead = observation(
      streamed(shards.stream(problem.block_megabytes, ReadAhead::one_block)), problem.queries);
  const auto prepare = [&] {
    if (problem.cache == Cache::cold) shards.forget();
  };
  Times times;
  for (int round = 0; round < rounds; ++round) {
    times.in_memory.time(whole);
    prepare();
    times.ahead.time(ahead);
    prepare();
    times.without.time(without);
    prepare();
    times.reading.time([&] { stream.each_block([](data::Dataset&&) {}); });
  }
  return times;
}

nlohmann::ordered_json measure(const Shards& shards, const torch::Tensor& x,
                               const Problem& problem) {
  const auto times = measure_in_turns(shards, x, problem);
  const double megabytes = static_cast<double>(num_rows * dimension) * 4e-6;
  const double million_pairs = static_cast<double>(problem.queries * num_rows) * 1e-6;
  const double ahead = times.ahead.least(), without = times.without.least(),
               reading = times.reading.least(), in_memory = times.in_memory.least();
  return {{"benchmark", "streaming"},
          {"dimension", dimension},
          {"rows", num_rows},
          {"megabytes", megabytes},
          {"queries", problem.queries},
          {"block_megabytes", problem.block_megabytes},
          {"page_cache", problem.cache == Cache::warm ? "warm" : "cold"},
          {"threads", at::get_num_threads()},
          {"million_pairs_per_second", million_pairs / ahead},
          {"million_pairs_per_second_without_read_ahead", million_pairs / without},
          {"million_pairs_per_second_in_memory", million_pairs / in_memory},
          {"times_in_memory", in_memory / ahead},
          {"times_in_memory_without_read_ahead", in_memory / without},
          {"times_without_read_ahead", without / ahead},
          {"megabytes_per_second_while_observing", megabytes / ahead},
          {"megabytes_per_second_of_reading_alone", megabytes / reading},
          {"share_of_reading_hidden", (without - ahead) / reading}};
}

}  // namespace

/// The block sizes given on the command line in megabytes, or some about the default.
int main(int num_arguments, char** arguments) {
  const torch::NoGradGuard no_grad;
  const Shards shards;
  std::vector<double> blocks;
  for (int i = 1; i < num_arguments; ++i) blocks.push_back(std::stod(arguments[i]));
  if (blocks.empty()) blocks = {16.0, 64.0};
  const auto x = shards.all();
  for (const std::int64_t queries : {32, 300})
    for (const auto cache : {Cache::warm, Cache::cold})
      for (const double megabytes : blocks)
        std::cout << measure(shards, x, {queries, megabytes, cache}) << std::endl;
}
