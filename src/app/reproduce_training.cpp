// SPDX-License-Identifier: MIT
#include "reproduce_training.hpp"

#include <filesystem>
#include <iostream>

#include <tropism/base/error.hpp>
#include <tropism/comm/agreement.hpp>
#include <tropism/data/manifest.hpp>
#include <tropism/data/shard_set.hpp>
#include <tropism/data/shard_writer.hpp>
#include <tropism/io/run_directory.hpp>

#include "drawing.hpp"
#include "training_run.hpp"

namespace tropism::app {
namespace {

namespace fs = std::filesystem;

/// Whether the run directory holds a run of another config: its numbers would be another run's.
/// Where things lie does not count, for a directory may be named in several ways.
bool holds_another_run(const Config& config) {
  const auto path = (fs::path(config.run.directory) / "config.toml").string();
  if (!fs::exists(path)) return false;
  auto found = read_config(path);
  found.run.directory = config.run.directory;
  found.data.path = config.data.path;
  found.algorithm.pretrained = config.algorithm.pretrained;
  return to_toml(found) != to_toml(config);
}

template <typename T>
bool are_equal(const std::optional<T>& first, const std::optional<T>& second) {
  return first.has_value() == second.has_value() && (!first || first->equal(*second));
}

bool are_equal(const data::Dataset& first, const data::Dataset& second) {
  return first.shape == second.shape && first.x.equal(second.x) &&
         are_equal(first.label, second.label) && are_equal(first.context, second.context) &&
         are_equal(first.reward, second.reward);
}

bool holds(const std::string& directory, const data::Dataset& data) try {
  return fs::exists(data::manifest_path(directory)) &&
         are_equal(data::load({.path = directory}, comm::Communicator::alone()), data);
} catch (const base::IoError&) {
  return false;  // damaged
}

Start start_of(const Config& config, const comm::Communicator& comm) {
  const bool other = comm::together(comm, [&] { return holds_another_run(config); });
  comm.barrier();  // before a rank writes the new config
  return other ? Start::over : Start::resume;
}

}  // namespace

std::string data_directory(const ReproduceSetting& setting) {
  return (fs::path(setting.directory) / "data").string();
}

void write_training_data(const ReproduceSetting& setting, const data::Dataset& data,
                         const comm::Communicator& comm) {
  comm::together(comm, [&] {
    const auto directory = data_directory(setting);
    if (comm.is_root() && !holds(directory, data))
      data::write_shards(data, {.directory = directory, .overwrite = data::Overwrite::shard_sets});
  });
}

std::string run_directory(const ReproduceSetting& setting, const std::string& name) {
  const std::string kind = setting.effort == Effort::quick ? "quick-" : "";
  return (fs::path(setting.directory) / (kind + name)).string();
}

std::string last_checkpoint(const Config& config) {
  return config.run.directory + "/checkpoints/latest.h5";
}

bool train_for(const ReproduceSetting& setting, const Config& config,
               const comm::Communicator& comm) {
  if (setting.progress != ProgressMode::none && comm.is_root())
    std::cerr << "tropism: " << fs::path(config.run.directory).filename().string() << " in "
              << config.run.directory << "\n";
  const auto start = start_of(config, comm);
  TrainingRun training(config, comm);
  training.open(start);
  return training.go(setting.progress) == base::ExitStatus::done;
}

std::optional<sampling::SampleSet> train_and_draw(const ReproduceSetting& setting,
                                                  const Config& config, std::int64_t samples,
                                                  const std::vector<std::string>& conditions,
                                                  const comm::Communicator& comm) {
  if (!train_for(setting, config, comm)) return std::nullopt;
  DrawOptions options;
  options.checkpoint = last_checkpoint(config);
  options.samples = samples;
  options.conditions = conditions;
  return draw_from_checkpoint(options, comm, ProgressMode::none);
}

}  // namespace tropism::app
