// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <cmath>
#include <iostream>

#include <tropism/base/error.hpp>
#include <tropism/base/version.hpp>
#include <tropism/comm/agreement.hpp>

#include "command_line.hpp"
#include "config_options.hpp"
#include "quality_study.hpp"
#include "scaling_study.hpp"
#include "verb.hpp"

namespace tropism::app {
namespace {

constexpr std::int64_t samples_of_a_label = 100;
constexpr std::int64_t samples_without_labels = 3000;  // ten batches of the divergence
constexpr double default_agreement = 0.99;

struct BenchOptions {
  std::string name;
  std::string out;
  double seconds = 3.0;
  std::optional<double> latency_microseconds;
  std::optional<double> gigabytes_per_second;
  QualityPlan quality;
  std::vector<std::string> variants;
};

void add_scaling_options(CLI::App& app, BenchOptions& options) {
  const std::string group = "scaling";
  app.add_option(
         "--seconds", options.seconds,
         "of each of the runs, of which there are four for each number of ranks, in three rounds; "
         "the fastest counts; > 0")
      ->capture_default_str()
      ->group(group);
  app.add_option("--latency", options.latency_microseconds,
                 "predict for a network with this latency of a message instead of the measured "
                 "one, in microseconds; >= 0")
      ->group(group);
  app.add_option("--bandwidth", options.gigabytes_per_second,
                 "predict for a network with this bandwidth of a rank instead of the measured "
                 "one, in 10^9 bytes per second; > 0")
      ->group(group);
}

void add_quality_options(CLI::App& app, BenchOptions& options) {
  const std::string group = "quality";
  app.add_option("--variants", options.variants,
                 "which to train; default: all that change something. \"config\" is the config as "
                 "it is, the others have one change; temperatures come with the sampled update. A "
                 "variant that diverges is marked as such, unless the score is estimated over the "
                 "rows of all ranks ([score] scope = \"global\"): states that cease to be finite "
                 "then end the study: " +
                     names_of_variants())
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME,NAME,...")
      ->group(group);
  app.add_option("--episodes", options.quality.episodes,
                 "lengths of runs, rising; default: an eighth, a quarter, half and all of [run] "
                 "episodes. A rate schedule ends with its run, so each length is a run of its own")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("N,N,...")
      ->group(group);
  app.add_option(
         "--target", options.quality.target,
         "what ends a variant: a label agreement, default 0.99, above 1 to train all lengths; "
         "without labels a KL divergence, by default none")
      ->type_name("REAL")
      ->group(group);
  app.add_option(
         "--samples", options.quality.draw.samples,
         "to judge a run by; default, also for 0: 100 of each label, or without labels 3000")
      ->type_name("N")
      ->group(group);
  app.add_option("--last-step", options.quality.draw.last_step,
                 "of sampling: without-noise, or with-noise, as the published samplers end")
      ->capture_default_str()
      ->group(group);
  app.add_option("--seeds", options.quality.seeds,
                 "runs of each variant and length, with seeds one apart; each must reach the "
                 "target; >= 1")
      ->capture_default_str()
      ->group(group);
}

void add_options(CLI::App& app, BenchOptions& options) {
  app.add_option("NAME", options.name,
                 "scaling: strong and weak scaling over 1, 2, 4, ... ranks up to those it is "
                 "started on, with\n[run] aggregate = \"root\" and \"all\"; where the time goes; "
                 "a cost model, and what it predicts\nfor 16 to 4096 ranks\nquality: seconds of "
                 "training until samples are good, of the config and with one change at a time")
      ->required();
  app.add_option("--out", options.out,
                 "directory that NAME.txt, NAME.json and NAME.png are written to; without it "
                 "the tables on standard output are all")
      ->type_name("DIR");
  add_scaling_options(app, options);
  add_quality_options(app, options);
}

void check(const std::string& option, double value, bool valid, const std::string& range) {
  if (valid && std::isfinite(value)) return;
  throw base::ConfigError("`tropism bench` " + option + " is " + std::to_string(value) +
                          ", but must be " + range + ".");
}

/// Options of the other study would change nothing.
void refuse_foreign_options(const CLI::App& app, const std::string& name) {
  const std::string other = name == "scaling" ? "quality" : "scaling";
  for (const auto* option : app.get_options())
    if (option->get_group() == other && option->count() > 0)
      throw base::ConfigError("`tropism bench " + name + "` has no " + option->get_name() +
                              ": it belongs to `tropism bench " + other + "`.");
}

void validate(const QualityPlan& plan) {
  int before = 0;
  for (const int episodes : plan.episodes) {
    check("--episodes", episodes, episodes > before, "a rising list of numbers >= 1");
    before = episodes;
  }
  if (plan.target) check("--target", *plan.target, true, "a number");
  check("--seeds", plan.seeds, plan.seeds >= 1, ">= 1");
}

void validate(const CLI::App& app, const BenchOptions& options) {
  if (options.name != "scaling" && options.name != "quality")
    throw base::ConfigError("`tropism bench` does not know " + options.name +
                            ". NAME must be scaling or quality.");
  refuse_foreign_options(app, options.name);
  check("--seconds", options.seconds, options.seconds > 0.0, "> 0");
  if (options.latency_microseconds)
    check("--latency", *options.latency_microseconds, *options.latency_microseconds >= 0.0, ">= 0");
  if (options.gigabytes_per_second)
    check("--bandwidth", *options.gigabytes_per_second, *options.gigabytes_per_second > 0.0, "> 0");
  validate(options.quality);
}

NetworkAssumption network_of(const BenchOptions& options) {
  NetworkAssumption network;
  if (options.latency_microseconds) network.latency = 1e-6 * *options.latency_microseconds;
  if (options.gigabytes_per_second) network.per_byte = 1e-9 / *options.gigabytes_per_second;
  return network;
}

/// Estimates over the rows of all ranks exchange queries, which count as scoring here.
void tell_of_limits(const Config& config) {
  if (config.data.placement == "replicated" || config.score.scope == "local") return;
  std::cerr << "tropism: with [data] placement = \"" << config.data.placement
            << "\" and [score] scope = \"global\" the ranks exchange queries while they score; the "
               "cost model takes that for computing and does not know how it grows.\n";
}

/// Collective. Complete on rank 0.
Results bench_scaling(const BenchOptions& options, const Config& config,
                      const comm::Communicator& comm) {
  if (comm.is_root()) tell_of_limits(config);
  auto measured = measure_scaling(config, comm, options.seconds);
  return comm::together(comm, [&]() -> Results {
    if (!comm.is_root()) return {};
    const auto found = study(std::move(measured), network_of(options));
    Results results = {scaling_table(found), scaling_json(found), plot_scaling(found)};
    results.json["seconds_per_run"] = options.seconds;
    return results;
  });
}

/// What was left out on the command line, by the config.
QualityPlan complete(QualityPlan plan, const Config& config) {
  const bool by_labels = config.context.kind == "label";
  if (plan.draw.samples == 0)
    plan.draw.samples = by_labels ? samples_of_a_label : samples_without_labels;
  if (!plan.target && by_labels) plan.target = default_agreement;
  if (!plan.episodes.empty()) return plan;
  for (const int part : {8, 4, 2, 1})
    if (config.run.episodes >= part) plan.episodes.push_back(config.run.episodes / part);
  return plan;
}

/// Collective. Complete on rank 0.
Results bench_quality(const BenchOptions& options, const Config& config,
                      const comm::Communicator& comm) {
  const auto variants = comm::together(comm, [&] { return variants_of(config, options.variants); });
  const auto found = measure_quality(variants, complete(options.quality, config), comm);
  if (!comm.is_root()) return {};
  return {quality_table(found), quality_json(found), plot_quality(found)};
}

base::ExitStatus bench(const Arguments& arguments, const comm::Communicator& comm) {
  BenchOptions options;
  CLI::App app(
      "Measures training: how it scales with the number of ranks, or how soon its samples are "
      "good. mpirun -n 16 tropism bench scaling --config run.toml --out runs/scaling. Nothing is "
      "written to the run directory of the config.",
      "tropism bench");
  ConfigOptions config_options(app);
  add_options(app, options);
  app.footer(config_help());
  if (parse(app, arguments)) return base::ExitStatus::done;
  const auto config = comm::together(comm, [&] {
    validate(app, options);
    return config_options.read();
  });
  comm::together(comm, [&] {
    if (comm.is_root() && !options.out.empty()) make_results_directory(options.out);
  });
  auto results = options.name == "scaling" ? bench_scaling(options, config, comm)
                                           : bench_quality(options, config, comm);
  comm::together(comm, [&] {
    if (!comm.is_root()) return;
    results.json.update({{"name", options.name},
                         {"command", command_of("bench", arguments, comm.size())},
                         {"ranks", comm.size()},
                         {"version", base::version()}});
    std::cout << results.table << std::flush;
    if (!options.out.empty()) write_results(options.out, options.name, results);
  });
  return base::ExitStatus::done;
}

}  // namespace

base::ExitStatus run_bench(const Arguments& arguments, const comm::Communicator& comm) {
  return bench(arguments, comm);
}

}  // namespace tropism::app
