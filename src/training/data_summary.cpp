// SPDX-License-Identifier: MIT
#include <tropism/training/data_summary.hpp>

#include <map>
#include <utility>

#include <tropism/base/error.hpp>
#include <tropism/base/fixed_point.hpp>
#include <tropism/comm/collectives.hpp>
#include <tropism/io/hdf5_file.hpp>

namespace tropism::training {
namespace {

/// Column sums of values [M, D] over all rows of all ranks, float64 [D]; the order of rows does not
/// matter.
torch::Tensor exact_column_sums(const comm::Communicator& comm, const torch::Tensor& values,
                                std::int64_t total_rows) {
  auto largest = torch::zeros({1}, torch::kFloat64);
  if (values.numel() > 0) largest[0] = values.abs().max().item<double>();
  comm::all_reduce_max(comm, largest);
  const int exponent =
      base::fixed_point_exponent(largest.item<double>() * static_cast<double>(total_rows));
  auto sums = base::to_fixed_point(values, exponent).sum(0);
  comm::all_reduce_sum(comm, sums);
  return base::from_fixed_point(sums, exponent);
}

network::Moments moments_of(const comm::Communicator& comm, const torch::Tensor& x,
                            std::int64_t total_rows) {
  const auto rows = static_cast<double>(total_rows);
  const auto mean = exact_column_sums(comm, x, total_rows) / rows;
  const auto deviations = (x.to(torch::kFloat64) - mean).square();
  const auto variance =
      (exact_column_sums(comm, deviations, total_rows) / rows).mean().item<double>();
  if (variance > 0.0) return {mean.to(torch::kFloat32), variance};
  throw base::IoError("All " + std::to_string(total_rows) +
                      " rows of the data are the same point, so there is no distribution to learn. "
                      "Check the dataset "
                      "named by [data] x.");
}

/// Labels of all ranks and how often each occurs.
std::map<std::int64_t, std::int64_t> count_labels(const comm::Communicator& comm,
                                                  const torch::Tensor& label) {
  const auto [values, inverse, counts] =
      torch::_unique2(label.to(torch::kInt64), true, false, true);
  const auto all = comm::all_gather_rows(comm, torch::stack({values, counts}, 1).contiguous());
  std::map<std::int64_t, std::int64_t> counted;
  for (std::int64_t i = 0; i < all.size(0); ++i)
    counted[all[i][0].item<std::int64_t>()] += all[i][1].item<std::int64_t>();
  return counted;
}

torch::Tensor to_tensor(const std::vector<std::int64_t>& values) {
  return torch::tensor(values, torch::kInt64);
}

std::vector<std::int64_t> to_vector(const torch::Tensor& values) {
  const auto numbers = values.to(torch::kInt64).contiguous();
  return {numbers.data_ptr<std::int64_t>(), numbers.data_ptr<std::int64_t>() + numbers.numel()};
}

}  // namespace

DataSummary summarise(const comm::Communicator& comm, const data::Dataset& part, bool replicated) {
  const auto alone = comm::Communicator::alone();
  const auto& ranks = replicated ? alone : comm;
  DataSummary summary;
  summary.rows = part.total_rows;
  summary.shape = part.shape;
  summary.scaling = part.scaling;
  summary.moments = moments_of(ranks, part.x, part.total_rows);
  if (part.context) summary.contexts = summarise_contexts(ranks, part);
  if (!part.label) return summary;
  for (const auto& [value, count] : count_labels(ranks, *part.label)) {
    summary.label_values.push_back(value);
    summary.label_counts.push_back(count);
  }
  return summary;
}

void DataSummary::write(io::Hdf5File& file) const {
  file.create_group("/data");
  file.set_attribute("/data", "rows", rows);
  file.set_attribute("/data", "variance", moments.variance);
  file.write("/data/shape", to_tensor(shape), io::Layout::checksummed);
  file.write("/data/mean", moments.mean, io::Layout::checksummed);
  file.write("/data/label_values", to_tensor(label_values), io::Layout::checksummed);
  file.write("/data/label_counts", to_tensor(label_counts), io::Layout::checksummed);
  if (contexts) contexts->write(file);
  scaling.write(file, "/data");
}

DataSummary DataSummary::read(const io::Hdf5File& file) {
  DataSummary summary;
  summary.rows = file.attribute_integer("/data", "rows");
  summary.moments = {file.read("/data/mean").to(torch::kFloat32),
                     file.attribute_real("/data", "variance")};
  summary.shape = to_vector(file.read("/data/shape"));
  summary.label_values = to_vector(file.read("/data/label_values"));
  summary.label_counts = to_vector(file.read("/data/label_counts"));
  summary.contexts = ContextSummary::read(file);
  summary.scaling = data::Scaling::read(file, "/data");
  return summary;
}

}  // namespace tropism::training
