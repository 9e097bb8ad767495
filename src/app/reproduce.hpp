// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include <tropism/comm/communicator.hpp>

#include "plot_gnuplot.hpp"
#include "progress.hpp"

namespace tropism::app {

/// How much work a reproduction is to do: all that is published, or a minute's worth.
enum class Effort { full, quick };

struct ReproduceSetting {
  std::string directory;  // exists; runs that are trained live below it
  Effort effort = Effort::full;
  ProgressMode progress = ProgressMode::none;
};

/// What a reproduction found. Complete on rank 0; empty elsewhere.
struct Reproduced {
  std::string table;  // for people: ours beside theirs, and what was chosen where they say nothing
  nlohmann::json json;  // the same numbers: "rows", "choices"
  Plot plot;
};

// One file each, reproduce_<name>.cpp. Collective. Nothing is returned where a signal has stopped
// the work; what was done by then is kept, and the same call goes on from there.

/// Bias, variance and mean squared error of the ratio estimator on the Swiss roll, the table of
/// [GZZ24 v2] (MATH 1.10), and those of posterior draws (E4).
[[nodiscard]] std::optional<Reproduced> reproduce_estimator_table(const ReproduceSetting& setting,
                                                                  const comm::Communicator& comm);

/// What is learned from few rows on the 1-D mixture: at m = 1 the collapse to the data's mean that
/// E2 predicts, and signals without it.
[[nodiscard]] std::optional<Reproduced> reproduce_small_m(const ReproduceSetting& setting,
                                                          const comm::Communicator& comm);

}  // namespace tropism::app
