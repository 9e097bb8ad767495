// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include <tropism/base/error.hpp>
#include <tropism/base/small_dimension.hpp>
#include <tropism/base/unwritten.hpp>
#include <tropism/base/wide_loops.hpp>
#include <tropism/score/ratio_state.hpp>

namespace tropism::score {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// What the estimate at every query has in common.
struct Question {
  torch::Tensor x, centre;
  NoiseLevel noise;
  double floor;           // eps
  torch::Tensor total;    // M of each query, [B]
  double log_normaliser;  // -(D/2) log(2 pi v)
  bool density;           // whether it is wanted
};

[[noreturn]] void refuse_query() {
  throw base::NumericalError(
      "A point at which the score was asked for is not finite, or so far from all data that no "
      "weight is left.");
}

double largest_pruned_share(const RatioState& state) {
  if (!state.pruned.defined() || state.pruned.size(0) == 0) return 0.0;
  return (state.pruned / state.weight).max().item<double>();
}

/// The factors sum p / max{sum p, M eps} = min{1, sum p / (M eps)}, and how many were less than 1.
class Floor {
 public:
  explicit Floor(const Question& question) : floor_(question.floor) {
    if (floor_ > 0.0) total_of_ = question.total.contiguous();
    totals_ = floor_ > 0.0 ? total_of_.data_ptr<float>() : nullptr;
  }

  /// Whether no factor can be less than 1, for nearest rows of at least this log density.
  [[nodiscard]] bool is_below(double least_log_density) const {
    if (totals_ == nullptr) return least_log_density > -infinity;
    const auto most = *std::max_element(totals_, totals_ + total_of_.size(0));
    return least_log_density > std::log(static_cast<double>(most) * floor_);
  }

  /// @param log_density   of the nearest row alone, which spares most queries the logarithm
  /// @param weight        of all rows, where that row has 1
  double factor(std::int64_t i, double log_density, float weight) {
    if (totals_ == nullptr) return 1.0;
    if (totals_[i] != total_) {  // most queries are of the same group
      total_ = totals_[i];
      log_floor_ = std::log(static_cast<double>(total_) * floor_);
    }
    if (log_density < log_floor_) log_density += static_cast<double>(std::log(weight));
    if (!(log_density < log_floor_)) return 1.0;
    ++activations_;
    return std::exp(log_density - log_floor_);
  }
  [[nodiscard]] std::int64_t activations() const { return activations_; }

