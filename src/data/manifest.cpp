// SPDX-License-Identifier: MIT
#include <tropism/data/manifest.hpp>

#include <filesystem>
#include <nlohmann/json.hpp>

#include <tropism/base/error.hpp>
#include <tropism/io/atomic_file.hpp>
#include <tropism/io/content_hash.hpp>

namespace tropism::data {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int format_version = 1;

/// A member of the right type. @throws IoError
template <class Value>
Value member(const json& object, const std::string& key, const std::string& path) {
  try {
    return object.at(key).get<Value>();
  } catch (const json::exception&) {
    throw base::IoError(path + ": the key \"" + key + "\" is missing or of the wrong type.");
  }
}

ManifestEntry parse_entry(const json& object, const std::string& path) {
  ManifestEntry entry = {
      member<std::string>(object, "file", path), member<std::int64_t>(object, "rows", path),
      member<std::int64_t>(object, "bytes", path), member<std::string>(object, "hash", path)};
  const bool is_plain_name = !entry.file.empty() && fs::path(entry.file).filename() == entry.file;
  if (!is_plain_name || entry.rows < 0)
    throw base::IoError(path + ": the shard \"" + entry.file +
                        "\" is not a file name with a number of rows.");
  return entry;
}

json parse(const std::string& path) {
  auto object = json::parse(io::read_text_file(path), nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) throw base::IoError(path + ": this is not a JSON object.");
  const auto format = member<std::string>(object, "format", path);
  const auto version = member<int>(object, "format_version", path);
  if (format != "tropism.manifest" || version != format_version)
    throw base::IoError(path + ": the format is \"" + format + "\" version " +
                        std::to_string(version) + "; \"tropism.manifest\" version 1 was expected.");
  return object;
}

std::string shard_path(const std::string& directory, const ManifestEntry& entry) {
  return fs::path(directory) / entry.file;
}

}  // namespace

std::string manifest_path(const std::string& directory) {
  return fs::path(directory) / "manifest.json";
}

Manifest read_manifest(const std::string& directory) {
  const std::string path = manifest_path(directory);
  Manifest manifest;
  for (const auto& entry : member<std::vector<json>>(parse(path), "shards", path))
    manifest.shards.push_back(parse_entry(entry, path));
  return manifest;
}

void write_manifest(const std::string& directory, const Manifest& manifest) {
  json shards = json::array();
  std::int64_t rows = 0;
  for (const auto& entry : manifest.shards) {
    shards.push_back(
        {{"file", entry.file}, {"rows", entry.rows}, {"bytes", entry.bytes}, {"hash", entry.hash}});
    rows += entry.rows;
  }
  const json object = {{"format", "tropism.manifest"},
                       {"format_version", format_version},
                       {"rows", rows},
                       {"shards", shards}};
  io::write_text_atomically(manifest_path(directory), object.dump(2) + '\n');
}

ManifestEntry describe_shard(const std::string& directory, const std::string& file,
                             std::int64_t rows) {
  const std::string path = fs::path(directory) / file;
  return {file, rows, static_cast<std::int64_t>(fs::file_size(path)), io::content_hash(path)};
}

void check_shard_size(const std::string& directory, const ManifestEntry& entry) {
  const std::string path = shard_path(directory, entry);
  std::error_code error;
  const auto bytes = static_cast<std::int64_t>(fs::file_size(path, error));
  if (error)
    throw base::IoError(
        path +
        ": this shard is missing, and manifest.json lists it. Copy the whole directory again.");
  if (bytes != entry.bytes)
    throw base::IoError(path + ": the shard has " + std::to_string(bytes) +
                        " bytes, and manifest.json promises " + std::to_string(entry.bytes) +
                        ". It was cut off or changed; copy it again.");
}

void check_shard_contents(const std::string& directory, const ManifestEntry& entry) {
  const std::string path = shard_path(directory, entry);
  const std::string hash = io::content_hash(path);
  if (hash != entry.hash)
    throw base::IoError(path + ": the contents were altered (" + hash +
                        ", and manifest.json promises " + entry.hash +
                        "). Copy the shard again, or import the data anew.");
}

}  // namespace tropism::data
