// SPDX-License-Identifier: MIT
// Megabytes per second of what reads and writes files: tables that are imported, shard sets,
// checkpoints. Beside them `dd` on the same files in the same turns; and how much of the writing is
// fsync. "warm": the page cache of the system holds the files, "cold": it has forgotten them.
// The least of some turns counts. All files are in the directory for temporary files (TMPDIR).
#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "best_time.hpp"
#include "disk.hpp"
#include "problem.hpp"
#include "support/temporary_directory.hpp"

#include <tropism/base/memory.hpp>
#include <tropism/data/shard_set.hpp>
#include <tropism/data/shard_writer.hpp>
#include <tropism/io/csv.hpp>
#include <tropism/io/npy.hpp>
#include <tropism/training/checkpoint.hpp>

namespace {

namespace fs = std::filesystem;
using namespace tropism;
using benchmark::Stopwatch;
using test::TemporaryDirectory;

constexpr int rounds = 7;
constexpr std::int64_t dimension = 64, num_shards = 4;

using Paths = std::vector<std::string>;

enum class Cache { warm, cold };

double megabytes_of(const Paths& files) {
  double bytes = 0.0;
  for (const auto& file : files) bytes += static_cast<double>(fs::file_size(file));
  return 1e-6 * bytes;
}

nlohmann::ordered_json line_of(const std::string& action, double megabytes, double seconds,
                               double seconds_of_dd) {
  return {{"benchmark", "io"},
          {"action", action},
          {"threads", at::get_num_threads()},
          {"megabytes", megabytes},
          {"milliseconds", 1e3 * seconds},
          {"megabytes_per_second", megabytes / seconds},
          {"megabytes_per_second_of_dd", megabytes / seconds_of_dd},
          {"share_of_dd", seconds_of_dd / seconds}};
}

void prepare(const Paths& files, Cache cache) {
  for (const auto& file : files)
    cache == Cache::cold ? benchmark::forget(file) : (void)benchmark::dd_reads(file);
}

/// What any reader has to do that keeps what it read, and `dd` has not: take memory from the
/// system.
double seconds_of_fresh_memory(double megabytes) {
  Stopwatch watch;
  for (int round = 0; round < rounds; ++round)
    watch.time([&] { torch::empty({std::llround(1e6 * megabytes)}, torch::kUInt8).fill_(1); });
  return watch.least();
}

/// Something that reads these files.
nlohmann::ordered_json measure_reading(const std::string& action, const Paths& files, Cache cache,
                                       const std::function<void()>& read) {
  Stopwatch ours;
  double of_dd = std::numeric_limits<double>::infinity();
  for (int round = 0; round < rounds; ++round) {
    prepare(files, cache);
    ours.time(read);
    prepare(files, cache);
    double seconds = 0.0;
    for (const auto& file : files) seconds += benchmark::dd_reads(file);
    of_dd = std::min(of_dd, seconds);
  }
  auto line = line_of(action, megabytes_of(files), ours.least(), of_dd);
  line["megabytes_per_second_of_fresh_memory"] =
      megabytes_of(files) / seconds_of_fresh_memory(megabytes_of(files));
  line["page_cache"] = cache == Cache::warm ? "warm" : "cold";
  return line;
}

/// Something that writes these files; dd writes the same bytes to others, and fsyncs them as well.
nlohmann::ordered_json measure_writing(const std::string& action, const Paths& files,
                                       const std::function<void()>& write) {
  Stopwatch ours;
  double of_dd = std::numeric_limits<double>::infinity(), in_fsync = of_dd;
  for (int round = 0; round < rounds; ++round) {
    const double before = benchmark::seconds_in_fsync(), least = ours.least();
    ours.time(write);
    if (ours.least() < least) in_fsync = benchmark::seconds_in_fsync() - before;
    double seconds = 0.0;
    for (const auto& file : files) seconds += benchmark::dd_writes(file, files.front() + ".copy");
    fs::remove(files.front() + ".copy");
    of_dd = std::min(of_dd, seconds);
  }
  auto line = line_of(action, megabytes_of(files), ours.least(), of_dd);
  line["milliseconds_of_fsync"] = 1e3 * in_fsync;
  line["megabytes_per_second_without_fsync"] = megabytes_of(files) / (ours.least() - in_fsync);
  return line;
}

void print_readings(const std::string& action, const Paths& files,
                    const std::function<void()>& read) {
  for (const auto cache : {Cache::warm, Cache::cold})
    std::cout << measure_reading(action, files, cache, read) << std::endl;
}

torch::Tensor points(std::int64_t rows) {
  return base::RandomStream(1, base::Purpose::evaluation).normal(0, 0, rows, dimension);
}

void measure_tables(const TemporaryDirectory& directory) {
  const auto csv = directory / "table.csv", npy = directory / "table.npy";
  io::write_csv(csv, {{}, points(100000)});
  io::write_npy(npy, points(1000000));
  print_readings("read csv", {csv}, [&] { (void)io::read_csv(csv); });
  print_readings("read npy", {npy}, [&] { (void)io::read_npy(npy); });
}

/// 256 MB in four shards, as `tropism import` writes them.
void measure_shards(const TemporaryDirectory& directory) {
  const auto dataset = data::whole_dataset(points(1000000));
  data::ShardWriterConfig writer = {.directory = directory / "shards",
                                    .shards = num_shards,
                                    .overwrite = data::Overwrite::shard_sets};
  const auto write = [&] { data::write_shards(dataset, writer); };
  write();
  Paths files;
  for (const auto& entry : fs::directory_iterator(writer.directory))
    if (entry.path().extension() == ".h5") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::cout << measure_writing("write shards", files, write) << std::endl;
  const auto alone = comm::Communicator::alone();
  const data::DataConfig config = {.path = writer.directory};
  const data::ShardSet set(config, alone);
  print_readings("open shards and check their hashes", files,
                 [&] { (void)data::ShardSet(config, alone); });
  print_readings("read shards", files, [&] { (void)set.read({0, set.rows()}); });
  print_readings("read a rank's shard of four", {files.front()}, [&] {
    (void)set.read({0, set.rows() / num_shards});
  });
}

/// What a trainer saves of two networks of this width: they, their two moments, and the
/// average of the policy's.
training::Checkpoint checkpoint_of(int width) {
  auto problem = benchmark::digits();
  problem.policy.mlp.depth = 3;
  problem.policy.mlp.width = width;
  problem.config.value.network = "mlp";
  problem.config.value.mlp = problem.policy.mlp;
  training::Checkpoint checkpoint;
  checkpoint.data = training::summarise(comm::Communicator::alone(), problem.data, true);
  const control::ActorCritic networks(model_of(problem, checkpoint.data));
  for (const auto& parameter : networks.named_parameters()) {
    checkpoint.parameters.emplace_back(parameter.key(), parameter.value().detach());
    if (parameter.key().starts_with("policy."))
      checkpoint.policy_average.push_back(checkpoint.parameters.back());
  }
  checkpoint.first_moment = checkpoint.second_moment = checkpoint.parameters;
  return checkpoint;
}

std::int64_t size_of(const training::Checkpoint::Named& tensors) {
  std::int64_t size = 0;
  for (const auto& [name, tensor] : tensors) size += tensor.numel();
  return size;
}

void measure_checkpoint(const TemporaryDirectory& directory, int width) {
  const auto checkpoint = checkpoint_of(width);
  const auto path = directory / "checkpoint.h5";
  const auto write = [&] { training::save_checkpoint(path, checkpoint); };
  write();
  auto line = measure_writing("write checkpoint", {path}, write);
  line["parameters"] = size_of(checkpoint.parameters);
  std::cout << line << std::endl;
  print_readings("read checkpoint", {path}, [&] { (void)training::load_checkpoint(path); });
}

}  // namespace

int main() {
  base::keep_freed_memory();  // as the program does
  const torch::NoGradGuard no_grad;
  const TemporaryDirectory directory;
  measure_tables(directory);
  measure_shards(directory);
  for (const int width : {30, 450, 1520})  // about 1e4, 1e6 and 1e7 parameters
    measure_checkpoint(directory, width);
}
