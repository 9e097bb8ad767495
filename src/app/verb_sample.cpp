// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include <tropism/comm/agreement.hpp>

#include "command_line.hpp"
#include "draw_options.hpp"
#include "drawing.hpp"
#include "verb.hpp"

namespace tropism::app {
namespace {

void sample(const Arguments& arguments, const comm::Communicator& comm) {
  DrawOptions options;
  std::string out, progress = "auto";
  CLI::App app(
      "Draws samples from a checkpoint, which holds all that is needed; the same samples on any "
      "number of "
      "ranks.",
      "tropism sample");
  app.add_option("--checkpoint", options.checkpoint, "checkpoint of `tropism train`")
      ->required()
      ->type_name("FILE");
  app.add_option("--out", out, "where the samples go: .h5, .npy or .csv")
      ->required()
      ->type_name("FILE");
  add_draw_options(app, options, DrawSize::required);
  app.add_option("--progress", progress, "auto, bar, lines or none")->capture_default_str();
  if (parse(app, arguments)) return;
  comm::together(comm, [&] {
    if (comm.is_root()) sampling::check_sample_path(out);
  });
  const auto mode = comm::together(comm, [&] { return choose_progress_mode(progress, comm); });
  const auto start = std::chrono::steady_clock::now();
  const auto samples = draw_from_checkpoint(options, comm, mode);
  comm::together(comm, [&] {
    if (!comm.is_root()) return;
    sampling::write_samples(out, samples);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::cout
        << nlohmann::json{{"samples", samples.x.size(0)}, {"out", out}, {"seconds", seconds}}.dump()
        << std::endl;
  });
}

}  // namespace

base::ExitStatus run_sample(const Arguments& arguments, const comm::Communicator& comm) {
  sample(arguments, comm);
  return base::ExitStatus::done;
}

}  // namespace tropism::app
