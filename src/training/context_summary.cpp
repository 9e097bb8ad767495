// SPDX-License-Identifier: MIT
#include <tropism/training/context_summary.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

#include <tropism/base/error.hpp>
#include <tropism/base/random.hpp>
#include <tropism/comm/collectives.hpp>
#include <tropism/io/hdf5_file.hpp>

namespace tropism::training {
namespace {

constexpr std::int64_t choice_of_rows = 1;  // the step of this stream; 0 draws conditions

/// One row of each of `kept` equal parts of `total` rows, rising: all rows where there are no more.
/// Which one is left to chance, for rows that recur with a period would all be of one phase.
torch::Tensor spread_rows(std::int64_t total, std::int64_t kept) {
  const auto part = torch::arange(kept, torch::kInt64);
  if (kept == total) return part;
  const base::RandomStream stream(0, base::Purpose::condition);
  const auto u = stream.uniform(0, choice_of_rows, kept, 1).squeeze(1);
  const double rows_of_part = static_cast<double>(total) / static_cast<double>(kept);
  return ((part.to(torch::kFloat64) + u) * rows_of_part).to(torch::kInt64).clamp_max(total - 1);
}

/// The rows of `numbers` that a part has, counted from its first.
torch::Tensor rows_within(const torch::Tensor& numbers, const data::Dataset& part) {
  const auto own = numbers - part.first_row;
  return own.masked_select(own.ge(0).logical_and(own.lt(part.rows())));
}

/// Smallest and largest of each coordinate, [2, C].
torch::Tensor range_of(const comm::Communicator& comm, const torch::Tensor& contexts) {
  auto reach = torch::full({2, contexts.size(1)}, -std::numeric_limits<float>::infinity());
  if (contexts.size(0) > 0) {
    reach[0] = -contexts.amin(0);
    reach[1] = contexts.amax(0);
  }
  comm::all_reduce_max(comm, reach);
  return torch::stack({-reach[0], reach[1]});
}

using Place = std::pair<const char*, torch::Tensor ContextSummary::*>;
constexpr std::array<Place, 5> places = {{{"/data/context_kept", &ContextSummary::kept},
                                          {"/data/context_low", &ContextSummary::low},
                                          {"/data/context_high", &ContextSummary::high},
                                          {"/data/context_mean", &ContextSummary::mean},
                                          {"/data/context_sd", &ContextSummary::sd}}};

}  // namespace

ContextSummary summarise_contexts(const comm::Communicator& comm, const data::Dataset& part) {
  base::expects(part.context.has_value(), "data with contexts");
  const auto contexts = part.context->to(torch::kFloat32);
  const auto numbers = spread_rows(part.total_rows, std::min(part.total_rows, most_contexts_kept));
  ContextSummary summary;
  summary.kept = comm::all_gather_rows(
      comm, contexts.index_select(0, rows_within(numbers, part)).contiguous());
  const auto range = range_of(comm, contexts);
  summary.low = range[0].clone();
  summary.high = range[1].clone();
  const auto kept = summary.kept.to(torch::kFloat64);
  summary.mean = kept.mean(0);
  summary.sd = kept.std(0, /*unbiased=*/false).masked_fill(summary.low.eq(summary.high), 0.0);
  return summary;
}

void ContextSummary::write(io::Hdf5File& file) const {
  file.set_attribute("/data", "context_size", size());
  for (const auto& [name, member] : places)
    file.write(name, this->*member, io::Layout::checksummed);
}

std::optional<ContextSummary> ContextSummary::read(const io::Hdf5File& file) {
  // Below a damaged group no dataset seems to exist, but its attributes are checked.
  if (!file.has_attribute("/data", "context_size")) return std::nullopt;
  ContextSummary summary;
  for (const auto& [name, member] : places) summary.*member = file.read(name);
  return summary;
}

}  // namespace tropism::training
