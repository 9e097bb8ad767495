// SPDX-License-Identifier: MIT
#include <tropism/io/run_directory.hpp>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <functional>
#include <optional>

#include <tropism/base/error.hpp>
#include <tropism/io/atomic_file.hpp>

namespace tropism::io {
namespace {

namespace fs = std::filesystem;

const std::string prefix = "step-";
const std::string suffix = ".h5";
constexpr std::size_t digits = 8;

std::string file_name(std::int64_t step) {
  const std::string number = std::to_string(step);
  return prefix + std::string(digits - std::min(digits, number.size()), '0') + number + suffix;
}

std::optional<std::int64_t> step_of(const std::string& name) {
  if (name.size() < prefix.size() + suffix.size() || !name.starts_with(prefix) ||
      !name.ends_with(suffix))
    return {};
  std::int64_t step = 0;
  const char* const end = name.data() + name.size() - suffix.size();
  const auto [stop, error] = std::from_chars(name.data() + prefix.size(), end, step);
  if (error != std::errc() || stop != end || file_name(step) != name) return {};
  return step;
}

}  // namespace

RunDirectory RunDirectory::create(const std::string& path) {
  std::error_code error;
  fs::create_directories(fs::path(path) / "checkpoints", error);
  if (error)
    throw base::IoError(path + ": the run directory cannot be created (" + error.message() +
                        "). Choose another place by run.directory.");
  return RunDirectory(path);
}

RunDirectory RunDirectory::open(const std::string& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored))
    throw base::IoError(path + ": there is no such run directory. `tropism train` makes one.");
  return RunDirectory(path);
}

std::string RunDirectory::config_path() const {
  return fs::path(path_) / "config.toml";
}
std::string RunDirectory::metrics_path() const {
  return fs::path(path_) / "metrics.jsonl";
}
std::string RunDirectory::stop_path() const {
  return fs::path(path_) / "stop";
}
std::string RunDirectory::latest_path() const {
  return fs::path(path_) / "checkpoints" / "latest.h5";
}

std::string RunDirectory::checkpoint_path(std::int64_t step) const {
  base::expects(step >= 0, "a step is not negative");
  return fs::path(path_) / "checkpoints" / file_name(step);
}

std::vector<std::int64_t> RunDirectory::checkpoint_steps() const {
  std::vector<std::int64_t> steps;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(fs::path(path_) / "checkpoints", none))
    if (const auto step = step_of(entry.path().filename())) steps.push_back(*step);
  std::sort(steps.begin(), steps.end(), std::greater<>());
  return steps;
}

std::vector<std::string> RunDirectory::checkpoints() const {
  std::vector<std::string> paths;
  for (const auto step : checkpoint_steps()) paths.push_back(checkpoint_path(step));
  return paths;
}

void RunDirectory::link_latest(std::int64_t step) const {
  write_atomically(latest_path(), [&](const std::string& temporary_path) {
    std::error_code error;
    fs::remove(temporary_path, error);
    fs::create_symlink(file_name(step), temporary_path, error);
    if (error)
      throw base::IoError(latest_path() + ": the link cannot be made (" + error.message() + ").");
  });
}

void RunDirectory::prune(std::int64_t keep) const {
  base::expects(keep >= 1, "at least one checkpoint is kept");
  const auto steps = checkpoint_steps();
  std::error_code ignored;
  for (std::size_t index = static_cast<std::size_t>(keep); index < steps.size(); ++index)
    fs::remove(checkpoint_path(steps[index]), ignored);
  std::vector<fs::path> left_over;
  for (const auto& entry : fs::directory_iterator(fs::path(path_) / "checkpoints", ignored))
    if (entry.path().extension() == ".tmp") left_over.push_back(entry.path());
  for (const auto& path : left_over) fs::remove(path, ignored);
}

}  // namespace tropism::io
