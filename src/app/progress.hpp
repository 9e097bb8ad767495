// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

#include <tropism/comm/communicator.hpp>

namespace tropism::app {

enum class ProgressMode { bar, lines, none };

/// What `--progress auto|bar|lines|none` asks for; ranks other than 0 show nothing. `auto` is a bar
/// only where standard error is certainly a terminal that a person watches, else lines.
/// @throws ConfigError   for another name
[[nodiscard]] ProgressMode choose_progress_mode(const std::string& name,
                                                const comm::Communicator& comm);

/// Quantities to show, in order: {"loss", 0.12}, {"reward", 0.5}.
using ProgressNumbers = std::vector<std::pair<std::string, double>>;

/// Tells on standard error how far a run is: count, rate, time left, and whatever numbers are
/// passed. A bar redraws one line at most ten times a second. Lines come after half a second first,
/// then ever more seldom: every two seconds at the start, every minute in a run of hours.
class Progress {
 public:
  /// @param total   of what is counted; > 0
  /// @param unit    its name, in plural: "episodes"
  /// @param done    how many were done before, by the run that this one resumes
  Progress(ProgressMode mode, std::int64_t total, std::string unit, std::int64_t done = 0);
  Progress(ProgressMode mode, std::int64_t total, std::string unit, std::int64_t done,
           std::ostream& out);

  /// Cheap: looks at the clock, and mostly returns.
  void update(std::int64_t done, const ProgressNumbers& numbers = {});

  /// Shows the last state, and ends the line of a bar. Call it also where a run stops early.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  void show(double elapsed_seconds);
  [[nodiscard]] std::string text(double elapsed_seconds) const;

  ProgressMode mode_;
  std::int64_t total_;
  std::string unit_;
  std::int64_t first_;
  std::ostream& out_;
  Clock::time_point start_ = Clock::now();
  double next_show_seconds_;
  std::int64_t done_;
  std::int64_t shown_ = -1;
  ProgressNumbers numbers_;
};

/// "45 s", "12 min 05 s", "3 h 07 min", "2 d 04 h".
[[nodiscard]] std::string duration_text(double seconds);

}  // namespace tropism::app
