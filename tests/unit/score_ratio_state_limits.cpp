// SPDX-License-Identifier: MIT
// The ratio estimator where densities underflow, coincide or do not matter.
#include <tropism/score/ratio_state.hpp>

#include <cmath>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/reference/ratio_estimator.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;

score::RatioEstimate estimate_of(const torch::Tensor& x, const torch::Tensor& data,
                                 score::NoiseLevel noise,
                                 const torch::Tensor& log_weights = torch::Tensor()) {
  const auto centre = data.mean(0);
  const auto queries = x - centre * noise.signal;
  const auto state = score::ratio_state(queries, data - centre, noise, log_weights);
  return score::estimate(state, queries, centre, noise, 0.0, torch::Tensor());
}

score::NoiseLevel noise_at(double time) {
  const auto process = test::toy_process();
  return {process->signal(time), process->variance(time)};
}

TEST_CASE("Around one point the score is that of its kernel, however far away") {
  const auto point = torch::tensor({{1.0F, -2.0F, 0.5F}});
  const auto x = test::normal_points(10, 3, 0) * GENERATE(1.0, 1e3, 1e6);
  const auto noise = noise_at(GENERATE(0.01, 1.0));

  const auto found = estimate_of(x, point, noise);

  const auto exact = (noise.signal * point - x) / noise.variance;
  CHECK(test::within(found.score, exact, 1e-6 * (exact.abs() + 1.0 / noise.variance)));
  CHECK(torch::equal(found.effective_sample_size, torch::ones({10})));
}

TEST_CASE("Duplicating every point doubles the density and the effective sample size alone") {
  const auto data = test::normal_points(50, 2, 1), x = test::normal_points(10, 2, 2);
  const auto noise = noise_at(0.3);

  const auto once = estimate_of(x, data, noise);
  const auto twice = estimate_of(x, data.repeat({2, 1}), noise);

  CHECK(test::largest_difference(twice.score, once.score) < 2e-5);
  CHECK(test::largest_difference(twice.log_density_sum, once.log_density_sum + std::log(2.0)) <
        1e-5);
  CHECK(torch::allclose(twice.effective_sample_size, 2.0 * once.effective_sample_size, 1e-4));
}

TEST_CASE("Copies of one point are that point, with all of them effective") {
  const auto data = torch::full({7, 2}, 1.25);
  const auto x = test::normal_points(5, 2, 0);
  const auto noise = noise_at(0.5);

  const auto found = estimate_of(x, data, noise);

  CHECK(test::largest_difference(found.score, (noise.signal * 1.25 - x) / noise.variance) < 1e-5);
  CHECK(torch::equal(found.effective_sample_size, torch::full({5}, 7.0F)));
}

TEST_CASE("A far query sees the outermost point alone, without NaN") {
  const auto data = torch::tensor({{-1.0F}, {0.0F}, {2.0F}});
  const auto x = torch::tensor({{1e4F}, {-1e4F}});
  const auto noise = noise_at(0.1);

  const auto found = estimate_of(x, data, noise);

  const auto outermost = torch::tensor({{2.0}, {-1.0}}, torch::kFloat64);
  const auto exact = (noise.signal * outermost - x) / noise.variance;
  CHECK(torch::allclose(found.score.to(torch::kFloat64), exact, 1e-6));
  CHECK(torch::equal(found.effective_sample_size, torch::ones({2})));
}

TEST_CASE("In 64 dimensions no density is representable and the estimate still is the loop's") {
  const double time = 0.01;
  const auto noise = noise_at(time);
  const auto data = test::normal_points(100, 64, 1), x = 30.0 * test::normal_points(10, 64, 2);
  const test::reference::RatioProblem problem = {
      x, data, torch::Tensor(), noise.signal, noise.variance, 0.0};

  const auto found = estimate_of(x, data, noise);

  const auto exact = test::reference::ratio_estimate(problem);
  CHECK(exact.log_density_sum.max().item<double>() < -1e5);
  CHECK(test::within(found.score, exact.score, test::reference::round_off(problem, exact).score));
}

TEST_CASE("With hardly any noise a query on a data point sees that point alone") {
  const auto data = torch::tensor({{-1.0F}, {0.0F}, {2.0F}});
  const score::NoiseLevel noise = {1.0, 1e-8};

  const auto found = estimate_of(data, data, noise);

  // x - a x_0 = 0 up to the rounding of a coordinate, 2e-7, over v.
  CHECK(found.score.abs().max().item<double>() < 2e-7 / noise.variance);
  CHECK(torch::equal(found.effective_sample_size, torch::ones({3})));
}

TEST_CASE("With nothing but noise the score is that of the noise and all points count alike") {
  const auto data = test::normal_points(30, 2, 1) * 5.0, x = test::normal_points(10, 2, 2);
  const auto noise = noise_at(50.0);

  const auto found = estimate_of(x, data, noise);

  CHECK(test::largest_difference(found.score, -x) < 1e-6);
  CHECK(test::largest_difference(found.effective_sample_size, torch::full({10}, 30.0)) < 1e-4);
}

