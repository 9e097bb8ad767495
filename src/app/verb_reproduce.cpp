// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <iostream>

#include <tropism/base/error.hpp>
#include <tropism/base/nearest_name.hpp>
#include <tropism/base/version.hpp>
#include <tropism/comm/agreement.hpp>

#include "command_line.hpp"
#include "reproduce.hpp"
#include "verb.hpp"

namespace tropism::app {
namespace {

using nlohmann::json;

struct Item {
  const char* name;
  const char* summary;
  bool takes_episodes, takes_batches;  // the options --episodes and --batches
  std::optional<Results> (*run)(const ReproduceSetting&, const comm::Communicator&);
};

constexpr std::array<Item, 3> items = {{
    {"estimator-table",
     "bias, variance and error of the ratio estimator on the Swiss roll, at noise times 1 to 4 "
     "with 30, 90 and 300 rows:\n    the paper's table, ours, what theory predicts, and the same "
     "of "
     "posterior draws",
     false, false, reproduce_estimator_table},
    {"small-m",
     "the 1-D mixture learned with 1, 10, 30 and 300 rows per estimate, with posterior draws and "
     "with their product:\n    at one row the samples collapse to the mean of the data",
     true, false, reproduce_small_m},
    {"figure-1",
     "the 1-D mixture directed towards 6 with beta = 0, 0.1 and 1: densities, means, rewards and "
     "the\n    divergence from the exact optimum, which is known in closed form",
     true, true, reproduce_figure_1},
}};

struct Options {
  std::string name;
  std::string out;
  bool quick = false;
  std::optional<int> episodes, batches;
  std::string progress = "auto";
};

std::string listing() {
  std::string text = "NAME is one of:\n";
  for (const auto& item : items)
    text += "\n  " + std::string(item.name) + "\n    " + item.summary + "\n";
  return text +
         "\nA table goes to standard output; the same as NAME.txt, with NAME.json and NAME.png, "
         "into "
         "the\ndirectory. Models that were trained there are not trained again, and one that was "
         "cut "
         "off goes on.\nMore ranks share the work: mpirun -n 2 tropism reproduce small-m\n";
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("NAME", options.name, "what to reproduce; see below")->required();
  app.add_option("--out", options.out,
                 "directory of the results and of the runs they need; default: "
                 "runs/reproduce/NAME, with -quick after it for --quick")
      ->type_name("DIR");
  app.add_flag(
      "--quick", options.quick,
      "a version of less than a minute, marked as such: fewer states, rows and repeats, or "
      "shorter training");
  app.add_option("--episodes", options.episodes,
                 "length of every training, in place of the one that belongs to NAME")
      ->type_name("N");
  app.add_option("--batches", options.batches,
                 "batches of samples to judge by, in place of 100 as published (with --quick: 10)")
      ->type_name("N");
  app.add_option("--progress", options.progress, "auto, bar, lines or none")->capture_default_str();
  app.footer(listing());
}

const Item& item_of(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& item : items) {
    if (name == item.name) return item;
    names.emplace_back(item.name);
  }
  const auto nearest = base::nearest_name(name, names);
  throw base::ConfigError("`tropism reproduce` does not know " + name + "." +
                          (nearest.empty() ? "" : " Did you mean " + nearest + "?") +
                          " NAME must be " + base::join_choices(names) + ".");
}

/// @throws ConfigError   for an option that the item would not look at, or a number below 1
void check(const Options& options, const Item& item) {
  const auto look = [&](const char* option, const std::optional<int>& number, bool taken) {
    if (!number) return;
    if (!taken)
      throw base::ConfigError(std::string(option) + " makes no sense with " + item.name +
                              ": leave it out.");
    if (*number < 1)
      throw base::ConfigError(std::string(option) + " " + std::to_string(*number) +
                              " makes no sense: it must be at least 1.");
  };
  look("--episodes", options.episodes, item.takes_episodes);
  look("--batches", options.batches, item.takes_batches);
}

std::string directory_of(const Options& options) {
  if (!options.out.empty()) return options.out;
  return "runs/reproduce/" + options.name + (options.quick ? "-quick" : "");
}

/// What makes these numbers others than the published setting's.
std::string mark_of(const Options& options) {
  std::string mark;
  if (options.quick)
    mark += "A quick version (--quick): fewer samples than published, or shorter training.\n";
  if (options.episodes)
    mark += "Every training has " + std::to_string(*options.episodes) + " episodes (--episodes).\n";
  return mark.empty() ? mark : mark + "\n";
}

base::ExitStatus reproduce(const Arguments& arguments, const comm::Communicator& comm) {
  Options options;
  CLI::App app("Reproduces a published table or figure: does the work, prints ours beside theirs.",
               "tropism reproduce");
  add_options(app, options);
  if (parse(app, arguments)) return base::ExitStatus::done;
  const auto* item = comm::together(comm, [&]() -> const Item* {
    const auto& found = item_of(options.name);
    check(options, found);
    return &found;
  });
  const auto mode =
      comm::together(comm, [&] { return choose_progress_mode(options.progress, comm); });
  const auto directory = directory_of(options);
  comm::together(comm, [&] {
    if (comm.is_root()) make_results_directory(directory);
  });
  const auto start = std::chrono::steady_clock::now();
  const ReproduceSetting setting = {directory, options.quick ? Effort::quick : Effort::full, mode,
                                    options.episodes, options.batches};
  auto found = item->run(setting, comm);
  if (!found) return base::ExitStatus::stopped;
  comm::together(comm, [&] {
    if (!comm.is_root()) return;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    found->json.update({{"name", options.name},
                        {"command", command_of("reproduce", arguments, comm.size())},
                        {"quick", options.quick},
                        {"episodes_given", options.episodes ? json(*options.episodes) : json()},
                        {"ranks", comm.size()},
                        {"seconds", seconds.count()},
                        {"version", base::version()}});
    found->table = mark_of(options) + found->table;
    std::cout << found->table << std::flush;
    write_results(directory, options.name, *found);
  });
  return base::ExitStatus::done;
}

}  // namespace

base::ExitStatus run_reproduce(const Arguments& arguments, const comm::Communicator& comm) {
  return reproduce(arguments, comm);
}

}  // namespace tropism::app
