// SPDX-License-Identifier: MIT
#include "shard_columns.hpp"

#include <algorithm>
#include <sstream>

#include <tropism/base/elementwise.hpp>
#include <tropism/base/error.hpp>

namespace tropism::data {
namespace {

constexpr std::int64_t format_version = 1;
constexpr std::int64_t numbers_at_once = 262144;  // a MiB, which stays in the cache

std::string text_of(const std::vector<std::int64_t>& shape) {
  std::ostringstream text;
  text << at::IntArrayRef(shape);
  return text.str();
}

[[noreturn]] void fail_column(const io::Hdf5File& file, const std::string& name,
                              const std::string& expected) {
  throw base::IoError(file.path() + ": the dataset `" + name + "` is " + file.stored_type(name) +
                      " of shape " + text_of(file.shape(name)) + "; " + expected + ".");
}

void check_format(const io::Hdf5File& file) {
  if (!file.has_attribute("/", "format") ||
      file.attribute_kind("/", "format") != io::Hdf5Kind::text)
    return;
  if (file.attribute_text("/", "format") != "tropism.shard") return;
  const auto version = file.attribute_integer("/", "format_version");
  if (version != format_version)
    throw base::IoError(file.path() + ": the shard has format version " + std::to_string(version) +
                        ", and this Tropism reads version 1. Import the data anew.");
}

std::vector<std::int64_t> describe_x(const io::Hdf5File& file, const std::string& name) {
  if (!file.has(name)) {
    std::string there;
    for (const auto& other : file.list("/")) there += (there.empty() ? "" : ", ") + other;
    throw base::IoError(file.path() + ": there is no dataset `" + name + "`; the file holds " +
                        (there.empty() ? "nothing" : there) + ". Name the samples by data.x.");
  }
  const auto kind = file.kind(name);
  if (kind == io::Hdf5Kind::group)
    throw base::IoError(file.path() + ": `" + name +
                        "` is a group; a dataset was expected. Correct data.x.");
  const auto shape = file.shape(name);
  if (kind != io::Hdf5Kind::integer && kind != io::Hdf5Kind::real)
    fail_column(file, name, "numbers were expected");
  if (shape.empty()) fail_column(file, name, "rows of samples were expected, [N, ...]");
  for (std::size_t axis = 1; axis < shape.size(); ++axis)
    if (shape[axis] == 0) fail_column(file, name, "rows with at least one element were expected");
  return shape;
}

/// Whether an optional column is there, and of the right kind and length if so.
bool has_column(const io::Hdf5File& file, const std::string& name, std::int64_t rows,
                bool must_be_integers, std::size_t most_dimensions) {
  if (name.empty() || !file.has(name)) return false;
  const auto kind = file.kind(name);
  if (kind == io::Hdf5Kind::group)
    throw base::IoError(file.path() + ": `" + name + "` is a group; a dataset was expected.");
  const std::string expected = must_be_integers ? "integers" : "numbers";
  const auto shape = file.shape(name);
  if (kind != io::Hdf5Kind::integer && (must_be_integers || kind != io::Hdf5Kind::real))
    fail_column(file, name, expected + " were expected");
  if (shape.empty() || shape.size() > most_dimensions || (shape.size() == 2 && shape[1] == 0))
    fail_column(file, name,
                std::string(most_dimensions == 1 ? "[N]" : "[N] or [N, C]") + " was expected");
  if (shape[0] != rows)
    fail_column(file, name, "as many rows as x were expected, " + std::to_string(rows));
  return true;
}

std::optional<std::int64_t> describe_context(const io::Hdf5File& file, const std::string& name,
                                             std::int64_t rows) {
  if (!has_column(file, name, rows, false, 2)) return std::nullopt;
  const auto shape = file.shape(name);
  return shape.size() == 1 ? 1 : shape[1];
}

/// Throws for the first row that holds a true in `bad` [M, ...].
void refuse_rows(const io::Hdf5File& file, const std::string& name, std::int64_t first_row,
                 const torch::Tensor& bad) {
  if (!bad.any().item<bool>()) return;
  const auto row = bad.reshape({bad.size(0), -1}).any(1).nonzero()[0].item<std::int64_t>();
  throw base::IoError(file.path() + ": row " + std::to_string(first_row + row) + " of `" + name +
                      "` holds NaN, infinity or a number beyond float32. Remove or mend that row.");
}

torch::Tensor read_flat(const io::Hdf5File& file, const std::string& name, comm::RowRange rows) {
  const auto values = file.read_rows(name, rows.first, rows.count).to(torch::kFloat32);
  const auto columns = values.dim() == 1 ? 1 : c10::multiply_integers(values.sizes().slice(1));
  return values.reshape({rows.count, columns});
}

void check_finite(const io::Hdf5File& file, const std::string& name, comm::RowRange rows,
                  const torch::Tensor& values) {
  // Piece by piece: the check of all rows at once would need their memory again.
  const std::int64_t most = std::max(std::int64_t{1}, numbers_at_once / values.size(1));
  for (std::int64_t first = 0; first < rows.count; first += most) {
    const auto piece = values.narrow(0, first, std::min(most, rows.count - first));
    if (base::all_finite(piece)) continue;
    refuse_rows(file, name, rows.first + first, piece.isfinite().logical_not());
  }
}

void check_same_presence(bool first, bool other, const std::string& name, const std::string& path) {
  if (first == other) return;
  throw base::IoError(path + ": the dataset `" + name + "` is " + (other ? "there" : "missing") +
                      ", and it is " + (first ? "there" : "missing") +
                      " in the first shard. All shards must have the same columns.");
}

bool same_scaling(const Scaling& first, const Scaling& other) {
  return first.kind == other.kind && first.offset.equal(other.offset) &&
         first.factor.equal(other.factor);
}

}  // namespace

ShardColumns describe_columns(const io::Hdf5File& file, const DataConfig& config) {
  check_format(file);
  const auto shape = describe_x(file, config.x);
  ShardColumns columns;
  columns.rows = shape[0];
  columns.row_shape.assign(shape.begin() + 1, shape.end());
  if (shape.size() == 1) columns.row_shape = {1};
  columns.has_label = has_column(file, config.label, shape[0], true, 1);
  columns.has_reward = has_column(file, config.reward, shape[0], false, 1);
  columns.context_size = describe_context(file, config.context, shape[0]);
  columns.scaling = Scaling::read(file, "/");
  const auto factors = columns.scaling.factor.numel();
  if (factors != 1 && factors != c10::multiply_integers(columns.row_shape))
    throw base::IoError(file.path() + ": the scaling has " + std::to_string(factors) +
                        " columns, which is not the size of a row of `" + config.x + "`.");
  return columns;
}

void check_alike(const ShardColumns& first, const ShardColumns& other, const std::string& path,
                 const DataConfig& config) {
  if (first.row_shape != other.row_shape)
    throw base::IoError(path + ": rows of `" + config.x + "` have the shape " +
                        text_of(other.row_shape) + ", and those of the first shard " +
                        text_of(first.row_shape) + ". They must be the same.");
  check_same_presence(first.has_label, other.has_label, config.label, path);
  check_same_presence(first.has_reward, other.has_reward, config.reward, path);
  check_same_presence(first.context_size.has_value(), other.context_size.has_value(),
                      config.context, path);
  if (first.context_size != other.context_size)
    throw base::IoError(path + ": `" + config.context + "` has " +
                        std::to_string(*other.context_size) + " columns, and " +
                        std::to_string(*first.context_size) + " in the first shard.");
  if (!same_scaling(first.scaling, other.scaling))
    throw base::IoError(
        path + ": the shard was scaled in another way than the first one. Import both together.");
}

void read_x(torch::Tensor values, const io::Hdf5File& file, const std::string& name,
            comm::RowRange rows) {
  file.read_rows_into(values, name, rows.first, rows.count);
  check_finite(file, name, rows, values);
}

torch::Tensor read_label(const io::Hdf5File& file, const std::string& name, comm::RowRange rows) {
  return file.read_rows(name, rows.first, rows.count).to(torch::kInt64);
}

torch::Tensor read_context(const io::Hdf5File& file, const std::string& name, comm::RowRange rows) {
  auto values = read_flat(file, name, rows);
  check_finite(file, name, rows, values);
  return values;
}

torch::Tensor read_reward(const io::Hdf5File& file, const std::string& name, comm::RowRange rows) {
  auto values = read_flat(file, name, rows).reshape({rows.count});
  refuse_rows(file, name, rows.first, values.isinf());
  return values;
}

}  // namespace tropism::data
