// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include <tropism/base/error.hpp>
#include <tropism/comm/communicator.hpp>
#include <tropism/io/json_lines.hpp>
#include <tropism/io/run_directory.hpp>
#include <tropism/training/trainer.hpp>

#include "config.hpp"
#include "experiment.hpp"
#include "kernel_report.hpp"
#include "progress.hpp"

namespace tropism::app {

enum class Start { resume, over };

/// One run of `tropism train`: the trainer, its run directory, its reports. All members are
/// collective.
class TrainingRun {
 public:
  /// Loads the data, or opens what they are streamed from, and builds the model. @param comm   must
  /// outlive the run
  TrainingRun(const Config& config, const comm::Communicator& comm);

  /// Tells on the standard error of rank 0 what about the config may surprise. Not collective.
  void warn() const;
  /// Opens the run directory: writes the effective config, and takes up the newest checkpoint or
  /// starts over.
  void open(Start start);
  /// Lets one more file end the run early, besides `stop` in the run directory. Not collective.
  /// @param file   may be there already; "" = none
  void stop_at(std::string file) { stop_file_ = std::move(file); }
  /// Trains to the last episode; reports, checkpoints. A stop signal to any rank, or a stop file,
  /// ends it early after a checkpoint, but not before one episode.
  /// @return   done or stopped
  base::ExitStatus go(ProgressMode progress);
  /// What has been reached, as a JSON object on the standard output of rank 0. Not collective.
  void print_result() const;

  /// For those who measure: episodes without run directory, reports and checkpoints.
  [[nodiscard]] training::Trainer& trainer() { return trainer_; }
  [[nodiscard]] const training::DataSummary& summary() const { return summary_; }
  [[nodiscard]] const Model& model() const { return model_; }
  [[nodiscard]] const std::optional<KernelReport>& kernel() const { return kernel_; }
  [[nodiscard]] const TrainingData& data() const { return data_; }

 private:
  void resume();
  void report(training::Report report);
  void save();
  [[nodiscard]] bool stop_requested() const;
  [[nodiscard]] bool due(int every) const;
  [[nodiscard]] double seconds() const;

  Config config_;
  const comm::Communicator& comm_;
  torch::Device device_;
  TrainingData data_;
  training::DataSummary summary_;
  Model model_;
  std::optional<KernelReport> kernel_;
  training::Trainer trainer_;
  std::optional<io::RunDirectory> directory_;  // the rest on rank 0 only
  std::optional<io::JsonLines> metrics_;
  std::string stop_file_;
  double seconds_before_ = 0.0;  // of earlier starts
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double last_report_seconds_ = 0.0;
  std::int64_t last_report_episode_ = 0;
  std::int64_t last_saved_ = -1;
  training::Report latest_;
};

}  // namespace tropism::app
