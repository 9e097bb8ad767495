// SPDX-License-Identifier: MIT
#include <tropism/base/elementwise.hpp>

#include <limits>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"

using namespace tropism;

namespace {

torch::Tensor numbers(std::int64_t rows, std::int64_t columns) {
  return torch::sin(torch::arange(rows * columns, torch::kFloat32)).view({rows, columns});
}

/// Within a few roundings of float32 of numbers of size one.
void check_same(const torch::Tensor& found, const torch::Tensor& expected) {
  CHECK(found.sizes() == expected.sizes());
  CHECK(torch::allclose(found.to(torch::kFloat64), expected.to(torch::kFloat64), 0.0, 1e-6));
}

}  // namespace

TEST_CASE("A linear combination is what LibTorch's operators say, whatever the layout") {
  const auto a = numbers(7, 3), b = numbers(3, 7).t(), c = numbers(14, 3).slice(0, 0, 14, 2);

  check_same(base::linear_combination({{0.5, a}}), a * 0.5);
  check_same(base::linear_combination({{0.5, a}, {-1.5, b}, {2.0, c}}),
             a * 0.5 - b * 1.5 + c * 2.0);
  CHECK(base::linear_combination({{1.0, numbers(0, 3)}}).sizes() == at::IntArrayRef({0, 3}));
}

TEST_CASE("A linear combination in float64 keeps its digits") {
  const auto a = numbers(2, 2).to(torch::kFloat64), b = torch::full_like(a, 1e-12);

  const auto sum = base::linear_combination({{1.0, a}, {1.0, b}});

  CHECK(torch::equal(sum, a + b));
}

TEST_CASE("A number of a linear combination depends on its place in no way") {
  const auto a = numbers(37, 5), b = numbers(37, 5).cos();

  const auto whole = base::linear_combination({{0.3, a}, {1.7, b}});

  for (const std::int64_t first : {0, 1, 8, 36}) {
    const std::int64_t count = 37 - first;
    CHECK(torch::equal(base::linear_combination(
                           {{0.3, a.narrow(0, first, count)}, {1.7, b.narrow(0, first, count)}}),
                       whole.narrow(0, first, count)));
  }
}

TEST_CASE("Tensors of other shapes are no terms of a linear combination") {
  const auto a = numbers(2, 3), b = numbers(3, 2);

  CHECK_THROWS_AS(base::linear_combination({{1.0, a}, {1.0, b}}), base::ContractError);
  CHECK_THROWS_AS(base::minus_row(a, 1.0, b[0]), base::ContractError);
}

TEST_CASE("A multiple of a row is taken from every row") {
  const auto a = numbers(7, 3), of_columns = numbers(3, 7).t(), row = numbers(1, 3)[0];

  check_same(base::minus_row(a, 0.25, row), a - row * 0.25);
  check_same(base::minus_row(of_columns, 0.25, row), of_columns - row * 0.25);
  check_same(base::minus_row(a.to(torch::kFloat64), 0.25, row.to(torch::kFloat64)), a - row * 0.25);
}

TEST_CASE("Tensors have the same numbers or not, whatever their layout") {
  const auto dtype = GENERATE(torch::kFloat32, torch::kFloat64);
  const auto t = torch::linspace(-1, 1, 150).view({50, 3}).to(dtype);
  CHECK(base::same_bits(t, t.clone()));
  CHECK(base::same_bits(t.t(), t.t().contiguous()));
  CHECK_FALSE(base::same_bits(t, t.narrow(0, 0, 49)));
  CHECK_FALSE(base::same_bits(t, t.t()));

  auto other = t.clone();
  other[49][2] += 1.0;
  CHECK_FALSE(base::same_bits(t, other));
}

TEST_CASE("Tensors are stacked as LibTorch stacks them") {
  const auto dtype = GENERATE(torch::kFloat32, torch::kFloat64);
  const std::vector<torch::Tensor> parts = {numbers(5, 3).to(dtype), numbers(3, 5).to(dtype).t(),
                                            numbers(5, 3).to(dtype)};

  CHECK(base::stacked(parts).equal(torch::stack(parts)));
  CHECK(base::stacked({parts[0], parts[2]}).equal(torch::stack({parts[0], parts[2]})));
  CHECK(base::stacked({parts[0][0]}).equal(parts[0][0].unsqueeze(0)));
}

TEST_CASE("A number is repeated as a view of one, of the type that was asked for") {
  for (const auto dtype : {torch::kFloat32, torch::kFloat64}) {
    const auto numbers = base::repeated(0.3, 4, dtype);
    CHECK(numbers.equal(torch::full({4}, 0.3, dtype)));
    CHECK(numbers.stride(0) == 0);
    CHECK(numbers.scalar_type() == dtype);
    CHECK(base::repeated(0.3, 0, dtype).size(0) == 0);
  }
}

TEST_CASE("One number that is not finite is found, wherever it is") {
  using limits = std::numeric_limits<float>;
  CHECK(base::all_finite(torch::full({5, 7}, limits::max())));
  CHECK(base::all_finite(torch::full({3}, limits::denorm_min())));
  CHECK(base::all_finite(torch::zeros({0, 2})));
  for (const float bad : {limits::infinity(), -limits::infinity(), limits::quiet_NaN()})
    for (const std::int64_t place : {0, 17, 34}) {
      auto x = numbers(5, 7);
      x.view(-1)[place] = bad;
      CHECK_FALSE(base::all_finite(x));
      CHECK_FALSE(base::all_finite(x.t()));
      CHECK_FALSE(base::all_finite(x.to(torch::kFloat64)));
    }
}
