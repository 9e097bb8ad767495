// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace tropism::io {

/// A file of one JSON object per line, appended to as a run proceeds.
class JsonLines {
 public:
  /// Opens for appending; creates the file if there is none. @throws IoError
  explicit JsonLines(const std::string& path);

  /// Adds one line and hands it to the operating system. NaN and infinity become null: JSON has
  /// neither.
  void append(const nlohmann::json& object);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

/// Keeps the lines whose integer field "step" is at most `step`: what a run that resumes from the
/// checkpoint of that step will not write again. Lines without that field are kept; a last line
/// that was torn by a kill goes. No file: nothing to do. Atomic; call it before the file is opened
/// for appending.
void keep_lines_up_to_step(const std::string& path, std::int64_t step);

/// All lines of a file. @throws IoError names the line that is not JSON
[[nodiscard]] std::vector<nlohmann::json> read_json_lines(const std::string& path);

}  // namespace tropism::io
