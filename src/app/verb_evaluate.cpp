// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <charconv>
#include <iostream>
#include <nlohmann/json.hpp>

#include <tropism/base/error.hpp>
#include <tropism/base/nearest_name.hpp>
#include <tropism/comm/agreement.hpp>
#include <tropism/data/shard_set.hpp>
#include <tropism/evaluation/report.hpp>

#include "command_line.hpp"
#include "config.hpp"
#include "draw_options.hpp"
#include "drawing.hpp"
#include "evaluate_table.hpp"
#include "sample_file.hpp"
#include "verb.hpp"

namespace tropism::app {
namespace {

constexpr std::int64_t default_samples = 1000;  // to draw, for each condition

struct EvaluateOptions {
  DrawOptions draw;
  std::string samples;  // a file; or how many to draw
  data::DataConfig data;
  evaluation::ReportConfig report;
  bool has_reward = false;  // named on the command line
  bool has_beta = false;
  bool as_table = false;
};

void add_reward_options(CLI::App& app, reward::RewardConfig& reward) {
  const auto list = [&app](const char* name, std::vector<double>& values, const char* help) {
    app.add_option(name, values, help)->delimiter(',')->type_name("REAL,REAL,...");
  };
  app.add_option(
         "--reward", reward.kind,
         "none, quadratic, box, linear or mean-intensity; default: that of the samples' config")
      ->type_name("KIND");
  list("--reward-target,--target", reward.target, "quadratic: the wanted point, 1 or D numbers");
  list("--reward-weights", reward.weights, "linear: one number per coordinate, or 1 for all");
  list("--reward-low,--low", reward.low, "box: lower bounds of the first coordinates");
  list("--reward-high,--high", reward.high, "box: upper bounds of the first coordinates");
  app.add_option("--reward-units", reward.units, "what the reward sees: original or scaled")
      ->capture_default_str();
  app.add_option(
         "--beta", reward.beta,
         "also report the data tilted by exp(beta h / 2), which is what training with this beta "
         "aims at; default: that of the samples' config")
      ->type_name("REAL");
}

void add_sample_options(CLI::App& app, EvaluateOptions& options) {
  app.add_option("--checkpoint", options.draw.checkpoint, "draw the samples from this checkpoint")
      ->type_name("FILE");
  add_draw_options(app, options.draw, DrawSize::optional);
  app.remove_option(app.get_option("--samples"));  // which is also a file here
  app.add_option("--samples", options.samples,
                 "samples in original units: .h5, .npy, .csv or .csv.gz; with --checkpoint how "
                 "many to draw "
                 "for each condition (default " +
                     std::to_string(default_samples) + ")")
      ->type_name("FILE|N");
}

void add_metric_options(CLI::App& app, evaluation::ReportConfig& report) {
  app.add_option("--metrics", report.metrics,
                 base::join_choices(evaluation::metric_names()) + ", several with commas between")
      ->delimiter(',')
      ->default_str("all")
      ->type_name("NAME,NAME,...");
  app.add_option("--neighbours", report.neighbours, "k of the KL estimate, >= 1")
      ->capture_default_str();
  app.add_option("--kl-form", report.kl_form,
                 "plain, as published tables have it, or bias-reduced: one ball around each sample")
      ->capture_default_str();
  app.add_option("--batch-size,--batch", report.batches.rows,
                 "points per batch, for means over batches with standard errors")
      ->capture_default_str();
  app.add_option("--batches", report.batches.count,
                 "how many batches; 0: as many as the samples make. With --checkpoint and without "
                 "--samples as many samples are drawn, for each condition")
      ->capture_default_str();
  app.add_option("--projections", report.directions,
                 "random directions of the sliced Wasserstein distance, by --seed")
      ->capture_default_str();
}

void add_options(CLI::App& app, EvaluateOptions& options) {
  add_sample_options(app, options);
  app.add_option("--data", options.data.path,
                 "the data to compare with: a directory of shards, or one file")
      ->required()
      ->type_name("DIR");
  app.add_option("--data-x", options.data.x, "dataset of the data's points")->capture_default_str();
  app.add_option("--data-label", options.data.label, "dataset of the data's labels")
      ->capture_default_str();
  add_reward_options(app, options.report.reward);
  add_metric_options(app, options.report);
  app.add_flag("--table", options.as_table, "a table for people instead of JSON");
}

std::int64_t number_to_draw(const std::string& text, const evaluation::Batches& batches) {
  if (text.empty()) return batches.count > 0 ? batches.count * batches.rows : default_samples;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  throw base::ConfigError("--samples " + text +
                          " is not a number: with --checkpoint it says how many samples to draw.");
}

PointSet drawn_points(const sampling::SampleSet& samples, const std::string& path) {
  return {path,          samples.x.flatten(1), samples.x.sizes().slice(1).vec(),
          samples.label, samples.config,       samples.context.has_value()};
}

/// Collective. The samples to evaluate, on rank 0: read, or drawn by all ranks.
PointSet points_to_evaluate(EvaluateOptions& options, const comm::Communicator& comm) {
  options.report.seed = options.draw.seed;
  comm::together(comm, [&] { options.report.validate(); });
  if (!options.draw.checkpoint.empty()) {
    comm::together(comm, [&] {
      options.draw.samples = number_to_draw(options.samples, options.report.batches);
    });
    const auto samples = draw_from_checkpoint(options.draw, comm, ProgressMode::none);
    return comm.is_root() ? drawn_points(samples, options.draw.checkpoint) : PointSet();
  }
  return comm::together(comm, [&] {
    if (options.samples.empty())
      throw base::ConfigError(
          "`tropism evaluate` needs --samples FILE, or --checkpoint FILE to draw samples from.");
    return comm.is_root() ? read_point_set(options.samples) : PointSet();
  });
}

/// The reward of the run that drew the samples, where the command line names none.
void complete_reward(const PointSet& samples, EvaluateOptions& options) {
  if (options.has_reward || samples.config.empty()) return;
  const double beta = options.report.reward.beta;
  options.report.reward = parse_config(samples.config, samples.path + ":/config").reward;
  if (options.has_beta) options.report.reward.beta = beta;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const auto size : shape) text += (text.empty() ? "[" : ", ") + std::to_string(size);
  return text + "]";
}

void refuse_other_dimension(const PointSet& samples, const data::Dataset& data,
                            const std::string& path) {
  if (samples.x.size(1) == data.dimension()) return;
  throw base::IoError("The rows of " + samples.path + " have shape " + shape_text(samples.shape) +
                      ", but those of " + path + " have " + shape_text(data.shape) +
                      ": these samples were not drawn for these data.");
}

/// Contexts are not compared: what the report then means.
void note_contexts(const PointSet& samples, evaluation::Report& report) {
  if (!samples.has_contexts) return;
  report.notes.emplace_back(
      "The samples have contexts; they are compared with all rows of the data, whatever their "
      "context. That is fair to samples drawn without --condition, whose contexts are those of the "
      "data.");
}

/// Everything that needs the points, wherever they come from.
evaluation::Report evaluate_points(const PointSet& samples, EvaluateOptions& options) {
  complete_reward(samples, options);
  const auto data = read_whole_data(options.data);
  refuse_other_dimension(samples, data, options.data.path);
  auto report = evaluation::make_report({samples.x, samples.label}, data, options.report);
  note_contexts(samples, report);
  return report;
}

void print(const evaluation::Report& report, const PointSet& samples,
           const EvaluateOptions& options) {
  if (options.as_table) {
    std::cout << report_table(report) << std::flush;
    return;
  }
  auto object = evaluation::report_json(report);
  object["samples_path"] = samples.path;
  object["data_path"] = options.data.path;
  std::cout << object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
}

void evaluate(const Arguments& arguments, const comm::Communicator& comm) {
  EvaluateOptions options;
  CLI::App app(
      "Compares samples with data: reward, KL divergence, MMD, energy and sliced Wasserstein "
      "distance, label agreement, memorisation, overall and per label; one JSON object on standard "
      "output.",
      "tropism evaluate");
  add_options(app, options);
  if (parse(app, arguments)) return;
  options.has_reward = app.count("--reward") > 0;
  options.has_beta = app.count("--beta") > 0;
  const auto samples = points_to_evaluate(options, comm);
  comm::together(comm, [&] {
    if (comm.is_root()) print(evaluate_points(samples, options), samples, options);
  });
}

}  // namespace

base::ExitStatus run_evaluate(const Arguments& arguments, const comm::Communicator& comm) {
  evaluate(arguments, comm);
  return base::ExitStatus::done;
}

}  // namespace tropism::app
