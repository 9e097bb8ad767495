// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tropism::io {

/// The files of one run and what they are called:
///   config.toml   metrics.jsonl   checkpoints/step-00012000.h5   checkpoints/latest.h5 (a link)
///   job/
class RunDirectory {
 public:
  /// Creates what is missing, or opens what is there. @throws IoError if it cannot be created
  static RunDirectory create(const std::string& path);

  /// @throws IoError if there is no such directory
  static RunDirectory open(const std::string& path);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string config_path() const;
  [[nodiscard]] std::string metrics_path() const;
  [[nodiscard]] std::string stop_path() const;  // a file of this name asks the run to stop
  [[nodiscard]] std::string checkpoint_path(std::int64_t step) const;
  [[nodiscard]] std::string latest_path() const;

  /// The steps that have a checkpoint, newest first.
  [[nodiscard]] std::vector<std::int64_t> checkpoint_steps() const;

  /// Their paths, newest first.
  [[nodiscard]] std::vector<std::string> checkpoints() const;

  /// Makes checkpoints/latest.h5 a link to the checkpoint of `step`, all at once.
  void link_latest(std::int64_t step) const;

  /// Removes all checkpoints but the `keep` newest, and temporary files that a kill left.
  void prune(std::int64_t keep) const;

 private:
  explicit RunDirectory(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

}  // namespace tropism::io
