// SPDX-License-Identifier: MIT
#include <tropism/data/shard_set.hpp>

#include <algorithm>
#include <filesystem>

#include <tropism/base/error.hpp>
#include <tropism/comm/agreement.hpp>
#include <tropism/comm/communicator.hpp>
#include <tropism/data/manifest.hpp>

#include "shard_columns.hpp"

namespace tropism::data {
namespace {

namespace fs = std::filesystem;

/// One file to open; with a manifest, how many rows it must have.
struct Candidate {
  std::string path;
  std::optional<std::int64_t> promised_rows;
};

/// All sizes are checked by every rank; contents by one rank each.
std::vector<Candidate> listed_files(const std::string& directory, const comm::Communicator& comm) {
  std::vector<Candidate> files;
  int turn = 0;
  for (const auto& entry : read_manifest(directory).shards) {
    check_shard_size(directory, entry);
    if (turn++ % comm.size() == comm.rank()) check_shard_contents(directory, entry);
    files.push_back({fs::path(directory) / entry.file, entry.rows});
  }
  return files;
}

std::vector<Candidate> files_in_name_order(const std::string& directory) {
  std::vector<Candidate> files;
  for (const auto& entry : fs::directory_iterator(directory))
    if (entry.path().extension() == ".h5" || entry.path().extension() == ".hdf5")
      files.push_back({entry.path().string(), std::nullopt});
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  if (files.empty())
    throw base::IoError(
        directory +
        ": the directory holds neither a manifest.json nor a *.h5 file. `tropism import` "
        "makes shards from CSV and NumPy files.");
  return files;
}

std::vector<Candidate> find_files(const std::string& path, const comm::Communicator& comm) {
  std::error_code ignored;
  if (!fs::exists(path, ignored))
    throw base::IoError(path + ": there is no such file or directory. data.path names the data.");
  if (!fs::is_directory(path)) return {{path, std::nullopt}};
  return fs::exists(manifest_path(path)) ? listed_files(path, comm) : files_in_name_order(path);
}

void check_promise(const Candidate& file, std::int64_t rows) {
  if (!file.promised_rows || *file.promised_rows == rows) return;
  throw base::IoError(file.path + ": the shard has " + std::to_string(rows) +
                      " rows, and manifest.json promises " + std::to_string(*file.promised_rows) +
                      ".");
}

/// A column that the user has named must be there.
void check_named(bool is_there, const std::string& name, const std::string& default_name,
                 const DataConfig& config) {
  if (is_there || name.empty() || name == default_name) return;
  throw base::IoError(config.path + ": no shard has the dataset `" + name + "` that data." +
                      default_name + " names.");
}

std::optional<torch::Tensor> joined(const std::vector<torch::Tensor>& parts) {
  if (parts.empty()) return std::nullopt;
  return parts.size() == 1 ? parts.front() : torch::cat(parts);
}

/// What a shard has of a range, counted within the shard.
comm::RowRange within(comm::RowRange rows, std::int64_t first_row, std::int64_t count) {
  const auto begin = std::max(rows.first, first_row);
  const auto end = std::min(rows.first + rows.count, first_row + count);
  return begin < end ? comm::RowRange{begin - first_row, end - begin} : comm::RowRange{0, 0};
}

std::int64_t count_of(const std::vector<comm::RowRange>& ranges) {
  std::int64_t count = 0;
  for (const auto& range : ranges) count += range.count;
  return count;
}

}  // namespace

ShardSet::ShardSet(const DataConfig& config, const comm::Communicator& comm) : config_(config) {
  config_.validate();
  comm::together(comm, [&] { open_shards(comm); });
}

void ShardSet::open_shards(const comm::Communicator& comm) {
  std::optional<ShardColumns> first;
  std::int64_t first_row = 0;
  for (const auto& candidate : find_files(config_.path, comm)) {
    const auto columns = describe_columns(io::Hdf5File::open(candidate.path), config_);
    check_promise(candidate, columns.rows);
    if (!first) first = columns;
    check_alike(*first, columns, candidate.path, config_);
    shards_.push_back({candidate.path, first_row, columns.rows});
    first_row += columns.rows;
  }
  if (first_row == 0)
    throw base::IoError(config_.path + ": the data have no row; at least one was expected.");
  row_shape_ = first->row_shape;
  has_label_ = first->has_label;
  has_reward_ = first->has_reward;
  context_size_ = first->context_size;
  scaling_ = first->scaling;
  check_named(has_label_, config_.label, "label", config_);
  check_named(has_reward_, config_.reward, "reward", config_);
  check_named(context_size_.has_value(), config_.context, "context", config_);
}

std::int64_t ShardSet::rows() const {
  return shards_.back().first_row + shards_.back().rows;
}

/// The columns in the order of the rows: x, which is large, in its place, the others in pieces.
struct ShardSet::Parts {
  torch::Tensor x;
  std::int64_t rows_read = 0;
  std::vector<torch::Tensor> label, context, reward;
};

void ShardSet::read_from(const Shard& shard, const std::vector<comm::RowRange>& ranges,
                         Parts& parts) const {
  const auto file = io::Hdf5File::open(shard.path);
  for (const auto& range : ranges) {
    read_x(parts.x.narrow(0, parts.rows_read, range.count), file, config_.x, range);
    parts.rows_read += range.count;
    if (has_label_) parts.label.push_back(read_label(file, config_.label, range));
    if (context_size_) parts.context.push_back(read_context(file, config_.context, range));
    if (has_reward_) parts.reward.push_back(read_reward(file, config_.reward, range));
  }
}

Dataset ShardSet::read(const std::vector<comm::RowRange>& ranges) const {
  Parts parts;
  parts.x = torch::empty({count_of(ranges), c10::multiply_integers(row_shape_)});
  for (const auto& shard : shards_) {
    std::vector<comm::RowRange> here;
    for (const auto& range : ranges) {
      const auto part = within(range, shard.first_row, shard.rows);
      if (part.count > 0) here.push_back(part);
    }
    if (!here.empty()) read_from(shard, here, parts);
  }
  // No row at all still takes its (empty) tensors from one shard, for their shapes.
  if (parts.rows_read == 0) read_from(shards_.back(), {{0, 0}}, parts);
  return {.x = parts.x,
          .shape = row_shape_,
          .label = joined(parts.label),
          .context = joined(parts.context),
          .reward = joined(parts.reward),
          .scaling = scaling_,
          .first_row = ranges.empty() ? 0 : ranges.front().first,
          .total_rows = rows()};
}

Dataset ShardSet::read(comm::RowRange rows) const {
  base::expects(rows.first >= 0 && rows.count >= 0 && rows.count <= this->rows() - rows.first,
                "the rows are in the shard set");
  return read(std::vector<comm::RowRange>{rows});
}

Dataset load(const ShardSet& shards, const DataConfig& config, const comm::Communicator& comm) {
  const bool replicated = config.placement == "replicated";
  const auto share = replicated ? comm::RowRange{0, shards.rows()}
                                : comm::split_rows(shards.rows(), comm.size(), comm.rank());
  return comm::together(comm, [&] { return shards.read(share); });
}

Dataset load(const DataConfig& config, const comm::Communicator& comm) {
  const ShardSet shards(config, comm);
  return load(shards, config, comm);
}

}  // namespace tropism::data
