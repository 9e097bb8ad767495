// SPDX-License-Identifier: MIT
#include <tropism/training/data_summary.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include <tropism/base/error.hpp>
#include <tropism/base/fixed_point.hpp>
#include <tropism/comm/agreement.hpp>
#include <tropism/comm/collectives.hpp>
#include <tropism/io/hdf5_file.hpp>

namespace tropism::training {
namespace {

using Take = std::function<void(const data::Dataset&)>;
/// Hands over this rank's rows, piece by piece.
using Pass = std::function<void(const Take&)>;
/// What is summed of a piece of data, [M, D].
using Values = std::function<torch::Tensor(const data::Dataset&)>;

/// Small pieces of a block, so that what is formed of a piece stays small.
void each_piece(const data::Dataset& block, const Take& take) {
  const std::int64_t most =
      std::max(std::int64_t{1}, numbers_summarised_at_once / block.dimension());
  for (std::int64_t first = 0; first < block.rows(); first += most)
    take(data::narrow(block, first, std::min(most, block.rows() - first)));
}

/// Column sums of values over all rows of all ranks, float64 [D]; neither the order of rows nor
/// the size of the pieces matters.
torch::Tensor exact_column_sums(const comm::Communicator& comm, const Pass& pass,
                                const Values& values, std::int64_t dimension,
                                std::int64_t total_rows) {
  double mine = 0.0;
  pass([&](const data::Dataset& piece) {
    mine = std::max(mine, values(piece).abs().max().item<double>());
  });
  auto largest = torch::full({1}, mine, torch::kFloat64);
  comm::all_reduce_max(comm, largest);
  const int exponent =
      base::fixed_point_exponent(largest.item<double>() * static_cast<double>(total_rows));
  auto sums = torch::zeros({dimension}, torch::kInt64);
  pass([&](const data::Dataset& piece) {
    sums += base::to_fixed_point(values(piece), exponent).sum(0);
  });
  comm::all_reduce_sum(comm, sums);
  return base::from_fixed_point(sums, exponent);
}

network::Moments moments_of(const comm::Communicator& comm, const Pass& pass,
                            std::int64_t dimension, std::int64_t total_rows) {
  const auto rows = static_cast<double>(total_rows);
  const auto sums = [&](const Values& values) {
    return exact_column_sums(comm, pass, values, dimension, total_rows);
  };
  const auto mean = sums([](const data::Dataset& piece) { return piece.x; }) / rows;
  const auto squares = sums(
      [&](const data::Dataset& piece) { return (piece.x.to(torch::kFloat64) - mean).square(); });
  const auto variance = (squares / rows).mean().item<double>();
  if (variance > 0.0) return {mean.to(torch::kFloat32), variance};
  throw base::IoError("All " + std::to_string(total_rows) +
                      " rows of the data are the same point, so there is no distribution to learn. "
                      "Check the dataset "
                      "named by [data] x.");
}

using LabelCounts = std::map<std::int64_t, std::int64_t>;

/// Adds rows [n, 2] of a label and how often it occurs.
void add_counts(LabelCounts& counted, const torch::Tensor& rows) {
  for (std::int64_t i = 0; i < rows.size(0); ++i)
    counted[rows[i][0].item<std::int64_t>()] += rows[i][1].item<std::int64_t>();
}

torch::Tensor as_rows(const LabelCounts& counted) {
  auto rows = torch::empty({static_cast<std::int64_t>(counted.size()), 2}, torch::kInt64);
  auto* next = rows.data_ptr<std::int64_t>();
  for (const auto& [value, count] : counted) {
    *next++ = value;
    *next++ = count;
  }
  return rows;
}

/// Labels of all ranks and how often each occurs.
LabelCounts count_labels(const comm::Communicator& comm, const Pass& pass) {
  LabelCounts mine, all;
  pass([&](const data::Dataset& piece) {
    const auto [values, inverse, counts] =
        torch::_unique2(piece.label->to(torch::kInt64), true, false, true);
    add_counts(mine, torch::stack({values, counts}, 1));
  });
  add_counts(all, comm::all_gather_rows(comm, as_rows(mine)));
  return all;
}

/// This rank's rows without their x.
data::Dataset contexts_alone(const Pass& pass, const data::Dataset& like) {
  std::vector<torch::Tensor> contexts = {like.context->narrow(0, 0, 0)};
  pass([&](const data::Dataset& piece) { contexts.push_back(piece.context->clone()); });
  auto alone = like;
  alone.context = torch::cat(contexts);
  alone.x = torch::empty({alone.context->size(0), 0});
  return alone;
}

/// @param like   tells all but the moments and the labels
DataSummary summarise_passes(const comm::Communicator& comm, const Pass& pass,
                             const data::Dataset& like) {
  DataSummary summary;
  summary.rows = like.total_rows;
  summary.shape = like.shape;
  summary.scaling = like.scaling;
  summary.moments = moments_of(comm, pass, like.dimension(), like.total_rows);
  if (like.context) summary.contexts = summarise_contexts(comm, contexts_alone(pass, like));
  if (!like.label) return summary;
  for (const auto& [value, count] : count_labels(comm, pass)) {
    summary.label_values.push_back(value);
    summary.label_counts.push_back(count);
  }
  return summary;
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
  return summarise_passes(
      replicated ? alone : comm, [&](const Take& take) { each_piece(part, take); }, part);
}

DataSummary summarise(const comm::Communicator& comm, const data::RowStream& rows) {
  const auto pass = [&](const Take& take) {
    comm::together(
        comm, [&] { rows.each_block([&](data::Dataset&& block) { each_piece(block, take); }); });
  };
  auto none = comm::together(comm, [&] { return rows.at(torch::empty({0}, torch::kInt64)); });
  none.first_row = rows.rows().first;
  return summarise_passes(comm, pass, none);
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
