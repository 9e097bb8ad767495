// SPDX-License-Identifier: MIT
#include "sample_file.hpp"

#include <algorithm>
#include <filesystem>

#include <tropism/base/error.hpp>
#include <tropism/data/scaling.hpp>
#include <tropism/data/shard_set.hpp>
#include <tropism/io/csv.hpp>
#include <tropism/io/hdf5_file.hpp>
#include <tropism/io/npy.hpp>

namespace tropism::app {
namespace {

PointSet from_rows(const std::string& path, const torch::Tensor& rows) {
  if (rows.dim() == 0 || rows.numel() == 0)
    throw base::IoError(path + " holds no samples: an array [N, ...] with N >= 1 rows is needed.");
  PointSet points;
  points.path = path;
  points.shape = rows.sizes().slice(1).vec();
  if (points.shape.empty()) points.shape = {1};
  points.x = rows.reshape({rows.size(0), -1}).to(torch::kFloat32);
  return points;
}

PointSet read_hdf5_points(const std::string& path) {
  const auto file = io::Hdf5File::open(path);
  if (!file.has("x"))
    throw base::IoError(
        path + " has no dataset /x. `tropism inspect " + path +
        "` shows what it holds; samples are /x [N, ...] and, if there are, /label [N].");
  auto points = from_rows(path, file.read("x"));
  points.x = data::Scaling::read(file, "/").undo(points.x);
  if (file.has("label")) points.label = as_labels(path, file.read("label"));
  if (file.has("config")) points.config = file.read_text("config");
  points.has_contexts = file.has("context");
  return points;
}

bool is_context(const std::string& column) {
  return column.starts_with("context");
}

bool is_coordinate(const std::string& column) {
  return column != "label" && column != "index" && !is_context(column);
}

PointSet read_csv_points(const std::string& path) {
  const auto table = io::read_csv(path);
  std::vector<torch::Tensor> coordinates;
  std::optional<torch::Tensor> label;
  for (std::int64_t column = 0; column < table.values.size(1); ++column) {
    const auto name =
        table.columns.empty() ? std::string() : table.columns[static_cast<std::size_t>(column)];
    if (is_coordinate(name)) coordinates.push_back(table.values.select(1, column));
    if (name == "label") label = as_labels(path, table.values.select(1, column));
  }
  if (coordinates.empty()) throw base::IoError(path + " has no column of coordinates.");
  auto points = from_rows(path, torch::stack(coordinates, 1));
  points.label = label;
  points.has_contexts = std::any_of(table.columns.begin(), table.columns.end(), is_context);
  return points;
}

PointSet read_by_ending(const std::string& path) {
  if (has_ending(path, ".h5") || has_ending(path, ".hdf5")) return read_hdf5_points(path);
  if (has_ending(path, ".npy")) return from_rows(path, io::read_npy(path));
  if (has_ending(path, ".csv") || has_ending(path, ".csv.gz")) return read_csv_points(path);
  throw base::ConfigError("The name of the samples \"" + path +
                          "\" must end in .h5, .hdf5, .npy, .csv or .csv.gz.");
}

void check(const PointSet& points) {
  const auto rows = std::to_string(points.x.size(0));
  if (points.label && points.label->size(0) != points.x.size(0))
    throw base::IoError(points.path + " has " + rows + " rows but " +
                        std::to_string(points.label->size(0)) + " labels.");
  const auto bad = points.x.isfinite().all(1).logical_not().nonzero();
  if (bad.size(0) == 0) return;
  throw base::IoError(points.path + ": row " + std::to_string(bad[0][0].item<std::int64_t>()) +
                      " of " + rows + " (and " + std::to_string(bad.size(0) - 1) +
                      " more) has a value that is not finite.");
}

}  // namespace

bool has_ending(const std::string& path, const std::string& ending) {
  return path.size() >= ending.size() &&
         path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
}

torch::Tensor as_labels(const std::string& path, const torch::Tensor& values) {
  const auto labels = values.flatten().to(torch::kInt64);
  if (labels.to(torch::kFloat64).equal(values.flatten().to(torch::kFloat64))) return labels;
  throw base::IoError(path + ": the labels are not integers.");
}

PointSet read_point_set(const std::string& path) {
  if (!std::filesystem::exists(path))
    throw base::IoError("There is no file " + path + " to read samples from.");
  auto points = read_by_ending(path);
  check(points);
  return points;
}

data::Dataset read_whole_data(const data::DataConfig& config) {
  return data::load(config, comm::Communicator::alone());
}

PointSet as_point_set(const data::Dataset& data, const std::string& path) {
  return {path, data.scaling.undo(data.x), data.shape, data.label, {}, data.context.has_value()};
}

}  // namespace tropism::app