 private:
  double floor_;            // eps
  torch::Tensor total_of_;  // M of each query, where there is a floor
  const float* totals_;
  float total_ = 0.0F;
  double log_floor_ = -infinity;
  std::int64_t activations_ = 0;
};

/// What scores are formed of, query by query.
struct ScoreTerms {
  const float *weighted_sum, *x, *centre;  // [B, D] twice and [D]
  const float* weight;                     // [B]
  const double* factor;                    // of the floor, [B]
  double a, of_v;                          // 1/v
};

/// (-x + a mean) / v, in coordinates that are not centred, [B, D].
TROPISM_WIDE_LOOPS void write_scores(const ScoreTerms& terms, std::int64_t rows,
                                     std::int64_t dimension, float* score) {
  base::with_dimension(dimension, [=, t = terms](auto D) {
    for (std::int64_t i = 0; i < rows; ++i) {
      const double of_sum = 1.0 / t.weight[i];
      for (std::int64_t k = 0; k < D; ++k) {
        const double mean = (t.weighted_sum[i * D + k] * of_sum + t.centre[k]) * t.factor[i];
        const double x = t.x[i * D + k] + t.centre[k] * t.a;
        score[i * D + k] = static_cast<float>((mean * t.a - x) * t.of_v);
      }
    }
  });
}

/// (sum w)^2 / sum w^2
TROPISM_WIDE_LOOPS void write_sample_sizes(const float* weight, const float* squared_weight,
                                           std::int64_t rows, float* result) {
  for (std::int64_t i = 0; i < rows; ++i) result[i] = weight[i] * weight[i] / squared_weight[i];
}

/// log sum_j w_j p(x|x_j) = L + log sum_j e^{l - L} - (D/2) log(2 pi v), [B]
torch::Tensor log_densities(const RatioState& state, double log_normaliser) {
  auto result = base::unwritten({state.weight.size(0)}, torch::kFloat64);
  const auto* log_max = state.log_max.data_ptr<double>();
  const auto* weight = state.weight.data_ptr<float>();
  auto* log_density = result.data_ptr<double>();
  for (std::int64_t i = 0; i < result.size(0); ++i)
    log_density[i] = log_max[i] + log_normaliser + static_cast<double>(std::log(weight[i]));
  return result;
}

/// The factors of the floor. @return   how many are less than 1
std::int64_t write_factors(const RatioState& state, const Question& question,
                           std::vector<double>& factors) {
  Floor floor(question);
  const auto* log_max = state.log_max.data_ptr<double>();
  const auto* weight = state.weight.data_ptr<float>();
  const auto count = static_cast<std::int64_t>(factors.size());
  if (count == 0 ||
      floor.is_below(*std::min_element(log_max, log_max + count) + question.log_normaliser))
    return 0;
  for (std::int64_t i = 0; i < count; ++i) {
    if (log_max[i] == -infinity) refuse_query();
    factors[static_cast<std::size_t>(i)] =
        floor.factor(i, log_max[i] + question.log_normaliser, weight[i]);
  }
  return floor.activations();
}

torch::Tensor scores(const RatioState& state, const Question& question,
                     const std::vector<double>& factors) {
  auto result = base::unwritten(question.x.sizes());
  write_scores({.weighted_sum = state.weighted_sum.data_ptr<float>(),
                .x = question.x.data_ptr<float>(),
                .centre = question.centre.data_ptr<float>(),
                .weight = state.weight.data_ptr<float>(),
                .factor = factors.data(),
                .a = question.noise.signal,
                .of_v = 1.0 / question.noise.variance},
               result.size(0), result.size(1), result.data_ptr<float>());
  return result;
}

torch::Tensor sample_sizes(const RatioState& state) {
  auto result = base::unwritten(state.weight.sizes());
  write_sample_sizes(state.weight.data_ptr<float>(), state.squared_weight.data_ptr<float>(),
                     result.numel(), result.data_ptr<float>());
  return result;
}

/// Its numbers one after the other.
RatioState contiguous(const RatioState& state) {
  return {state.log_max.contiguous(), state.weight.contiguous(), state.squared_weight.contiguous(),
          state.weighted_sum.contiguous(), state.pruned};
}

/// Query by query: on the CPU, where each of the dozens of operators below costs as much as all
/// this.
RatioEstimate estimate_by_query(const RatioState& any_state, const Question& question) {
  const auto state = contiguous(any_state);
  std::vector<double> factors(static_cast<std::size_t>(question.x.size(0)), 1.0);
  RatioEstimate result;
  result.floor_activations = write_factors(state, question, factors);
  result.score = scores(state, question, factors);
  result.effective_sample_size = sample_sizes(state);
  if (question.density) result.log_density_sum = log_densities(state, question.log_normaliser);
  return result;
}

RatioEstimate estimate_by_operators(const RatioState& state, const Question& question) {
  if (state.log_max.eq(-infinity).any().item<bool>()) refuse_query();
  const double a = question.noise.signal, v = question.noise.variance;
  const auto &x = question.x, &centre = question.centre;
  RatioEstimate result;
  result.log_density_sum =
      state.log_max + state.weight.log().to(torch::kFloat64) + question.log_normaliser;
  auto mean = state.weighted_sum / state.weight.unsqueeze(1) + centre;
  if (question.floor > 0.0) {
    const auto excess = result.log_density_sum - (question.total.log() + std::log(question.floor));
    mean = mean * excess.clamp_max(0.0).exp().to(torch::kFloat32).unsqueeze(1);
    result.floor_activations = excess.lt(0.0).sum().item<std::int64_t>();
  }
  result.score = (mean * a - (x + centre * a)) / v;
  result.effective_sample_size = state.weight.square() / state.squared_weight;
  return result;
}

}  // namespace

RatioEstimate estimate(const RatioState& state, const torch::Tensor& x, const torch::Tensor& centre,
                       NoiseLevel noise, double floor, const torch::Tensor& total,
                       Density density) {
  const double log_normaliser =
      -0.5 * static_cast<double>(x.size(1)) * std::log(2.0 * std::numbers::pi * noise.variance);
  const Question question = {.x = x.contiguous(),
                             .centre = centre.contiguous(),
                             .noise = noise,
                             .floor = floor,
                             .total = total,
                             .log_normaliser = log_normaliser,
                             .density = density == Density::wanted};
  auto result = x.is_cpu() && x.scalar_type() == torch::kFloat32
                    ? estimate_by_query(state, question)
                    : estimate_by_operators(state, question);
  result.pruned_share = largest_pruned_share(state);
  return result;
}

}  // namespace tropism::score
