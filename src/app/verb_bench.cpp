// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <cmath>
#include <iostream>

#include <tropism/base/error.hpp>
#include <tropism/base/version.hpp>
#include <tropism/comm/agreement.hpp>

#include "command_line.hpp"
#include "config_options.hpp"
#include "scaling_study.hpp"
#include "verb.hpp"

namespace tropism::app {
namespace {

struct BenchOptions {
  std::string name;
  std::string out;
  double seconds = 3.0;
  std::optional<double> latency_microseconds;
  std::optional<double> gigabytes_per_second;
};

void add_options(CLI::App& app, BenchOptions& options) {
  app.add_option("NAME", options.name,
                 "scaling: strong and weak scaling over 1, 2, 4, ... ranks up to those it is "
                 "started on, with\n[run] aggregate = \"root\" and \"all\"; where the time goes; "
                 "a cost model, and what it predicts\nfor 16 to 4096 ranks")
      ->required();
  app.add_option("--out", options.out,
                 "directory that NAME.txt, NAME.json and NAME.png are written to; without it "
                 "the tables on standard output are all")
      ->type_name("DIR");
  app.add_option("--seconds", options.seconds,
                 "of each of the runs, of which there are four for each number of ranks; > 0")
      ->capture_default_str();
  app.add_option("--latency", options.latency_microseconds,
                 "predict for a network with this latency of a message instead of the measured "
                 "one, in microseconds; >= 0");
  app.add_option("--bandwidth", options.gigabytes_per_second,
                 "predict for a network with this bandwidth of a rank instead of the measured "
                 "one, in 10^9 bytes per second; > 0");
}

void check(const std::string& option, double value, bool valid, const std::string& range) {
  if (valid && std::isfinite(value)) return;
  throw base::ConfigError("`tropism bench` " + option + " is " + std::to_string(value) +
                          ", but must be " + range + ".");
}

void validate(const BenchOptions& options) {
  if (options.name != "scaling")
    throw base::ConfigError("`tropism bench` does not know " + options.name +
                            ". NAME must be scaling.");
  check("--seconds", options.seconds, options.seconds > 0.0, "> 0");
  if (options.latency_microseconds)
    check("--latency", *options.latency_microseconds, *options.latency_microseconds >= 0.0, ">= 0");
  if (options.gigabytes_per_second)
    check("--bandwidth", *options.gigabytes_per_second, *options.gigabytes_per_second > 0.0, "> 0");
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

base::ExitStatus bench(const Arguments& arguments, const comm::Communicator& comm) {
  BenchOptions options;
  CLI::App app(
      "Measures how training scales with the number of ranks: mpirun -n 16 tropism bench scaling "
      "--config run.toml --out runs/scaling. Nothing is written to the run directory of the "
      "config.",
      "tropism bench");
  ConfigOptions config_options(app);
  add_options(app, options);
  app.footer(config_help());
  if (parse(app, arguments)) return base::ExitStatus::done;
  const auto config = comm::together(comm, [&] {
    validate(options);
    return config_options.read();
  });
  comm::together(comm, [&] {
    if (!comm.is_root()) return;
    if (!options.out.empty()) make_results_directory(options.out);
    tell_of_limits(config);
  });
  auto measured = measure_scaling(config, comm, options.seconds);
  comm::together(comm, [&] {
    if (!comm.is_root()) return;
    const auto found = study(std::move(measured), network_of(options));
    Results results = {scaling_table(found), scaling_json(found), plot_scaling(found)};
    results.json.update({{"name", options.name},
                         {"command", command_of("bench", arguments, comm.size())},
                         {"ranks", comm.size()},
                         {"seconds_per_run", options.seconds},
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
