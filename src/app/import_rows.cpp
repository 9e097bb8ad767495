// SPDX-License-Identifier: MIT
#include "import_rows.hpp"

#include <algorithm>

#include <tropism/base/error.hpp>
#include <tropism/io/csv.hpp>
#include <tropism/io/npy.hpp>

#include "sample_file.hpp"
#include "value_summary.hpp"

namespace tropism::app {
namespace {

std::int64_t first_row_of(const torch::Tensor& bad) {
  return bad.reshape({bad.size(0), -1}).any(1).nonzero()[0].item<std::int64_t>();
}

void refuse(const torch::Tensor& bad, const std::string& path, const std::string& reason) {
  if (bad.any().item<bool>())
    throw base::IoError(path + ": row " + std::to_string(first_row_of(bad)) + " (from 0) " +
                        reason);
}

torch::Tensor as_labels(const torch::Tensor& values, const std::string& path) {
  if (!values.is_floating_point()) return values.to(torch::kInt64);
  constexpr double largest_exact = 9007199254740992.0;  // 2^53
  const auto bad = values.ne(values.round()) | values.abs().gt(largest_exact);
  refuse(bad, path, "has a label that is not an integer.");
  return values.to(torch::kInt64);
}

torch::Tensor finite(const torch::Tensor& values, const std::string& path) {
  const auto as_float32 = values.to(torch::kFloat32);
  refuse(as_float32.isfinite().logical_not(), path,
         "holds NaN, infinity or a number beyond float32. Remove or mend it.");
  return values.to(torch::kFloat64);
}

torch::Tensor columns_of(const io::Table& table, const std::vector<std::int64_t>& columns) {
  return table.values.index_select(1, torch::tensor(columns, torch::kInt64));
}

/// The columns that no option names.
std::vector<std::int64_t> others(std::int64_t columns, const std::vector<std::int64_t>& taken) {
  std::vector<std::int64_t> left;
  for (std::int64_t column = 0; column < columns; ++column)
    if (std::find(taken.begin(), taken.end(), column) == taken.end()) left.push_back(column);
  return left;
}

std::int64_t take(std::vector<std::int64_t>& taken, std::int64_t column, const std::string& path) {
  if (std::find(taken.begin(), taken.end(), column) != taken.end())
    throw base::ConfigError(
        path + ": column " + std::to_string(column) +
        " is named twice; it can be label, context or reward, not several of them.");
  taken.push_back(column);
  return column;
}

ImportedRows read_csv_rows(const std::string& path, const ImportColumns& columns) {
  const std::vector<std::string> may_be_missing(columns.reward.empty() ? 0 : 1, columns.reward);
  const auto table = io::read_csv(path, may_be_missing);
  std::vector<std::int64_t> taken, context;
  ImportedRows rows;
  if (!columns.label.empty()) {
    const auto label = take(taken, io::column_index(table, columns.label, path), path);
    rows.label = as_labels(table.values.select(1, label), path);
  }
  for (const auto& name : columns.context)
    context.push_back(take(taken, io::column_index(table, name, path), path));
  if (!context.empty()) rows.context = finite(columns_of(table, context), path);
  if (!columns.reward.empty())
    rows.reward =
        table.values.select(1, take(taken, io::column_index(table, columns.reward, path), path));
  const auto left = others(table.values.size(1), taken);
  if (left.empty())
    throw base::ConfigError(path + ": no column is left for the samples themselves.");
  rows.x = finite(columns_of(table, left), path);
  rows.shape = {rows.x.size(1)};
  return rows;
}

ImportedRows read_npy_rows(const std::string& path, const ImportColumns& columns) {
  if (!columns.label.empty() || !columns.context.empty() || !columns.reward.empty())
    throw base::ConfigError(
        path +
        ": NumPy files have no named columns. Give labels, contexts and rewards as files: "
        "--label, --context, --reward.");
  const auto values = io::read_npy(path);
  if (values.dim() == 0 || values.numel() == 0)
    throw base::IoError(path +
                        ": an array [N, ...] with at least one row and one column was expected.");
  ImportedRows rows;
  rows.shape = values.dim() == 1 ? std::vector<std::int64_t>{1} : values.sizes().slice(1).vec();
  rows.x = finite(values.reshape({values.size(0), -1}), path);
  return rows;
}

ImportedRows read_one(const std::string& path, const ImportColumns& columns) {
  if (has_ending(path, ".h5") || has_ending(path, ".hdf5"))
    throw base::ConfigError(
        path + ": HDF5 files need no import. Name the file, or its directory, as data.path.");
  return has_ending(path, ".npy") ? read_npy_rows(path, columns) : read_csv_rows(path, columns);
}

void join(std::optional<torch::Tensor>& all, const std::optional<torch::Tensor>& part) {
  if (all && part) all = torch::cat({*all, *part});
}

void append(ImportedRows& all, const ImportedRows& part, const std::string& path,
            const std::string& first_path) {
  if (part.shape != all.shape)
    throw base::IoError(path + ": a row has " + std::to_string(part.x.size(1)) +
                        " numbers for the samples, and " + std::to_string(all.x.size(1)) +
                        " (or another shape) in " + first_path + ". All files need the same.");
  all.x = torch::cat({all.x, part.x});
  join(all.label, part.label);
  join(all.context, part.context);
  join(all.reward, part.reward);
}

/// A column that comes in a file of its own.
torch::Tensor read_column(const std::string& path, std::int64_t rows, bool is_taken,
                          std::int64_t most_dimensions) {
  if (is_taken)
    throw base::ConfigError(path +
                            ": the CSV files bring such a column already; name one of them.");
  auto values = io::read_npy(path);
  if (values.dim() < 1 || values.dim() > most_dimensions)
    throw base::IoError(path + ": the array has " + std::to_string(values.dim()) + " dimensions; " +
                        (most_dimensions == 1 ? "[N]" : "[N] or [N, C]") + " was expected.");
  if (values.size(0) != rows)
    throw base::IoError(path + ": it has " + std::to_string(values.size(0)) +
                        " rows, and the samples have " + std::to_string(rows) + ".");
  return values;
}

void add_column_files(ImportedRows& rows, const ImportColumns& columns) {
  const auto count = rows.x.size(0);
  if (!columns.label_file.empty())
    rows.label = as_labels(read_column(columns.label_file, count, rows.label.has_value(), 1),
                           columns.label_file);
  if (!columns.context_file.empty())
    rows.context = finite(
        read_column(columns.context_file, count, rows.context.has_value(), 2).reshape({count, -1}),
        columns.context_file);
  if (columns.reward_file.empty()) return;
  rows.reward =
      read_column(columns.reward_file, count, rows.reward.has_value(), 1).to(torch::kFloat64);
}

std::vector<std::int64_t> chosen_shape(const std::vector<std::int64_t>& asked,
                                       const ImportedRows& rows) {
  if (asked.empty()) return rows.shape;
  std::int64_t product = 1;
  for (const auto size : asked) {
    if (size < 1 || product > rows.x.size(1)) product = -1;
    product *= size;
  }
  if (product != rows.x.size(1))
    throw base::ConfigError("--shape " + shape_text(asked) + " does not fit: a sample has " +
                            std::to_string(rows.x.size(1)) +
                            " numbers, and the sizes must multiply to that.");
  return asked;
}

}  // namespace

ImportedRows read_rows(const std::vector<std::string>& files, const ImportColumns& columns) {
  base::expects(!files.empty(), "at least one file");
  auto rows = read_one(files.front(), columns);
  for (std::size_t index = 1; index < files.size(); ++index)
    append(rows, read_one(files[index], columns), files[index], files.front());
  add_column_files(rows, columns);
  if (rows.reward) refuse(rows.reward->to(torch::kFloat32).isinf(), "The rewards", "is infinite.");
  return rows;
}

data::Dataset dataset_of(const ImportedRows& rows, const std::string& scale,
                         const std::vector<std::int64_t>& shape) {
  const auto scaling = data::fit_scaling(data::scaling_kind(scale), rows.x);
  auto dataset = data::whole_dataset(scaling.apply(rows.x));
  dataset.shape = chosen_shape(shape, rows);
  dataset.scaling = scaling;
  dataset.label = rows.label;
  if (rows.context) dataset.context = rows.context->to(torch::kFloat32);
  if (rows.reward) dataset.reward = rows.reward->to(torch::kFloat32);
  return dataset;
}

}  // namespace tropism::app
