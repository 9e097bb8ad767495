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
  bool takes_episodes, takes_batches, takes_lines;  // the options that it looks at
  std::optional<Results> (*run)(const ReproduceSetting&, const comm::Communicator&);
  const char* data = nullptr;  // default of --data; null: makes its own
};

constexpr std::array<Item, 13> items = {{
    {"estimator-table",
     "bias, variance and error of the ratio estimator on the Swiss roll, at noise times 1 to 4 "
     "with 30, 90 and 300 rows:\n    the paper's table, ours, what theory predicts, and the same "
     "of "
     "posterior draws",
     false, false, false, reproduce_estimator_table},
    {"small-m",
     "the 1-D mixture learned with 1, 10, 30 and 300 rows per estimate, with posterior draws and "
     "with their product:\n    at one row the samples collapse to the mean of the data",
     true, false, false, reproduce_small_m},
    {"figure-1",
     "the 1-D mixture directed towards 6 with beta = 0, 0.1 and 1: densities, means, rewards and "
     "the\n    divergence from the exact optimum, which is known in closed form",
     true, true, false, reproduce_figure_1},
    {"theory",
     "the same mixture over beta, by q-learning and DPOK: mean reward and divergence beside the "
     "exact tilt,\n    policy mean and value beside their closed forms on a grid",
     true, true, false, reproduce_theory},
    {"figure-3",
     "samples of the Swiss roll with beta = 0, 5, 10 and 30, their mean rewards and divergences",
     true, true, true, reproduce_figure_3},
    {"table-m",
     "the Swiss roll learned with 30 to 300 rows per estimate, without reward and at mean reward "
     "0.8",
     true, true, true, reproduce_table_m},
    {"table-3",
     "DDPO, DPOK and q-learning from one pretrained model of the Swiss roll at mean rewards 0.7, "
     "0.8 and 0.9;\n    beta is looked for, which takes several trainings for each line",
     true, true, true, reproduce_table_3},
    {"table-4", "the same from a model that was trained too little", true, true, true,
     reproduce_table_4},
    {"table-5",
     "the Swiss roll by SDE, ODE-Euler and DDIM in 50, 10 and 5 steps, no reward: the paper's "
     "numbers, ours\n    as published (about two hours on a core) and ours at its best",
     true, true, true, reproduce_table_5},
    {"table-6",
     "the same with the reward raised to 0.8; beta is looked for, which takes several trainings "
     "for each line",
     true, true, true, reproduce_table_6},
    {"conditional-mixture",
     "1-D mixtures by label (Algorithm 2) directed towards 6 with beta = 0, 0.1 and 0.5: mean, "
     "reward and\n    divergence of each label beside its exact optimum",
     true, true, false, reproduce_conditional_mixture},
    {"conditional-context",
     "a 1-D mixture under a continuous context (Algorithm 2 with its kernel), beta = 0, 0.1 and "
     "0.5: mean, sd,\n    reward and divergence beside the exact optimum, at contexts with and "
     "without training rows",
     true, true, false, reproduce_conditional_context},
    {"conditional-digits",
     "handwritten digits by label (Algorithm 2) directed towards bright images with beta = 0, 10 "
     "and 40:\n    label agreement, mean intensity beside the exact tilt of each label, and "
     "divergences",
     true, false, false, reproduce_conditional_digits, "jobs/data/digits.csv"},
}};

struct Options {
  std::string name;
  std::string out;
  bool quick = false;
  std::optional<int> episodes, batches;
  std::optional<std::string> ours, data;
  std::vector<std::string> rows;
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
      "a version of a minute, or a few where beta is looked for, marked as such: fewer states, "
      "rows and repeats, or shorter training");
  app.add_option("--episodes", options.episodes,
                 "length of the trainings, in place of the one that belongs to NAME; those that "
                 "have a share "
                 "of it keep their share")
      ->type_name("N");
  app.add_option("--batches", options.batches,
                 "batches of samples to judge by, in place of 100 as published (with --quick: 10)")
      ->type_name("N");
  app.add_option(
         "--ours", options.ours,
         "which lines of ours there are, where there are two kinds: published, best or both "
         "(default)")
      ->type_name("KIND");
  app.add_option(
         "--row", options.rows,
         "only this row of the table, as it is named there, and the model that it goes on "
         "from; may be given again. Jobs with a row each may share a directory, once a model "
         "that several go on from is there; the same without --row then makes the whole "
         "table")
      ->type_name("ROW")
      ->allow_extra_args(false);
  app.add_option("--data", options.data,
                 "of conditional-digits: the CSV file of the digits, or a directory that `tropism "
                 "import` made of it; default: jobs/data/digits.csv")
      ->type_name("FILE|DIR");
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

