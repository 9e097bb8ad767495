// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>
#include <numbers>

#include <tropism/base/error.hpp>
#include <tropism/score/ratio_state.hpp>

namespace tropism::score {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// What the estimate at every query has in common.
struct Question {
  torch::Tensor x, centre;
  NoiseLevel noise;
  double floor;
  torch::Tensor total;
  double log_normaliser;  // -(D/2) log(2 pi v)
};

double largest_pruned_share(const RatioState& state) {
  if (!state.pruned.defined() || state.pruned.size(0) == 0) return 0.0;
  return (state.pruned / state.weight).max().item<double>();
}

/// Query by query: on the CPU, where each of the dozens of operators below costs as much as all
/// this.
class EstimateByQuery {
 public:
  EstimateByQuery(const RatioState& state, const Question& question)
      : question_(question),
        weighted_sum_(state.weighted_sum.contiguous()),
        x_(question.x.contiguous()),
        centre_(question.centre.to(torch::kFloat32).contiguous()) {
    result_.score = torch::empty_like(x_);
    result_.log_density_sum = torch::empty_like(state.log_max);
  }

  RatioEstimate compute(const RatioState& state) {
    const auto log_max = state.log_max.contiguous(), weight = state.weight.contiguous();
    const auto squared = state.squared_weight.contiguous();
    const auto total =
        question_.floor > 0.0 ? question_.total.to(torch::kFloat32).contiguous() : torch::Tensor();
    result_.effective_sample_size = torch::empty_like(weight);
    for (std::int64_t i = 0; i < x_.size(0); ++i) {
      const double of_i = weight.data_ptr<float>()[i];
      result_.effective_sample_size.data_ptr<float>()[i] =
          static_cast<float>(of_i * of_i / squared.data_ptr<float>()[i]);
      // log sum_j w_j p(x|x_j) = L + log sum_j e^{l - L} - (D/2) log(2 pi v)
      const double density =
          log_max.data_ptr<double>()[i] + std::log(of_i) + question_.log_normaliser;
      result_.log_density_sum.data_ptr<double>()[i] = density;
      write_score(i, of_i, total.defined() ? shrinkage(density, total.data_ptr<float>()[i]) : 1.0);
    }
    return std::move(result_);
  }

 private:
  /// sum p / max{sum p, M eps} = min{1, sum p / (M eps)}
  double shrinkage(double log_density, double total) {
    const double excess = log_density - std::log(total) - std::log(question_.floor);
    if (!(excess < 0.0)) return 1.0;
    ++result_.floor_activations;
    return std::exp(excess);
  }

  /// (-x + a mean) / v, in coordinates that are not centred.
  void write_score(std::int64_t i, double weight, double shrinkage) {
    const std::int64_t dimension = x_.size(1);
    const float *sum = weighted_sum_.data_ptr<float>() + i * dimension,
                *x = x_.data_ptr<float>() + i * dimension, *centre = centre_.data_ptr<float>();
    float* score = result_.score.data_ptr<float>() + i * dimension;
    const double a = question_.noise.signal, v = question_.noise.variance;
    for (std::int64_t k = 0; k < dimension; ++k) {
      const double mean = (sum[k] / weight + centre[k]) * shrinkage;
      score[k] = static_cast<float>((mean * a - (x[k] + centre[k] * a)) / v);
    }
  }

  const Question& question_;
  torch::Tensor weighted_sum_, x_, centre_;
  RatioEstimate result_;
};

RatioEstimate estimate_by_operators(const RatioState& state, const Question& question) {
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
                       NoiseLevel noise, double floor, const torch::Tensor& total) {
  if (state.log_max.eq(-infinity).any().item<bool>())
    throw base::NumericalError(
        "A point at which the score was asked for is not finite, or so far from all data that no "
        "weight is left.");
  const double log_normaliser =
      -0.5 * static_cast<double>(x.size(1)) * std::log(2.0 * std::numbers::pi * noise.variance);
  const Question question = {x, centre, noise, floor, total, log_normaliser};
  auto result = x.is_cpu() && x.scalar_type() == torch::kFloat32
                    ? EstimateByQuery(state, question).compute(state)
                    : estimate_by_operators(state, question);
  result.pruned_share = largest_pruned_share(state);
  return result;
}

}  // namespace tropism::score
