// SPDX-License-Identifier: MIT
#include <tropism/data/shard_writer.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>

#include <tropism/base/error.hpp>
#include <tropism/base/version.hpp>
#include <tropism/comm/row_split.hpp>
#include <tropism/data/manifest.hpp>
#include <tropism/io/atomic_file.hpp>
#include <tropism/io/hdf5_file.hpp>

namespace tropism::data {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t most_shards = 99999;

void validate(const ShardWriterConfig& config) {
  if (config.directory.empty())
    throw base::ConfigError("The directory to write the shards to has no name.");
  if (config.name.empty() || fs::path(config.name).filename() != config.name)
    throw base::ConfigError("The shards cannot be called \"" + config.name +
                            "\"; a plain file name was expected.");
  if (config.shards < 1 || config.shards > most_shards)
    throw base::ConfigError("The number of shards is " + std::to_string(config.shards) +
                            "; it can be 1 to " + std::to_string(most_shards) + ".");
}

std::string shard_name(const ShardWriterConfig& config, std::int64_t shard) {
  std::array<char, 64> numbers = {};
  std::snprintf(numbers.data(), numbers.size(), "-%05lld-of-%05lld.h5",
                static_cast<long long>(shard), static_cast<long long>(config.shards));
  return config.name + numbers.data();
}

/// The first file that does not belong to the shard set of the directory; empty if there is none.
std::string find_foreign_file(const std::string& directory) {
  std::vector<std::string> known;
  if (fs::exists(manifest_path(directory))) {
    known.emplace_back("manifest.json");
    for (const auto& entry : read_manifest(directory).shards) known.push_back(entry.file);
  }
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    if (std::find(known.begin(), known.end(), name) == known.end()) return name;
  }
  return "";
}

void check_replaceable(const std::string& directory, Overwrite overwrite) {
  std::error_code ignored;
  if (!fs::exists(directory, ignored)) return;
  if (!fs::is_directory(directory))
    throw base::IoError(directory + ": this is a file; the shards need a directory of their own.");
  if (fs::is_empty(directory)) return;
  const std::string foreign = find_foreign_file(directory);
  if (!foreign.empty())
    throw base::IoError(
        directory + ": the directory holds \"" + foreign +
        "\", which is not part of a shard set. Choose another directory for the shards.");
  if (overwrite == Overwrite::refuse)
    throw base::IoError(directory +
                        ": the directory holds a shard set already. Choose another one, or replace "
                        "it with --force.");
}

/// int32 unless a label needs more.
torch::Tensor stored_labels(const torch::Tensor& label) {
  if (label.numel() == 0) return label.to(torch::kInt32);
  const bool fits = label.min().item<std::int64_t>() >= std::numeric_limits<std::int32_t>::min() &&
                    label.max().item<std::int64_t>() <= std::numeric_limits<std::int32_t>::max();
  return label.to(fits ? torch::kInt32 : torch::kInt64);
}

void write_shard(const std::string& path, const Dataset& part) {
  auto file = io::Hdf5File::create(path);
  file.set_attribute("/", "format", "tropism.shard");
  file.set_attribute("/", "format_version", std::int64_t{1});
  file.set_attribute("/", "tropism_version", base::version());
  file.set_attribute("/", "first_row", part.first_row);
  part.scaling.write(file, "/");
  auto shape = part.shape;
  shape.insert(shape.begin(), part.rows());
  file.write("x", part.x.to(torch::kFloat32).reshape(shape), io::Layout::contiguous);
  if (part.label) file.write("label", stored_labels(*part.label), io::Layout::contiguous);
  if (part.context)
    file.write("context", part.context->to(torch::kFloat32), io::Layout::contiguous);
  if (part.reward) file.write("reward", part.reward->to(torch::kFloat32), io::Layout::contiguous);
  file.close();
  io::synchronise(path);
}

void write_set(const std::string& directory, const Dataset& dataset,
               const ShardWriterConfig& config) {
  Manifest manifest;
  for (std::int64_t shard = 0; shard < config.shards; ++shard) {
    const auto rows =
        comm::split_rows(dataset.rows(), static_cast<int>(config.shards), static_cast<int>(shard));
    const std::string name = shard_name(config, shard);
    write_shard(fs::path(directory) / name, narrow(dataset, rows.first, rows.count));
    manifest.shards.push_back(describe_shard(directory, name, rows.count));
  }
  write_manifest(directory, manifest);
}

/// A directory that goes away with all it holds, whatever happens.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const std::string& path) : path_(path) {
    std::error_code error;
    fs::create_directories(path_, error);
    if (error)
      throw base::IoError(path_ + ": the directory cannot be created: " + error.message() + ".");
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void rename(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error)
    throw base::IoError(to + ": the directory could not take its name: " + error.message() + ".");
}

/// Puts the finished directory in the place of the old one, which moves into `attic`.
void take_place(const std::string& finished, const std::string& target, const std::string& attic) {
  const bool replaces = fs::exists(target) && !fs::is_empty(target);
  if (replaces) rename(target, attic);
  try {
    rename(finished, target);
  } catch (const base::IoError&) {
    if (replaces) rename(attic, target);
    throw;
  }
}

}  // namespace

void write_shards(const Dataset& dataset, const ShardWriterConfig& config) {
  validate(config);
  std::error_code ignored;
  auto target = fs::weakly_canonical(fs::absolute(config.directory), ignored).string();
  while (target.size() > 1 && target.back() == '/') target.pop_back();
  check_replaceable(target, config.overwrite);
  const TemporaryDirectory temporary(target + "." + std::to_string(getpid()) + ".tmp");
  const auto finished = temporary.path() + "/new";
  fs::create_directory(finished);
  write_set(finished, dataset, config);
  take_place(finished, target, temporary.path() + "/old");
  io::synchronise(fs::path(target).parent_path());
}

}  // namespace tropism::data
