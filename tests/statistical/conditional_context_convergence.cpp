// SPDX-License-Identifier: MIT
// The kernel ratio estimator against the exact conditional score of a joint Gaussian law:
// x | c ~ N(A c + b, S), noised: x_t | c ~ N(a (A c + b), a^2 S + v I).
#include <cmath>

#include <tropism/conditional/context_kernel.hpp>
#include <tropism/score/ratio_signal.hpp>

#include "support/catch.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;
using score::ContextKernel;

constexpr double noise_time = 0.5;
constexpr std::int64_t num_queries = 200, repetitions = 10;

const auto slope = torch::tensor({2.0, -1.0}, torch::kFloat64);              // A, for C = 1
const auto offset = torch::tensor({0.5, 1.0}, torch::kFloat64);              // b
const auto root = torch::tensor({{0.8, 0.0}, {0.3, 0.5}}, torch::kFloat64);  // S = root root^T

struct Sample {
  torch::Tensor x, c;
};

torch::Tensor random_points(std::int64_t rows, std::int64_t columns, std::int64_t set) {
  return test::normal_points(rows, columns, set).to(torch::kFloat64);
}

/// Points at contexts c, [n].
torch::Tensor points_at(const torch::Tensor& c, std::int64_t set) {
  return c.unsqueeze(1) * slope + offset + random_points(c.size(0), 2, set).matmul(root.t());
}

Sample draw(std::int64_t rows, std::int64_t set) {
  const auto c = random_points(rows, 1, 1000 + set).squeeze(1);  // N(0, 1): sd = 1
  return {points_at(c, set), c};
}

/// -(a^2 (S + extra A A^T) + v I)^-1 (x - a (A c + b)); extra = 0 is the exact conditional score.
torch::Tensor score_at(const torch::Tensor& x, const torch::Tensor& c, double extra) {
  const auto process = test::toy_process();
  const double a = process->signal(noise_time), v = process->variance(noise_time);
  const auto covariance = root.matmul(root.t()) + extra * torch::outer(slope, slope);
  const auto noised = a * a * covariance + v * torch::eye(2, torch::kFloat64);
  const auto residual = x - a * (c.unsqueeze(1) * slope + offset);
  return -residual.matmul(at::inverse(noised));
}

/// Noised points of the law itself, at contexts in the middle of it.
Sample queries() {
  const auto process = test::toy_process();
  const auto c = (torch::arange(num_queries, torch::kFloat64) / num_queries - 0.5) * 2.0;
  const auto x = process->signal(noise_time) * points_at(c, 1) +
                 std::sqrt(process->variance(noise_time)) * random_points(num_queries, 2, 2);
  return {x, c};
}

torch::Tensor estimate(const Sample& data, const Sample& at, ContextKernel kernel,
                       double bandwidth) {
  static const auto comm = comm::Communicator::alone();
  const auto in_bandwidths = [&](const torch::Tensor& c) {
    return (c / bandwidth).unsqueeze(1).to(torch::kFloat32);
  };
  const auto x = data.x.to(torch::kFloat32);
  const auto rows = std::make_shared<score::RatioData>(
      comm, score::Scope::local,
      score::DataRows{.x = x, .contexts = in_bandwidths(data.c), .context_kernel = kernel},
      x.mean(0), 0);
  const score::ScoreConfig config;
  const score::RatioSetting setting = {
      &comm, test::toy_process(), rows, config, {1, base::Purpose::estimator_rows}};
  const score::RatioSignal signal(
      std::make_shared<score::RatioSetting>(setting),
      {torch::zeros({at.c.size(0)}, torch::kInt64), in_bandwidths(at.c)});
  return signal.observe(at.x.to(torch::kFloat32), noise_time, {0, 0}).score;
}

/// Root mean square error over queries and repetitions, with the bandwidth of the rule.
double error_at(std::int64_t rows, ContextKernel kernel) {
  const auto at = queries();
  const auto exact = score_at(at.x, at.c, 0.0);
  double sum = 0.0;
  for (std::int64_t i = 0; i < repetitions; ++i) {
    const auto found =
        estimate(draw(rows, 100 + i), at, kernel, conditional::rule_bandwidth(kernel, rows, 1));
    sum += (found - exact).square().sum(1).mean().item<double>();
  }
  return std::sqrt(sum / static_cast<double>(repetitions));
}

TEST_CASE("With the bandwidth of the rule the error falls with M like M^(-2/(C+4))") {
  const auto kernel = GENERATE(ContextKernel::gaussian, ContextKernel::compact);

  const double few = error_at(1000, kernel), some = error_at(10000, kernel),
               many = error_at(100000, kernel);

  // Bias h^2 and standard error (M h)^(-1/2) both fall like M^(-2/5); each error is known to about
  // a tenth, which is 0.06 in a slope over a decade and 0.03 over two.
  INFO("errors " << few << ", " << some << ", " << many);
  CHECK(std::log10(few / some) == Approx(0.4).margin(0.1));
  CHECK(std::log10(few / many) / 2.0 == Approx(0.4).margin(0.06));
}

TEST_CASE("By their rules both kernels are equally far from the exact conditional score") {
  const double gaussian = error_at(10000, ContextKernel::gaussian);

  const double compact = error_at(10000, ContextKernel::compact);

  CHECK(compact / gaussian == Approx(1.0).margin(0.15));
}

/// A sample whose contexts are uniform in [-3, 3], so that the kernel shifts no mean.
Sample uniform_sample(std::int64_t rows) {
  const auto u = base::RandomStream(3, base::Purpose::evaluation).uniform(0, 0, rows, 1).squeeze(1);
  const auto c = 6.0 * u - 3.0;
  return {points_at(c, 7), c};
}

TEST_CASE("Smoothing adds bandwidth^2 A A^T times the variance of the kernel, and nothing else") {
  // c_j ~ N(c, h^2) under the Gaussian kernel: x | kernel ~ N(A c + b, S + h^2 A A^T) exactly.
  constexpr double h = 0.4;
  constexpr std::int64_t rows = 400000;
  const auto at = queries();

  const auto found = estimate(uniform_sample(rows), at, ContextKernel::gaussian, h);

  const auto error = [&](double extra) {
    return std::sqrt((found - score_at(at.x, at.c, extra)).square().sum(1).mean().item<double>());
  };
  // Of about M h 2 sqrt(pi)/6 = 94,000 rows at work, fewer where p_t(x) is small: 0.02 is generous
  // to them and a tenth of what the bandwidth changes.
  CHECK(error(h * h) < 0.02);
  CHECK(error(0.0) > 0.2);
}

}  // namespace
