// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include <tropism/base/error.hpp>
#include <tropism/base/small_dimension.hpp>
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

/// Scores (-x + a mean) / v, in coordinates that are not centred.
class Scores {
 public:
  Scores(const RatioState& state, const Question& question, const torch::Tensor& result)
      : owned_{state.weighted_sum.contiguous(), question.x.contiguous(),
               question.centre.contiguous()},
        sums_(owned_[0].data_ptr<float>()),
        x_(owned_[1].data_ptr<float>()),
        centre_(owned_[2].data_ptr<float>()),
        result_(result.data_ptr<float>()),
        a_(question.noise.signal),
        of_v_(1.0 / question.noise.variance) {}

  /// @param D    the number of coordinates
  template <class Dimension>
  void write(std::int64_t i, double weight, double factor, Dimension D) const {
    const float *sum = sums_ + i * D, *x = x_ + i * D;
    float* result = result_ + i * D;
    const double of_sum = 1.0 / weight;
    for (std::int64_t k = 0; k < D; ++k) {
      const double mean = (sum[k] * of_sum + centre_[k]) * factor;
      result[k] = static_cast<float>((mean * a_ - (x[k] + centre_[k] * a_)) * of_v_);
    }
  }

 private:
  std::array<torch::Tensor, 3> owned_;
  const float *sums_, *x_, *centre_;
  float* result_;
  double a_, of_v_;
};

/// Query by query: on the CPU, where each of the dozens of operators below costs as much as all
/// this.
RatioEstimate estimate_by_query(const RatioState& state, const Question& question) {
  RatioEstimate result;
  const std::int64_t B = question.x.size(0);
  result.score = torch::empty(question.x.sizes());
  result.effective_sample_size = torch::empty({B});
  if (question.density) result.log_density_sum = torch::empty({B}, torch::kFloat64);
  const auto log_max = state.log_max.accessor<double, 1>();
  const auto weight = state.weight.accessor<float, 1>(),
             squared_weight = state.squared_weight.accessor<float, 1>();
  auto* log_density = question.density ? result.log_density_sum.data_ptr<double>() : nullptr;
  auto* sample_size = result.effective_sample_size.data_ptr<float>();
  Floor floor(question);
  const Scores scores(state, question, result.score);
  base::with_dimension(question.x.size(1), [&](auto D) {
    for (std::int64_t i = 0; i < B; ++i) {
      const float sum = weight[i];
      if (log_max[i] == -infinity) refuse_query();
      const double of_nearest = log_max[i] + question.log_normaliser;
      // log sum_j w_j p(x|x_j) = L + log sum_j e^{l - L} - (D/2) log(2 pi v)
      if (log_density != nullptr) log_density[i] = of_nearest + static_cast<double>(std::log(sum));
      sample_size[i] = sum * sum / squared_weight[i];
      scores.write(i, sum, floor.factor(i, of_nearest, sum), D);
    }
  });
  result.floor_activations = floor.activations();
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
  const Question question = {
      x, centre, noise, floor, total, log_normaliser, density == Density::wanted};
  auto result = x.is_cpu() && x.scalar_type() == torch::kFloat32
                    ? estimate_by_query(state, question)
                    : estimate_by_operators(state, question);
  result.pruned_share = largest_pruned_share(state);
  return result;
}

}  // namespace tropism::score
