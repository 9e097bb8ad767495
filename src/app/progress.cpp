// SPDX-License-Identifier: MIT
#include "progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include <tropism/base/config_check.hpp>
#include <tropism/base/error.hpp>
#include <tropism/comm/launch.hpp>

namespace tropism::app {
namespace {

constexpr double bar_interval_seconds = 0.1;
constexpr double first_line_seconds = 0.5;

bool terminal_can_redraw() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

bool colour_allowed() {
  const char* no_color = std::getenv("NO_COLOR");  // https://no-color.org: set and not empty
  return no_color == nullptr || *no_color == '\0';
}

std::size_t terminal_width() {
  winsize size = {};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20;
  return known ? size.ws_col : 100;
}

std::string format(const char* pattern, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, pattern, value);
  return buffer;
}

std::string two_parts(std::int64_t units, std::int64_t per_larger, const char* larger,
                      const char* smaller) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%lld %s %02lld %s",
                static_cast<long long>(units / per_larger), larger,
                static_cast<long long>(units % per_larger), smaller);
  return buffer;
}

std::string coloured(const std::string& text) {
  return colour_allowed() ? "\x1b[36m" + text + "\x1b[0m" : text;
}

std::string bar(double fraction) {
  constexpr std::size_t width = 20;
  const auto filled = static_cast<std::size_t>(fraction * width);
  return std::string(filled, '#') + std::string(width - filled, '.');
}

/// Every two seconds at the start, every minute after twenty minutes.
double line_interval(double elapsed_seconds) {
  return std::clamp(0.05 * elapsed_seconds, 2.0, 60.0);
}

}  // namespace

std::string duration_text(double seconds) {
  if (!std::isfinite(seconds)) return "unknown time";
  const auto whole = static_cast<std::int64_t>(std::llround(std::min(seconds, 1e15)));
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return two_parts(whole, 60, "min", "s");
  if (whole < 86400) return two_parts(whole / 60, 60, "h", "min");
  return two_parts(whole / 3600, 24, "d", "h");
}

ProgressMode choose_progress_mode(const std::string& name, const comm::Communicator& comm) {
  const std::vector<std::string> names = {"auto", "bar", "lines", "none"};
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    throw base::ConfigError("--progress " + name +
                            " makes no sense: it is auto, bar, lines or none.");
  }
  if (name == "none" || !comm.is_root()) return ProgressMode::none;
  if (name == "bar") return ProgressMode::bar;
  const bool watched = name == "auto" && terminal_can_redraw() && !comm::under_launcher();
  return watched ? ProgressMode::bar : ProgressMode::lines;
}

Progress::Progress(ProgressMode mode, std::int64_t total, std::string unit, std::int64_t done)
    : Progress(mode, total, std::move(unit), done, std::cerr) {}

Progress::Progress(ProgressMode mode, std::int64_t total, std::string unit, std::int64_t done,
                   std::ostream& out)
    : mode_(mode), total_(total), unit_(std::move(unit)), first_(done), out_(out), done_(done) {
  base::expects(total > 0, "a total greater than 0");
  next_show_seconds_ = mode == ProgressMode::bar ? 0.0 : first_line_seconds;
}

void Progress::update(std::int64_t done, const ProgressNumbers& numbers) {
  done_ = done;
  if (mode_ == ProgressMode::none) return;
  if (!numbers.empty()) numbers_ = numbers;
  const double elapsed = std::chrono::duration<double>(Clock::now() - start_).count();
  if (elapsed >= next_show_seconds_) show(elapsed);
}

void Progress::finish() {
  if (mode_ == ProgressMode::none) return;
  if (done_ != shown_) show(std::chrono::duration<double>(Clock::now() - start_).count());
  if (mode_ == ProgressMode::bar) out_ << '\n' << std::flush;
}

void Progress::show(double elapsed_seconds) {
  shown_ = done_;
  if (mode_ == ProgressMode::lines) {
    next_show_seconds_ = elapsed_seconds + line_interval(elapsed_seconds);
    out_ << text(elapsed_seconds) + "\n" << std::flush;
    return;
  }
  next_show_seconds_ = elapsed_seconds + bar_interval_seconds;
  const double fraction =
      std::clamp(static_cast<double>(done_) / static_cast<double>(total_), 0.0, 1.0);
  const std::string drawn = bar(fraction);
  const std::string room = text(elapsed_seconds).substr(0, terminal_width() - drawn.size() - 2);
  // Back to the first column, and erase what a longer line left behind.
  out_ << "\r" + coloured(drawn) + " " + room + "\x1b[K" << std::flush;
}

std::string Progress::text(double elapsed_seconds) const {
  const double percent = 100.0 * static_cast<double>(done_) / static_cast<double>(total_);
  std::string line = unit_ + " " + std::to_string(done_) + "/" + std::to_string(total_) + " (" +
                     format("%.0f", percent) + " %)";
  if (done_ > first_ && elapsed_seconds > 0.0) {
    const double rate = static_cast<double>(done_ - first_) / elapsed_seconds;
    line += ", " + format("%.3g", rate) + "/s";
    line += done_ < total_
                ? ", " + duration_text(static_cast<double>(total_ - done_) / rate) + " left"
                : ", " + duration_text(elapsed_seconds) + " in all";
  }
  for (const auto& [name, value] : numbers_) line += ", " + name + " " + format("%.4g", value);
  return line;
}

}  // namespace tropism::app
