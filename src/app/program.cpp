// SPDX-License-Identifier: MIT
#include "program.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <iostream>
#include <string>

#include "environment.hpp"
#include "threads.hpp"
#include "verb.hpp"
#include "versions.hpp"

#include <tropism/base/nearest_name.hpp>
#include <tropism/comm/launch.hpp>

namespace tropism::app {
namespace {

using RunAlone = base::ExitStatus (*)(const Arguments&);
using RunOnRanks = base::ExitStatus (*)(const Arguments&, const comm::Communicator&);

struct Verb {
  const char* name;
  const char* summary;
  RunAlone run_alone;       // one of the two is null
  RunOnRanks run_on_ranks;  // collective
};

constexpr std::array<Verb, 10> verbs = {{
    {"import", "CSV and NumPy files to HDF5 shards", run_import, nullptr},
    {"make", "synthetic data sets", run_make, nullptr},
    {"train", "train a model; goes on where an earlier run stopped", nullptr, run_train},
    {"sample", "draw samples from a checkpoint", nullptr, run_sample},
    {"evaluate", "reward, divergence and distances of samples, as JSON", nullptr, run_evaluate},
    {"plot", "a picture of a run, of samples, of a report", run_plot, nullptr},
    {"reproduce", "a published table or figure: ours beside theirs", nullptr, run_reproduce},
    {"bench", "how training scales with ranks; how soon variants of a config are good", nullptr,
     run_bench},
    {"inspect", "what a shard, checkpoint or sample file holds", run_inspect, nullptr},
    {"doctor", "what is wrong with this machine, and the line that mends it", nullptr, run_doctor},
}};

std::string help() {
  std::string text =
      "Tropism trains reward-directed score-based diffusion models and samples from them.\n\n"
      "usage: tropism VERB [ARGUMENT...]\n"
      "       tropism VERB --help\n"
      "       tropism --version\n\n"
      "verbs:\n";
  for (const auto& verb : verbs) {
    text += "  " + std::string(verb.name) + std::string(12 - std::string(verb.name).size(), ' ') +
            verb.summary + "\n";
  }
  return text +
         "\nexamples:\n"
         "  tropism make swiss-roll --samples 10000 --out data/roll\n"
         "  mpirun -n 4 tropism train --config run.toml optimizer --learning_rate 3e-4\n"
         "  tropism sample --checkpoint runs/a/checkpoints/latest.h5 --samples 1000 --out "
         "samples.h5\n"
         "\nexit status:\n"
         "  0   done\n"
         "  1   a fault of Tropism\n"
         "  2   command line or config\n"
         "  3   data or file\n"
         "  4   numerical failure\n"
         "  75  stopped by a signal or a time limit after a checkpoint: run it again\n";
}

base::ExitStatus print_versions() {
  for (const auto& [name, version] : versions()) std::cout << name << " " << version << "\n";
  return base::ExitStatus::done;
}

base::ExitStatus print_help() {
  std::cout << help();
  return base::ExitStatus::done;
}

[[noreturn]] void refuse_verb(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& verb : verbs) names.emplace_back(verb.name);
  const std::string nearest = base::nearest_name(name, names);
  throw base::ConfigError("`" + name + "` is not a verb." +
                          (nearest.empty() ? "" : " Did you mean `tropism " + nearest + "`?") +
                          " `tropism --help` lists the verbs.");
}

bool asks_for_help(const Arguments& arguments) {
  return std::any_of(arguments.begin(), arguments.end(), [](const std::string& argument) {
    return argument == "-h" || argument == "--help";
  });
}

/// Whether a launcher started this process as another rank than 0, found out without MPI.
bool is_further_rank() {
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"}) {
    const std::string rank = environment(name);
    if (!rank.empty()) return rank != "0";
  }
  return false;
}

/// A job that needs no ranks: under a launcher rank 0 does it, the others have nothing to do.
int run_once(const std::function<base::ExitStatus(const comm::Communicator&)>& job) {
  if (is_further_rank()) return static_cast<int>(base::ExitStatus::done);
  return comm::launch_alone(job);
}

base::ExitStatus run_alone(const Verb& verb, const Arguments& arguments,
                           const comm::Communicator& comm) {
  use_one_thread_by_default();
  return verb.run_alone != nullptr ? verb.run_alone(arguments) : verb.run_on_ranks(arguments, comm);
}

int run_verb(const Verb& verb, int argc, char** argv) {
  const Arguments arguments(argv + 2, argv + argc);
  if (verb.run_alone != nullptr || asks_for_help(arguments)) {
    return run_once([&](const auto& comm) { return run_alone(verb, arguments, comm); });
  }
  return comm::launch(argc, argv, [&](const comm::Communicator& comm) {
    use_one_thread_by_default();
    return verb.run_on_ranks(arguments, comm);
  });
}

}  // namespace

int run(int argc, char** argv) {
  const std::string first = argc > 1 ? argv[1] : "--help";
  for (const auto& verb : verbs) {
    if (first == verb.name) return run_verb(verb, argc, argv);
  }
  return run_once([&](const auto&) {
    if (first == "--version") return print_versions();
    if (first == "--help" || first == "-h" || first == "help") return print_help();
    refuse_verb(first);
  });
}

}  // namespace tropism::app
