// SPDX-License-Identifier: MIT
#include "training_run.hpp"

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include <tropism/base/error.hpp>
#include <tropism/base/memory.hpp>
#include <tropism/comm/agreement.hpp>
#include <tropism/comm/collectives.hpp>
#include <tropism/io/atomic_file.hpp>

#include "blas_library.hpp"
#include "device.hpp"
#include "job_record.hpp"
#include "pretrained.hpp"
#include "stop_request.hpp"
#include "versions.hpp"

namespace tropism::app {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

training::TrainerConfig trainer_config(const Config& config) {
  return {config.run, config.optimizer, config.average, config.value, config.algorithm};
}

/// Removes what an earlier run left in its directory.
void clear(const io::RunDirectory& directory) {
  std::filesystem::remove(directory.latest_path());
  for (const auto& path : directory.checkpoints()) std::filesystem::remove(path);
  std::filesystem::remove(directory.metrics_path());
}

/// With local scope over sharded rows the result depends on the number of ranks: said once.
void warn_about_scope(const Config& config, int ranks) {
  if (config.data.placement == "replicated" || config.score.scope != "local" || ranks == 1) return;
  std::cerr << "tropism: each of the " << ranks
            << " ranks estimates scores from its own share of the rows ([score] "
            << "scope = \"local\", [data] placement = \"" << config.data.placement
            << "\"), so results depend on the number of ranks; scope = "
            << "\"global\" is exact.\n";
}

void warn_about_kernel(const Config& config, const KernelReport& report) {
  const auto warning = warning_about_kernel(config, report);
  if (!warning.empty()) std::cerr << "tropism: " << warning << '\n';
}

/// What the numbers of a checkpoint depend on besides its config.
std::vector<std::pair<std::string, std::string>> provenance(int ranks) {
  std::vector<std::pair<std::string, std::string>> entries = {{"ranks", std::to_string(ranks)}};
  for (const auto& [name, version] : versions()) entries.emplace_back(name, version);
  entries.emplace_back("BLAS kernels", loaded_blas().core);
  return entries;
}

}  // namespace

TrainingRun::TrainingRun(const Config& config, const comm::Communicator& comm)
    : config_(config),
      comm_(comm),
      device_(take_device(config.run.device, comm)),
      data_(load_data(config, comm)),
      summary_(summarise(config, comm, data_)),
      model_(make_model(config, summary_, device_)),
      kernel_(report_on_kernel(config, comm, model_, data_)),
      trainer_(comm, trainer_config(config), make_environment(config, model_), model_.networks,
               make_family(config, comm, model_, data_),
               load_pretrained(config, comm, summary_, device_)) {}

void TrainingRun::warn() const {
  if (!comm_.is_root()) return;
  warn_about_scope(config_, comm_.size());
  if (kernel_) warn_about_kernel(config_, *kernel_);
}

void TrainingRun::open(Start start) {
  comm::together(comm_, [&] {
    if (!comm_.is_root()) return;
    directory_ = io::RunDirectory::create(config_.run.directory);
    if (start == Start::over) clear(*directory_);
    std::filesystem::remove(directory_->stop_path());  // it was meant for an earlier start
  });
  resume();
  base::give_back_freed_memory();
  comm::together(comm_, [&] {
    if (!comm_.is_root()) return;
    io::write_text_atomically(directory_->config_path(), to_toml(config_));
    record_job(config_.run.directory);
    io::keep_lines_up_to_step(directory_->metrics_path(), trainer_.episodes_done());
    metrics_.emplace(directory_->metrics_path());
  });
}

