// SPDX-License-Identifier: MIT
#include "scaling_model.hpp"

#include <algorithm>
#include <bit>

#include <tropism/comm/collectives.hpp>
#include <tropism/comm/row_split.hpp>
#include <tropism/training/report.hpp>

namespace tropism::app {
namespace {

using training::Aggregate;

constexpr std::int64_t bytes_of_report = 8 * training::num_columns;  // per trajectory

/// L = ceil(log2 p)
double stages(int ranks) {
  return static_cast<double>(std::bit_width(static_cast<unsigned>(ranks) - 1U));
}

/// Factors of alpha, beta and gamma in a sum of seconds.
using MessageTerms = std::array<double, 3>;

/// S(g), on rank 0 or on all
MessageTerms sum_terms(int ranks, std::int64_t bytes) {
  const double L = stages(ranks), p = ranks, g = static_cast<double>(bytes);
  if (!comm::sums_in_parts(ranks, bytes)) return {L, L * g, L * g};
  return {2.0 * L, 2.0 * (1.0 - 1.0 / p) * g, (1.0 - 1.0 / p) * g};
}

/// m(p)
MessageTerms aggregation_terms(Aggregate aggregate, int ranks, std::int64_t gradient_bytes,
                               std::int64_t weight_bytes) {
  const double L = stages(ranks);
  auto terms = sum_terms(ranks, gradient_bytes);
  if (gradient_bytes > weight_bytes) terms[0] += L;  // the common exponent
  if (aggregate == Aggregate::on_all) return terms;
  return {terms[0] + L, terms[1] + L * static_cast<double>(weight_bytes), terms[2]};
}

/// r(p)
MessageTerms report_terms(int ranks, std::int64_t trajectories) {
  if (ranks == 1) return {};
  const auto bytes = static_cast<double>(bytes_of_report * trajectories);
  return {5.0 * stages(ranks), bytes, bytes};
}

double seconds_of(const CostConstants& constants, const MessageTerms& terms) {
  return constants.latency * terms[0] + constants.per_byte * terms[1] +
         constants.per_sum * terms[2];
}

}  // namespace

std::int64_t EpisodeWork::trajectories(Scaling scaling, int ranks) const {
  return scaling == Scaling::strong ? batch : batch * ranks;
}

std::int64_t EpisodeWork::largest_share(Scaling scaling, int ranks) const {
  return comm::split_rows(trajectories(scaling, ranks), ranks, 0, multiple).count;
}

EpisodeCost predict(const CostConstants& constants, const EpisodeWork& work, Scaling scaling,
                    Aggregate aggregate, int ranks) {
  const auto n = static_cast<double>(work.largest_share(scaling, ranks));
  const double m = seconds_of(
      constants, aggregation_terms(aggregate, ranks, work.gradient_bytes, work.weight_bytes));
  const double r = seconds_of(constants, report_terms(ranks, work.trajectories(scaling, ranks)));
  return {.compute = constants.fixed + constants.per_trajectory * n,
          .step = constants.step,
          .messages = static_cast<double>(work.updates) * m + stages(ranks) * constants.latency +
                      r / static_cast<double>(work.report_every)};
}

double efficiency(Scaling scaling, int ranks, double seconds_of_one, double seconds) {
  return seconds_of_one / seconds / (scaling == Scaling::strong ? ranks : 1);
}

std::optional<int> ranks_ruled_by_aggregation(const CostConstants& constants,
                                              const EpisodeWork& work, Scaling scaling,
                                              Aggregate aggregate,
                                              const std::vector<int>& rank_counts) {
  const auto found = std::find_if(rank_counts.begin(), rank_counts.end(), [&](int ranks) {
    return predict(constants, work, scaling, aggregate, ranks).aggregation_share() > 0.5;
  });
  return found == rank_counts.end() ? std::nullopt : std::optional(*found);
}

LeastSquares fit_messages(const std::vector<MessageTime>& times) {
  std::vector<double> terms, seconds;
  for (const auto& time : times) {
    const auto row = aggregation_terms(time.aggregate, time.ranks, time.bytes, time.bytes);
    terms.insert(terms.end(), row.begin(), row.end());
    seconds.push_back(time.seconds);
  }
  return fit_relative(torch::tensor(terms, torch::kFloat64).view({-1, 3}),
                      torch::tensor(seconds, torch::kFloat64));
}

LeastSquares fit_compute(const std::vector<ComputeTime>& times) {
  std::vector<double> terms, seconds;
  for (const auto& time : times) {
    terms.insert(terms.end(), {1.0, static_cast<double>(time.trajectories)});
    seconds.push_back(time.seconds);
  }
  return fit_relative(torch::tensor(terms, torch::kFloat64).view({-1, 2}),
                      torch::tensor(seconds, torch::kFloat64));
}

}  // namespace tropism::app
