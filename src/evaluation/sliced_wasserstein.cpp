// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include <tropism/base/error.hpp>
#include <tropism/base/random.hpp>
#include <tropism/evaluation/distances.hpp>

namespace tropism::evaluation {
namespace {

constexpr std::int64_t directions_step = 1;  // shuffles have step 0 of the same purpose
constexpr std::int64_t block_elements = std::int64_t{1} << 22;

/// Two sorted sets of N and M numbers, each with equal weights, as pairs that share weight.
struct Coupling {
  torch::Tensor x_index;  // int64 [S]
  torch::Tensor y_index;
  torch::Tensor weight;  // float64 [S], sum 1

  /// In units of 1 / (N M), the steps of the quantile functions are at multiples of M and of N.
  Coupling(std::int64_t n, std::int64_t m) {
    const auto steps = torch::cat(
        {torch::arange(1, n + 1, torch::kInt64) * m, torch::arange(1, m + 1, torch::kInt64) * n});
    const auto ends = std::get<0>(at::_unique(steps, /*sorted=*/true));
    const auto starts = torch::constant_pad_nd(ends.narrow(0, 0, ends.size(0) - 1), {1, 0});
    x_index = torch::floor_divide(starts, m);
    y_index = torch::floor_divide(starts, n);
    const double whole = static_cast<double>(n) * static_cast<double>(m);
    weight = (ends - starts).to(torch::kFloat64) / whole;
  }
};

/// u.x for each direction u, sorted, [p, N].
torch::Tensor sorted_projections(const torch::Tensor& x, const torch::Tensor& directions) {
  return std::get<0>(directions.matmul(x.t()).sort(1));
}

/// W_p^p along each direction, summed.
double sum_of_powers(const torch::Tensor& x, const torch::Tensor& y,
                     const torch::Tensor& directions, const Coupling& coupling, int power) {
  const auto from = sorted_projections(x, directions).index_select(1, coupling.x_index);
  const auto to = sorted_projections(y, directions).index_select(1, coupling.y_index);
  return (from - to).abs_().pow_(power).matmul(coupling.weight).sum().item<double>();
}

}  // namespace

torch::Tensor random_directions(std::uint64_t seed, std::int64_t directions,
                                std::int64_t dimension) {
  const base::RandomStream random(seed, base::Purpose::evaluation);
  const auto normal = random.normal(0, directions_step, directions, dimension).to(torch::kFloat64);
  return normal / normal.norm(2, 1, /*keepdim=*/true);
}

std::optional<double> sliced_wasserstein(const torch::Tensor& x, const torch::Tensor& y,
                                         const torch::Tensor& directions, WassersteinOrder order) {
  base::expects(x.dim() == 2 && y.dim() == 2 && x.size(1) == y.size(1) && directions.dim() == 2 &&
                    directions.size(1) == x.size(1),
                "points [N, D] and [M, D] and directions [P, D] of one dimension");
  if (x.size(0) == 0 || y.size(0) == 0) return std::nullopt;
  const Coupling coupling(x.size(0), y.size(0));
  const auto from = x.to(torch::kFloat64);
  const auto to = y.to(torch::kFloat64);
  const auto block = std::max<std::int64_t>(1, block_elements / coupling.weight.size(0));
  const auto power = static_cast<int>(order);
  double sum = 0.0;
  for (const auto& some : directions.split(block, 0))
    sum += sum_of_powers(from, to, some, coupling, power);
  return std::pow(sum / static_cast<double>(directions.size(0)), 1.0 / power);
}

}  // namespace tropism::evaluation
