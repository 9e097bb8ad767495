// SPDX-License-Identifier: MIT
#include <tropism/sampling/sample_file.hpp>

#include <filesystem>

#include <tropism/base/error.hpp>
#include <tropism/io/atomic_file.hpp>
#include <tropism/io/csv.hpp>
#include <tropism/io/hdf5_file.hpp>
#include <tropism/io/npy.hpp>

namespace tropism::sampling {
namespace {

std::string ending_of(const std::string& path) {
  return std::filesystem::path(path).extension().string();
}

void write_hdf5(const std::string& path, const SampleSet& samples) {
  auto file = io::Hdf5File::create(path);
  file.set_attribute("/", "format", "tropism.samples");
  file.set_attribute("/", "format_version", std::int64_t{1});
  for (const auto& [name, value] : samples.attributes) file.set_attribute("/", name, value);
  file.write("/x", samples.x.contiguous(), io::Layout::contiguous);
  if (samples.label) file.write("/label", samples.label->to(torch::kInt32), io::Layout::contiguous);
  if (samples.context)
    file.write("/context", samples.context->contiguous(), io::Layout::contiguous);
  file.write("/index", samples.index, io::Layout::contiguous);
  file.write_text("/config", samples.config);
  file.close();
}

/// Adds the columns of values [N, n], name0, name1, ...
void add_columns(const std::string& name, const torch::Tensor& values, io::Table& table,
                 std::vector<torch::Tensor>& columns) {
  for (std::int64_t i = 0; i < values.size(1); ++i)
    table.columns.push_back(name + std::to_string(i));
  columns.push_back(values.to(torch::kFloat64));
}

/// Columns index, label and context0, ... (if there are any), x0, x1, ...
void write_table(const std::string& path, const SampleSet& samples) {
  io::Table table;
  std::vector<torch::Tensor> columns = {samples.index.to(torch::kFloat64).unsqueeze(1)};
  table.columns = {"index"};
  if (samples.label) {
    table.columns.emplace_back("label");
    columns.push_back(samples.label->to(torch::kFloat64).unsqueeze(1));
  }
  if (samples.context) add_columns("context", *samples.context, table, columns);
  add_columns("x", samples.x.reshape({samples.x.size(0), -1}), table, columns);
  table.values = torch::cat(columns, 1);
  io::write_csv(path, table);
}

}  // namespace

void check_sample_path(const std::string& path) {
  const auto ending = ending_of(path);
  if (ending == ".h5" || ending == ".npy" || ending == ".csv")
    return io::check_can_be_written(path);
  throw base::ConfigError(
      "--out " + path +
      ": samples are written as .h5, .npy or .csv; the name must end in one of these.");
}

void write_samples(const std::string& path, const SampleSet& samples) {
  check_sample_path(path);
  const auto ending = ending_of(path);
  io::write_atomically(path, [&](const std::string& temporary) {
    if (ending == ".h5") write_hdf5(temporary, samples);
    if (ending == ".npy") io::write_npy(temporary, samples.x.contiguous());
    if (ending == ".csv") write_table(temporary, samples);
  });
}

}  // namespace tropism::sampling
