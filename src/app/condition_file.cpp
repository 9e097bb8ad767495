// SPDX-License-Identifier: MIT
#include "condition_file.hpp"

#include <filesystem>
#include <vector>

#include <tropism/base/error.hpp>
#include <tropism/io/csv.hpp>
#include <tropism/io/hdf5_file.hpp>
#include <tropism/io/npy.hpp>

#include "sample_file.hpp"

namespace tropism::app {
namespace {

torch::Tensor from_hdf5(const std::string& path, const std::string& name) {
  const auto file = io::Hdf5File::open(path);
  if (file.has(name)) return file.read(name);
  throw base::IoError(path + " has no dataset /" + name + ": `tropism inspect " + path +
                      "` shows what it holds.");
}

torch::Tensor from_csv(const std::string& path, const std::string& name) {
  const auto table = io::read_csv(path);
  std::vector<std::int64_t> named;
  for (std::size_t column = 0; column < table.columns.size(); ++column)
    if (table.columns[column].starts_with(name)) named.push_back(static_cast<std::int64_t>(column));
  return named.empty() ? table.values
                       : table.values.index_select(1, torch::tensor(named, torch::kInt64));
}

torch::Tensor from_file(const std::string& path, const std::string& name) {
  if (!std::filesystem::exists(path))
    throw base::IoError("There is no file " + path + " to read conditions from.");
  if (has_ending(path, ".h5") || has_ending(path, ".hdf5")) return from_hdf5(path, name);
  if (has_ending(path, ".npy")) return io::read_npy(path);
  if (has_ending(path, ".csv") || has_ending(path, ".csv.gz")) return from_csv(path, name);
  throw base::ConfigError("The name of the conditions \"" + path +
                          "\" must end in .h5, .hdf5, .npy, .csv or .csv.gz.");
}

}  // namespace

torch::Tensor read_conditions(const std::string& path, const std::string& name) {
  auto values = from_file(path, name).to(torch::kFloat64);
  if (values.dim() == 0 || values.numel() == 0)
    throw base::IoError(path + " holds no conditions: one row for each is needed.");
  values = values.reshape({values.size(0), -1});
  const auto bad = values.to(torch::kFloat32).isfinite().all(1).logical_not().nonzero();
  if (bad.size(0) == 0) return values;
  throw base::IoError(path + ": row " + std::to_string(bad[0][0].item<std::int64_t>()) +
                      " has a condition that is not finite in float32.");
}

}  // namespace tropism::app