void refuse_below_one(const std::string& option, const std::optional<int>& number) {
  if (!number || *number >= 1) return;
  throw base::ConfigError(option + " " + std::to_string(*number) +
                          " makes no sense: it must be at least 1.");
}

/// @throws ConfigError   for an option that the item would not look at, or a value that cannot be
void check(const Options& options, const Item& item) {
  const auto look = [&](const std::string& option, bool given, bool taken) {
    if (given && !taken)
      throw base::ConfigError(option + " makes no sense with " + item.name + ": leave it out.");
  };
  look("--episodes", options.episodes.has_value(), item.takes_episodes);
  look("--batches", options.batches.has_value(), item.takes_batches);
  look("--ours", options.ours.has_value(), item.takes_lines);
  look("--row", !options.rows.empty(), item.takes_lines);
  look("--data", options.data.has_value(), item.data != nullptr);
  refuse_below_one("--episodes", options.episodes);
  refuse_below_one("--batches", options.batches);
}

/// @throws ConfigError
std::vector<Recipe> recipes_of(const Options& options) {
  const auto name = options.ours.value_or("both");
  if (name == "both") return {Recipe::published, Recipe::best};
  if (name == "published") return {Recipe::published};
  if (name == "best") return {Recipe::best};
  throw base::ConfigError("--ours " + name + " is not known: it must be published, best or both.");
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
    mark += "Trainings have " + std::to_string(*options.episodes) +
            " episodes, or the share of them that a line has (--episodes).\n";
  return mark.empty() ? mark : mark + "\n";
}

/// Collective. Refuses on all ranks what does not fit together, and makes the directory.
ReproduceSetting prepare(const Options& options, const Item& item, const comm::Communicator& comm) {
  auto setting = comm::together(comm, [&] {
    check(options, item);
    return ReproduceSetting{directory_of(options),
                            options.quick ? Effort::quick : Effort::full,
                            choose_progress_mode(options.progress, comm),
                            options.episodes,
                            options.batches,
                            recipes_of(options),
                            options.rows,
                            options.data.value_or(item.data != nullptr ? item.data : "")};
  });
  comm::together(comm, [&] {
    if (comm.is_root()) make_results_directory(setting.directory);
  });
  return setting;
}

/// Says how the numbers came to be, prints them and writes them.
void publish(Results& found, const Options& options, const std::string& command, int ranks,
             double seconds) {
  found.json.update({{"name", options.name},
                     {"command", command},
                     {"quick", options.quick},
                     {"episodes_given", options.episodes ? json(*options.episodes) : json()},
                     {"ranks", ranks},
                     {"seconds", seconds},
                     {"version", base::version()}});
  found.table = mark_of(options) + found.table;
  std::cout << found.table << std::flush;
  write_results(directory_of(options), options.name, found);
}

base::ExitStatus reproduce(const Arguments& arguments, const comm::Communicator& comm) {
  Options options;
  CLI::App app("Reproduces a published table or figure: does the work, prints ours beside theirs.",
               "tropism reproduce");
  add_options(app, options);
  if (parse(app, arguments)) return base::ExitStatus::done;
  const auto start = std::chrono::steady_clock::now();
  const auto& item = *comm::together(comm, [&] { return &item_of(options.name); });
  auto found = item.run(prepare(options, item, comm), comm);
  if (!found) return base::ExitStatus::stopped;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  comm::together(comm, [&] {
    if (comm.is_root())
      publish(*found, options, command_of("reproduce", arguments, comm.size()), comm.size(),
              seconds.count());
  });
  return base::ExitStatus::done;
}

}  // namespace

base::ExitStatus run_reproduce(const Arguments& arguments, const comm::Communicator& comm) {
  return reproduce(arguments, comm);
}

}  // namespace tropism::app
