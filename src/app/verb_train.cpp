// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <iostream>

#include <tropism/base/error.hpp>
#include <tropism/base/memory.hpp>
#include <tropism/comm/agreement.hpp>

#include "command_line.hpp"
#include "config_options.hpp"
#include "memory_plan.hpp"
#include "progress.hpp"
#include "training_run.hpp"
#include "value_summary.hpp"
#include "verb.hpp"

namespace tropism::app {
namespace {

struct TrainOptions {
  bool check = false;
  bool restart = false;
  std::string progress = "auto";
  std::string stop_file;
};

void add_options(CLI::App& app, TrainOptions& options) {
  app.add_flag("--check", options.check,
               "validate, print the effective config and the plan, and exit");
  app.add_flag("--restart", options.restart,
               "start over: remove the checkpoints and metrics of the run directory");
  app.add_option("--progress", options.progress, "auto, bar, lines or none")->capture_default_str();
  app.add_option(
         "--stop-file", options.stop_file,
         "once this file is there, save a checkpoint and stop with status 75; a file `stop` "
         "in the run directory does the same, but only if it appears after the start")
      ->type_name("FILE");
}

/// How a rank has its rows, and what memory they take.
std::string placement_text(const Config& config, const TrainingData& data, std::int64_t dimension) {
  if (std::holds_alternative<data::Dataset>(data)) return config.data.placement;
  const auto rows = std::get<data::RowStream>(data).block_rows();
  const auto megabytes = static_cast<double>(rows * dimension) * 4e-6;
  return "streamed, two blocks of " + count_text(rows, "row") + " (" + number_text(megabytes) +
         " MB each) at a time";
}

/// The law that trajectories start from, and what it leaves out of the data.
std::string prior_text(const control::ModelSetting& setting) {
  const auto& process = *setting.process;
  const double T = process.terminal_time(), a = process.signal(T), v = process.variance(T);
  const double square = setting.moments.mean.square().mean().item<double>();
  // a_T^2 E|x_0|^2 / (D v_T)
  const double left_out = a * a * (square + setting.moments.variance) / v;
  return "# prior: N(0, " + number_text(v) +
         " I), which leaves out a_T x_0 with a_T = " + number_text(a) + ", " +
         number_text(100.0 * left_out) + " % of its variance" +
         (left_out > 0.05 ? ": that is not small; more noise at T would make it so\n" : "\n");
}

/// What a run will take, for --check.
/// @param process   bytes of memory before the run was set up
void print_plan(const Config& config, const TrainingRun& run, int ranks, double process) {
  const auto& summary = run.summary();
  std::int64_t parameters = 0;
  for (const auto& parameter : run.model().networks->parameters()) parameters += parameter.numel();
  const auto largest_part = (config.run.batch + ranks - 1) / ranks;
  std::cout << to_toml(config) << "\n# plan\n# data: " << summary.rows << " rows of "
            << summary.dimension() << " numbers, " << summary.label_values.size() << " labels; "
            << placement_text(config, run.data(), summary.dimension()) << "\n# ranks: " << ranks
            << ", at most " << largest_part << " of " << config.run.batch
            << " trajectories on each\n# parameters: " << parameters << "\n"
            << prior_text(run.model().networks->setting())
            << (run.kernel() ? plan_of_kernel(config, *run.kernel()) : "")
            << plan_of_memory(memory_terms(config, run.model(), run.data(), ranks), process);
}

base::ExitStatus train(const Arguments& arguments, const comm::Communicator& comm) {
  TrainOptions options;
  CLI::App app(
      "Trains a model: reward-directed, conditional on labels or contexts if asked for. Goes on "
      "where the run "
      "directory's newest checkpoint left off.",
      "tropism train");
  ConfigOptions config_options(app);
  add_options(app, options);
  app.footer(config_help());
  if (parse(app, arguments)) return base::ExitStatus::done;
  const auto config = comm::together(comm, [&] { return config_options.read(); });
  const auto progress =
      comm::together(comm, [&] { return choose_progress_mode(options.progress, comm); });
  const auto process = static_cast<double>(base::resident_memory().now);
  TrainingRun run(config, comm);
  run.warn();
  if (options.check) {
    if (comm.is_root()) print_plan(config, run, comm.size(), process);
    return base::ExitStatus::done;
  }
  run.open(options.restart ? Start::over : Start::resume);
  run.stop_at(options.stop_file);
  const auto status = run.go(progress);
  run.print_result();
  return status;
}

}  // namespace

base::ExitStatus run_train(const Arguments& arguments, const comm::Communicator& comm) {
  return train(arguments, comm);
}

}  // namespace tropism::app
