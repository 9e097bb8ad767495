// SPDX-License-Identifier: MIT
#include <tropism/io/json_lines.hpp>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

#include <tropism/base/error.hpp>
#include <tropism/io/atomic_file.hpp>

namespace tropism::io {
namespace {

/// Calls `use(line, number)` for every complete line.
template <class Use>
void for_each_line(const std::string& text, Use use) {
  std::string_view rest = text;
  std::int64_t number = 0;
  for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    use(rest.substr(0, end), ++number);
    rest.remove_prefix(end + 1);
  }
}

bool is_kept(std::string_view line, std::int64_t step) {
  const auto object = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object() || !object.contains("step")) return !object.is_discarded();
  const auto& found = object["step"];
  return !found.is_number_integer() || found.get<std::int64_t>() <= step;
}

}  // namespace

JsonLines::JsonLines(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "a")) {
  if (!file_)
    throw base::IoError(path + ": cannot be opened for writing. Does its directory exist?");
}

void JsonLines::append(const nlohmann::json& object) {
  const std::string line = object.dump() + '\n';
  const bool written = std::fwrite(line.data(), 1, line.size(), file_.get()) == line.size();
  if (!written || std::fflush(file_.get()) != 0)
    throw base::IoError(path_ + ": a line could not be written; is the disk full?");
}

void keep_lines_up_to_step(const std::string& path, std::int64_t step) {
  if (!std::filesystem::exists(path)) return;
  std::string kept;
  for_each_line(read_text_file(path), [&](std::string_view line, std::int64_t) {
    if (is_kept(line, step)) kept.append(line) += '\n';
  });
  write_text_atomically(path, kept);
}

std::vector<nlohmann::json> read_json_lines(const std::string& path) {
  std::vector<nlohmann::json> objects;
  const std::string text = read_text_file(path);
  for_each_line(text, [&](std::string_view line, std::int64_t number) {
    objects.push_back(nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false));
    if (objects.back().is_discarded())
      throw base::IoError(path + ", line " + std::to_string(number) + ": this is not JSON.");
  });
  return objects;
}

}  // namespace tropism::io
