// SPDX-License-Identifier: MIT
#include <tropism/conditional/context_kernel.hpp>

#include <cmath>
#include <functional>

#include <tropism/base/error.hpp>

#include "support/alone.hpp"
#include "support/catch.hpp"
#include "support/reference/ratio_estimator.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;
using score::ContextKernel;
using test::alone;
using test::reference::Kernel;

/// The integral of r^(C-1) f(r) over [0, reach] by the midpoint rule.
double radial_integral(std::int64_t size, double reach, const std::function<double(double)>& f) {
  constexpr int cells = 200000;
  double sum = 0.0;
  for (int i = 0; i < cells; ++i) {
    const double r = reach * (i + 0.5) / cells;
    sum += std::pow(r, static_cast<double>(size - 1)) * f(r);
  }
  return sum * reach / cells;
}

/// R(K)/mu_2(K)^2 up to what all radial kernels share, with K normalised to integral 1: what the
/// width of a kernel enters its smoothing by.
double width_constant(std::int64_t size, double reach, const std::function<double(double)>& k) {
  const double mass = radial_integral(size, reach, k);
  const double roughness = radial_integral(size, reach, [&](double r) { return k(r) * k(r); });
  const double second = radial_integral(size, reach, [&](double r) { return r * r * k(r); });
  return roughness / (mass * mass) / std::pow(second / mass, 2);
}

TEST_CASE("Scott's rule for the Gaussian kernel is M^(-1/(C+4))") {
  CHECK(conditional::rule_bandwidth(ContextKernel::gaussian, 100000, 1) == Approx(0.1));
  CHECK(conditional::rule_bandwidth(ContextKernel::gaussian, 4096, 2) == Approx(0.25));
  CHECK(conditional::rule_bandwidth(ContextKernel::gaussian, 1, 3) == Approx(1.0));
}

TEST_CASE("By the rule the compact kernel smooths as the Gaussian one: canonical bandwidths") {
  const std::int64_t size = GENERATE(1, 2, 3, 6);
  const double gaussian = conditional::rule_bandwidth(ContextKernel::gaussian, 5000, size);

  const double compact = conditional::rule_bandwidth(ContextKernel::compact, 5000, size);

  const double of_gaussian =
      width_constant(size, 12.0, [](double r) { return std::exp(-0.5 * r * r); });
  const double of_compact = width_constant(size, 1.0, [](double r) { return 1.0 - r * r; });
  const double exponent = 1.0 / static_cast<double>(size + 4);
  CHECK(compact / gaussian == Approx(std::pow(of_compact / of_gaussian, exponent)).epsilon(1e-6));
  if (size == 1) CHECK(compact / gaussian == Approx(2.214).epsilon(1e-4));
}

TEST_CASE("The effective rows of a context are (sum kappa)^2 / sum kappa^2") {
  const auto kernel = GENERATE(ContextKernel::gaussian, ContextKernel::compact);
  const auto rows = 3.0 * test::normal_points(700, 2, 1), queries = test::normal_points(20, 2, 2);

  const auto effective =
      conditional::effective_rows(alone(), score::Scope::local, queries, rows, kernel);

  const auto in_double = [](const torch::Tensor& points) { return points.to(torch::kFloat64); };
  const auto exact_queries = in_double(queries), exact_rows = in_double(rows);
  const auto query = exact_queries.accessor<double, 2>(), row = exact_rows.accessor<double, 2>();
  const auto reference = kernel == ContextKernel::gaussian ? Kernel::gaussian : Kernel::compact;
  for (std::int64_t i = 0; i < 20; ++i) {
    double sum = 0.0, squares = 0.0;
    for (std::int64_t j = 0; j < 700; ++j) {
      const double kappa = std::exp(test::reference::log_kernel(reference, query[i], row[j]));
      sum += kappa;
      squares += kappa * kappa;
    }
    CHECK(effective[i].item<double>() == Approx(sum * sum / squares).epsilon(1e-4));
  }
}

TEST_CASE("Where no row is within reach of the compact kernel there is no effective row") {
  const auto queries = torch::tensor({{0.0F}, {5.0F}}), rows = torch::tensor({{0.5F}, {0.9F}});

  const auto effective = conditional::effective_rows(alone(), score::Scope::local, queries, rows,
                                                     ContextKernel::compact);

  CHECK(effective[0].item<double>() > 1.0);
  CHECK(effective[1].item<double>() == 0.0);
}

TEST_CASE("A rank without rows has no effective row") {
  const auto effective =
      conditional::effective_rows(alone(), score::Scope::local, torch::zeros({3, 2}),
                                  torch::zeros({0, 2}), ContextKernel::gaussian);

  CHECK(effective.equal(torch::zeros({3}, torch::kFloat64)));
}

TEST_CASE("A bandwidth for no kernel, no rows or no coordinates is refused") {
  using conditional::rule_bandwidth;

  CHECK_THROWS_AS(rule_bandwidth(ContextKernel::none, 10, 1), base::ContractError);
  CHECK_THROWS_AS(rule_bandwidth(ContextKernel::gaussian, 0, 1), base::ContractError);
  CHECK_THROWS_AS(rule_bandwidth(ContextKernel::gaussian, 10, 0), base::ContractError);
}

}  // namespace