void TrainingRun::resume() {
  training::Checkpoint checkpoint;
  auto found = torch::zeros({1}, torch::kInt64);
  comm::together(comm_, [&] {
    if (!comm_.is_root()) return;
    std::vector<std::string> refused;
    found[0] = static_cast<std::int64_t>(training::load_newest(*directory_, checkpoint, refused));
    for (const auto& reason : refused)
      std::cerr << "tropism: passed over a checkpoint. " << reason << '\n';
  });
  comm::broadcast(comm_, found);
  if (found.item<std::int64_t>() == 0) return;
  comm::together(comm_, [&] {
    if (comm_.is_root()) trainer_.load(checkpoint);
  });
  trainer_.spread();
  seconds_before_ = checkpoint.wall_seconds;
  last_saved_ = last_report_episode_ = trainer_.episodes_done();
  if (comm_.is_root())
    std::cerr << "tropism: goes on after episode " << trainer_.episodes_done() << " of "
              << config_.run.episodes << ".\n";
}

double TrainingRun::seconds() const {
  return seconds_before_ + seconds_since(start_);
}

bool TrainingRun::due(int every) const {
  const auto done = trainer_.episodes_done();
  return (every > 0 && done % every == 0) || done == config_.run.episodes;
}

base::ExitStatus TrainingRun::go(ProgressMode mode) {
  watch_for_stop_signals();
  start_ = Clock::now();
  last_report_seconds_ = seconds_before_;
  Progress progress(mode, config_.run.episodes, "episodes", trainer_.episodes_done());
  bool stopped = false;
  while (trainer_.episodes_done() < config_.run.episodes && !stopped) {
    const auto next = trainer_.episodes_done() + 1;
    const bool wanted = next % config_.run.report_every == 0 || next == config_.run.episodes;
    const auto numbers = trainer_.advance(wanted);
    if (wanted) report(numbers);
    if (due(config_.run.check_every)) trainer_.check_same_weights();
    if (due(config_.checkpoint.every)) save();
    progress.update(trainer_.episodes_done(),
                    {{"loss", latest_.policy_loss}, {"reward", latest_.reward_mean}});
    stopped = trainer_.episodes_done() < config_.run.episodes && stop_requested();
  }
  progress.finish();
  if (last_saved_ != trainer_.episodes_done()) save();
  return stopped ? base::ExitStatus::stopped : base::ExitStatus::done;
}

bool TrainingRun::stop_requested() const {
  const bool file = comm_.is_root() && (std::filesystem::exists(directory_->stop_path()) ||
                                        std::filesystem::exists(stop_file_));
  return !comm::all_agree(comm_, !file && !stop_signal_came());
}

void TrainingRun::print_result() const {
  if (!comm_.is_root()) return;
  // A run that was finished before has no latest episode to tell of.
  auto result = latest_.step > 0 ? training::to_json(latest_) : nlohmann::json::object();
  result["step"] = result["episodes"] = trainer_.episodes_done();
  result["seconds"] = seconds();
  result["checkpoint"] = directory_->latest_path();
  std::cout << result.dump() << std::endl;
}

void TrainingRun::report(training::Report report) {
  if (!comm_.is_root()) return;
  report.seconds = seconds();
  report.time = trainer_.time();
  trainer_.time() = {};
  const double span = report.seconds - last_report_seconds_;
  report.episodes_per_second = static_cast<double>(report.step - last_report_episode_) / span;
  last_report_seconds_ = report.seconds;
  last_report_episode_ = report.step;
  latest_ = report;
  metrics_->append(training::to_json(report));
}

void TrainingRun::save() {
  last_saved_ = trainer_.episodes_done();
  comm::together(comm_, [&] {
    if (!comm_.is_root()) return;
    const auto start = Clock::now();
    training::Checkpoint checkpoint;
    trainer_.fill(checkpoint);
    checkpoint.seed = config_.run.seed;
    checkpoint.wall_seconds = seconds();
    checkpoint.config = to_toml(config_);
    checkpoint.data = summary_;
    checkpoint.provenance = provenance(comm_.size());
    training::save_checkpoint(directory_->checkpoint_path(checkpoint.step), checkpoint);
    directory_->link_latest(checkpoint.step);
    directory_->prune(config_.checkpoint.keep);
    trainer_.time().io += seconds_since(start);
  });
}

}  // namespace tropism::app
