// SPDX-License-Identifier: MIT
#include <tropism/network/preconditioning.hpp>

#include <cmath>

#include <tropism/base/elementwise.hpp>
#include <tropism/base/error.hpp>
#include <tropism/base/unwritten.hpp>
#include <tropism/network/field.hpp>

namespace tropism::network {

NoisedGaussian::NoisedGaussian(const diffusion::ForwardProcess& process, const Moments& moments,
                               const torch::Tensor& t)
    : mean_(moments.mean), options_(t.options()) {
  const auto times = t.to(torch::kFloat64).contiguous();
  const auto* time = times.data_ptr<double>();
  for (std::int64_t i = 0; i < times.size(0); ++i) {
    if (i > 0 && time[i] == time[i - 1]) {
      ++levels_.back().rows;
      continue;
    }
    const double a = process.signal(time[i]), v = process.variance(time[i]);
    levels_.push_back({1, a, v, a * a * moments.variance + v});
  }
}

/// Calls `use(level, first, rows)`; the one of a single time has all rows.
template <class Use>
void NoisedGaussian::each_level(std::int64_t rows, Use&& use) const {
  if (levels_.size() == 1) return use(levels_.front(), 0, rows);
  std::int64_t first = 0;
  for (const auto& level : levels_) {
    use(level, first, level.rows);
    first += level.rows;
  }
  base::expects(first == rows, "a noise time for each row, or one for all");
}

/// One number for each time.
torch::Tensor NoisedGaussian::of_rows(OfLevel number) const {
  std::vector<double> numbers;
  for (const auto& level : levels_)
    numbers.insert(numbers.end(), static_cast<std::size_t>(level.rows), number(level));
  return torch::tensor(numbers, options_);
}

// (x - a m) / divisor
torch::Tensor NoisedGaussian::centred_over(const torch::Tensor& x, OfLevel divisor) const {
  if (!base::may_loop(x) || !base::suits_loop(mean_)) {
    const auto a = of_rows([](const Level& level) { return level.signal; }).unsqueeze(1);
    return (x - a * mean_) / of_rows(divisor).unsqueeze(1);
  }
  const auto points = x.contiguous(), mean = mean_.contiguous();
  auto result = base::unwritten(x.sizes());
  const auto *from = points.data_ptr<float>(), *m = mean.data_ptr<float>();
  auto* to = result.data_ptr<float>();
  const std::int64_t D = x.size(1);
  each_level(x.size(0), [&](const Level& level, std::int64_t first, std::int64_t rows) {
    const auto a = static_cast<float>(level.signal), by = static_cast<float>(divisor(level));
    for (std::int64_t i = first * D; i < (first + rows) * D; i += D)
      for (std::int64_t k = 0; k < D; ++k) to[i + k] = (from[i + k] - a * m[k]) / by;
  });
  return result;
}

torch::Tensor NoisedGaussian::normalise(const torch::Tensor& x) const {
  return centred_over(x, [](const Level& level) { return std::sqrt(level.total_variance); });
}

torch::Tensor NoisedGaussian::noise_level() const {
  return of_rows([](const Level& level) {
    return 0.25 * std::log(level.variance / (level.signal * level.signal));
  });
}

torch::Tensor NoisedGaussian::score(const torch::Tensor& x) const {
  return centred_over(x, [](const Level& level) { return -level.total_variance; });
}

torch::Tensor NoisedGaussian::score(const torch::Tensor& x, const torch::Tensor& residual) const {
  const OfLevel noise_std = [](const Level& level) { return std::sqrt(level.variance); };
  auto sum = score(x);
  if (!base::may_loop(sum) || !base::may_loop(residual))
    return sum + residual / of_rows(noise_std).unsqueeze(1);
  const auto numbers = residual.contiguous();
  const auto* r = numbers.data_ptr<float>();
  auto* s = sum.data_ptr<float>();
  const std::int64_t D = x.size(1);
  each_level(x.size(0), [&](const Level& level, std::int64_t first, std::int64_t rows) {
    const auto by = static_cast<float>(noise_std(level));
    for (std::int64_t i = first * D; i < (first + rows) * D; ++i) s[i] += r[i] / by;
  });
  return sum;
}

NoisedGaussianFit::NoisedGaussianFit(std::shared_ptr<const diffusion::ForwardProcess> process,
                                     Moments moments)
    : process_(std::move(process)), moments_(std::move(moments)) {
  base::expects(moments_.variance > 0.0, "a positive variance of the data");
}

NoisedGaussian NoisedGaussianFit::at(const torch::Tensor& t) const {
  return {*process_, moments_, distinct(t)};
}

torch::Tensor NoisedGaussianFit::time_passed(const torch::Tensor& t) const {
  const double T = process_->terminal_time();
  if (!base::may_loop(t)) return torch::rsub(distinct(t), T);
  const std::int64_t stride = t.stride(0), rows = stride == 0 ? 1 : t.size(0);
  auto result = base::unwritten({rows});
  const auto* time = t.data_ptr<float>();
  auto* passed = result.data_ptr<float>();
  for (std::int64_t i = 0; i < rows; ++i)
    passed[i] = static_cast<float>(T - static_cast<double>(time[i * stride]));
  return result;
}

}  // namespace tropism::network
