// SPDX-License-Identifier: MIT
#include <tropism/network/preconditioning.hpp>

#include <cmath>

#include <tropism/base/error.hpp>
#include <tropism/score/gaussian_mixture.hpp>
#include <tropism/score/score_function.hpp>

#include "support/catch.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;

network::Moments moments() {
  return {torch::tensor({1.0F, -2.0F}), 3.0};
}

TEST_CASE("The score of the fit is that of one noised Gaussian") {
  const auto process = test::toy_process();
  const network::NoisedGaussianFit fit(process, moments());
  const score::GaussianMixture gaussian = {torch::ones({1}, torch::kFloat64),
                                           torch::tensor({{1.0, -2.0}}, torch::kFloat64),
                                           torch::full({1}, 3.0, torch::kFloat64)};
  const auto x = test::normal_points(6, 2, 0) * 3.0;
  const auto t = torch::tensor({0.01F, 0.1F, 0.5F, 1.0F, 2.0F, 5.0F});

  const auto score = fit.at(t).score(x);

  const auto exact = score::MixtureScore(process, gaussian).score(x, t);
  CHECK(test::largest_difference(score, exact) < 1e-5);
}

TEST_CASE("Noised data of the fit are standard normal once normalised") {
  const auto process = test::toy_process();
  const network::NoisedGaussianFit fit(process, moments());
  const double time = GENERATE(0.05, 0.7, 5.0);
  const std::int64_t n = 20000;
  const auto t = torch::full({n}, time);
  const auto data = moments().mean + std::sqrt(3.0) * test::normal_points(n, 2, 1);
  const auto noised = process->signal(time) * data +
                      std::sqrt(process->variance(time)) * test::normal_points(n, 2, 2);

  const auto z = fit.at(t).normalise(noised).to(torch::kFloat64);

  const double count = static_cast<double>(n);
  CHECK(z.mean(0).abs().max().item<double>() < 6.0 / std::sqrt(count));
  const auto variance_error = (z.square().mean(0) - 1.0).abs().max().item<double>();
  CHECK(variance_error < 6.0 * std::sqrt(2.0 / count));
}

TEST_CASE("The noise level that networks see is a quarter of the logarithm of v/a^2") {
  const network::NoisedGaussianFit fit(test::toy_process(), moments());
  const auto t = torch::tensor({0.01, 0.5, 5.0}, torch::kFloat64);

  const auto level = fit.at(t).noise_level();

  for (std::int64_t i = 0; i < 3; ++i) {
    const double a_squared = std::exp(-2.0 * t[i].item<double>());
    CHECK(level[i].item<double>() ==
          Approx(0.25 * std::log((1.0 - a_squared) / a_squared)).epsilon(1e-12));
  }
}

TEST_CASE("A time that all rows share gives what the same time in every row gives") {
  const network::NoisedGaussianFit fit(test::toy_process(), moments());
  const auto x = test::normal_points(5, 2, 0);

  const auto shared = fit.at(score::time_of_all(x, 0.3)), each = fit.at(torch::full({5}, 0.3));

  CHECK(shared.noise_level().numel() == 1);
  CHECK(torch::equal(shared.noise_level().expand({5}), each.noise_level()));
  CHECK(torch::equal(shared.normalise(x), each.normalise(x)));
  CHECK(torch::equal(shared.score(x), each.score(x)));
  CHECK(torch::equal(shared.score(x, 2.0 * x), each.score(x, 2.0 * x)));
}

TEST_CASE("With a graph to leave, operators give to the last bit what loops give without") {
  const network::NoisedGaussianFit fit(test::toy_process(), moments());
  const auto x = test::normal_points(7, 2, 0), residual = test::normal_points(7, 2, 1);
  const auto followed = x.clone().requires_grad_(), corrected = residual.clone().requires_grad_();
  const auto at = fit.at(torch::tensor({2.0F, 2.0F, 0.3F, 0.3F, 0.3F, 2.0F, 0.01F}));

  CHECK(torch::equal(at.normalise(followed), at.normalise(x)));
  CHECK(torch::equal(at.score(followed), at.score(x)));
  CHECK(torch::equal(at.score(x, corrected), at.score(x, residual)));
  CHECK(at.score(x, corrected).requires_grad());
  CHECK_FALSE(at.score(x, residual).requires_grad());
}

TEST_CASE("The time that has passed is T - t, to the last bit the same for one time as for many") {
  const network::NoisedGaussianFit fit(test::toy_process(), moments());
  const double T = test::toy_process()->terminal_time();
  for (const double time : {0.1, 0.7, 4.9}) {
    const auto x = torch::zeros({3, 2});
    const auto one = fit.time_passed(score::time_of_all(x, time)),
               many = fit.time_passed(torch::full({3}, time, torch::kFloat32));
    REQUIRE(one.sizes() == torch::IntArrayRef({1}));
    CHECK(torch::equal(one.expand({3}), many));
    CHECK(one.item<double>() == Approx(T - time).epsilon(1e-6));
  }
}

TEST_CASE("Data without variance cannot be fitted") {
  CHECK_THROWS_AS(network::NoisedGaussianFit(test::toy_process(), {torch::zeros({2}), 0.0}),
                  base::ContractError);
}

}  // namespace