TEST_CASE("Log-weights that are all the same change the density alone, however large") {
  const auto data = test::normal_points(50, 2, 1), x = test::normal_points(10, 2, 2);
  const auto noise = noise_at(0.3);
  const double shift = GENERATE(-1024.0, 0.5, 1024.0);

  const auto plain = estimate_of(x, data, noise);
  const auto shifted = estimate_of(x, data, noise, torch::full({50}, shift));

  // The logits keep 2^-13 at 1,024.
  CHECK(test::largest_difference(shifted.score, plain.score) < 1e-2);
  CHECK(test::largest_difference(shifted.log_density_sum, plain.log_density_sum + shift) < 1e-3);
}

TEST_CASE("A log-weight of minus infinity removes its point") {
  const auto data = test::normal_points(20, 2, 1), x = test::normal_points(10, 2, 2);
  const auto noise = noise_at(0.3);
  auto log_weights = torch::zeros({20});
  log_weights.narrow(0, 5, 15).fill_(-std::numeric_limits<float>::infinity());

  const auto weighted = estimate_of(x, data, noise, log_weights);

  const auto remaining = estimate_of(x, data.narrow(0, 0, 5), noise);
  CHECK(test::largest_difference(weighted.score, remaining.score) < 2e-5);
}

TEST_CASE("Shifting the data and the queries together leaves the score as it is") {
  const auto data = test::normal_points(50, 2, 1), x = test::normal_points(10, 2, 2);
  const auto noise = noise_at(0.3);

  const auto here = estimate_of(x, data, noise);
  const auto there = estimate_of(x + 128.0 * noise.signal, data + 128.0, noise);

  // Coordinates near 128 are rounded to 2^-17: 2^-17/v in the score, twice.
  CHECK(test::largest_difference(there.score, here.score) < 2e-4);
}

TEST_CASE("The order of the data does not matter") {
  const auto data = test::normal_points(50, 3, 1), x = test::normal_points(10, 3, 2);
  const auto noise = noise_at(0.3);

  const auto forwards = estimate_of(x, data, noise);
  const auto backwards = estimate_of(x, data.flip(0), noise);

  CHECK(test::largest_difference(forwards.score, backwards.score) < 2e-5);
}

/// The message that refuses a question, one of whose arguments is not as it should be.
struct Question {
  torch::Tensor x = torch::zeros({3, 2}), data = torch::zeros({5, 2});
  torch::Tensor log_weights = torch::zeros({5});
  score::NoiseLevel noise = {0.5, 0.5};

  [[nodiscard]] std::string refusal() const {
    return test::message_of<base::ContractError>(
        [&] { return score::ratio_state(x, data, noise, log_weights); });
  }
};

TEST_CASE("What cannot be is refused in a sentence that names the argument") {
  using test::contains;
  const float nan = std::nanf("");
  const auto float64 = torch::zeros({5, 2}, torch::kFloat64);

  CHECK(contains(Question{.data = torch::zeros({5})}.refusal(), "data rows x, float32 [M, D]"));
  CHECK(contains(Question{.data = float64}.refusal(), "data rows x, float32 [M, D]"));
  CHECK(contains(Question{.data = torch::zeros({5, 0})}.refusal(), "data rows x, float32"));
  CHECK(contains(Question{.data = torch::full({5, 2}, nan)}.refusal(), "finite data rows x"));
  CHECK(contains(Question{.data = torch::zeros({5, 3})}.refusal(), "the same dimension D"));
  CHECK(contains(Question{.x = torch::zeros({2})}.refusal(), "queries x, float32 [B, D]"));
  CHECK(contains(Question{.x = float64}.refusal(), "queries x, float32 [B, D]"));
  CHECK(contains(Question{.log_weights = torch::zeros({4})}.refusal(), "log_weights, float32 [M]"));
  CHECK(contains(Question{.log_weights = torch::full({5}, nan)}.refusal(), "log_weights that are"));
  CHECK(contains(Question{.noise = {0.0, 0.5}}.refusal(), "signal factor a > 0"));
  CHECK(contains(Question{.noise = {0.5, -1.0}}.refusal(), "noise variance v > 0"));
  CHECK(Question{}.refusal() == "nothing was thrown");
}

TEST_CASE("Contexts come with their kernel, one for each row and each query") {
  const auto x = torch::zeros({5, 2}), contexts = torch::zeros({5, 1});
  const auto refusal = [&](const torch::Tensor& of_rows, const torch::Tensor& of_queries,
                           score::ContextKernel kernel) {
    return test::message_of<base::ContractError>([&] {
      const auto block = score::DataBlock::make(x, {}, of_rows, kernel);
      return score::ratio_state({x, of_queries}, block, {0.5, 0.5}, score::Weights::none);
    });
  };
  const auto gaussian = score::ContextKernel::gaussian;

  CHECK(test::contains(refusal(contexts, contexts, score::ContextKernel::none), "their kernel"));
  CHECK(test::contains(refusal(torch::zeros({4, 1}), contexts, gaussian), "for each data row"));
  CHECK(test::contains(refusal(contexts, {}, gaussian), "for each query"));
  CHECK(test::contains(refusal(contexts, torch::zeros({5, 2}), gaussian), "for each query"));
  CHECK(refusal(contexts, contexts, gaussian) == "nothing was thrown");
}

}  // namespace
