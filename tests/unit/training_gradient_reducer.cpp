// SPDX-License-Identifier: MIT
// Sums of gradients on one rank; tests/mpi/training_reducer.cpp has the ranks.
#include <tropism/training/gradient_reducer.hpp>

#include <cmath>
#include <limits>

#include <tropism/base/error.hpp>
#include <tropism/base/fixed_point.hpp>

#include "support/alone.hpp"
#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;
using test::alone;
using training::Aggregate;
using training::GradientReducer;

constexpr std::int64_t size = 7, num_parts = 9;

/// Gradients of very different size.
torch::Tensor part(std::int64_t k) {
  return test::normal_points(1, size, k).squeeze(0) * std::pow(10.0, static_cast<double>(k % 5));
}

TEST_CASE("The sum of the micro-batches is that of a loop, to round-off") {
  const bool reproducible = GENERATE(false, true);
  GradientReducer reducer(alone(), Aggregate::on_root, reproducible, num_parts);

  for (std::int64_t k = 0; k < num_parts; ++k) reducer.add(part(k));
  const auto sum = reducer.finish(size);

  auto expected = torch::zeros({size}, torch::kFloat64);
  auto magnitude = torch::zeros({size}, torch::kFloat64);
  for (std::int64_t k = 0; k < num_parts; ++k) {
    expected += part(k).to(torch::kFloat64);
    magnitude += part(k).to(torch::kFloat64).abs();
  }
  CHECK(sum.scalar_type() == torch::kFloat32);
  CHECK(test::within(sum, expected, magnitude * 1e-6));
}

TEST_CASE("A reproducible sum has the same bits in any order of its parts") {
  GradientReducer rising(alone(), Aggregate::on_root, true, num_parts);
  GradientReducer falling(alone(), Aggregate::on_root, true, num_parts);

  for (std::int64_t k = 0; k < num_parts; ++k) rising.add(part(k));
  for (std::int64_t k = num_parts - 1; k >= 0; --k) falling.add(part(k));

  CHECK(rising.finish(size).equal(falling.finish(size)));
}

TEST_CASE("A gradient is copied, and a finished sum is forgotten") {
  const bool reproducible = GENERATE(false, true);
  GradientReducer reducer(alone(), Aggregate::on_all, reproducible, num_parts);
  auto buffer = torch::ones({size});

  reducer.add(buffer);
  buffer.fill_(100.0);
  reducer.add(torch::ones({size}));
  const auto first = reducer.finish(size).clone();
  const auto second = reducer.finish(size);

  CHECK(first.equal(torch::full({size}, 2.0)));
  CHECK(second.equal(torch::zeros({size})));
}

TEST_CASE("A reproducible sum is that of the parts in fixed point, to the last bit") {
  constexpr std::int64_t many = 10000;
  GradientReducer reducer(alone(), Aggregate::on_root, true, 2);
  auto first = test::normal_points(1, many, 1).squeeze(0);
  const auto second = test::normal_points(1, many, 2).squeeze(0).exp() * 1e-9;
  for (std::int64_t half = 1; half < 8; ++half)  // of the unit that the largest leaves
    first[half] = std::ldexp(static_cast<double>(half % 4 < 2 ? -half : half), -41);
  first[0] = std::ldexp(1.0, 20);

  reducer.add(first);
  reducer.add(second);
  const auto sum = reducer.finish(many);

  const int exponent = base::fixed_point_exponent(std::ldexp(1.0, 20) * 2.0);
  CHECK(exponent == 40);
  const auto fixed = base::to_fixed_point(first, exponent) + base::to_fixed_point(second, exponent);
  CHECK(sum.equal(base::from_fixed_point(fixed, exponent).to(torch::kFloat32)));
}

TEST_CASE("A reproducible sum refuses a gradient that is not finite") {
  const double bad =
      GENERATE(std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity());
  GradientReducer reducer(alone(), Aggregate::on_root, true, num_parts);
  auto gradient = part(0);
  gradient[3] = bad;
  reducer.add(part(1));
  reducer.add(gradient);

  const auto message = test::message_of<base::NumericalError>([&] { return reducer.finish(size); });

  CHECK(test::contains(message, "not finite"));
}

}  // namespace
