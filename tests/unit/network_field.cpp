// SPDX-License-Identifier: MIT
#include <tropism/network/field.hpp>

#include "support/catch.hpp"

using tropism::network::beside_times;

namespace {

torch::Tensor numbers(std::int64_t rows, std::int64_t columns) {
  return torch::sin(torch::arange(rows * columns, torch::kFloat32)).view({rows, columns});
}

torch::Tensor beside(const torch::Tensor& column, const torch::Tensor& z,
                     const torch::Tensor& features) {
  return torch::cat({column, z, features}, 1);
}

}  // namespace

TEST_CASE("Times stand beside states and features, whatever the layout of each") {
  const auto z = numbers(5, 3), of_columns = numbers(7, 5).t(), features = numbers(1, 6),
             of_all = features.expand({5, 6}), t = numbers(1, 5)[0], one = numbers(1, 1)[0];

  for (const auto& times : {t, numbers(1, 10)[0].slice(0, 0, 10, 2), one, one.expand({5})})
    for (const auto& state : {z, numbers(5, 1), numbers(5, 7), of_columns})
      CHECK(torch::equal(beside_times(times, {state}),
                         torch::cat({times.unsqueeze(1).expand({5, 1}), state}, 1)));
  for (const auto& times : {t, numbers(1, 10)[0].slice(0, 0, 10, 2)})
    CHECK(torch::equal(beside_times(times, {of_columns, of_all}),
                       beside(times.unsqueeze(1), of_columns, of_all)));
  for (const auto& times : {one, one.expand({5})})
    CHECK(torch::equal(beside_times(times, {z, of_all}),
                       beside(one.view({1, 1}).expand({5, 1}), z, of_all)));
  CHECK(beside_times(t.narrow(0, 0, 0), {z.narrow(0, 0, 0)}).sizes() == at::IntArrayRef({0, 4}));
}

TEST_CASE("Gradients with respect to states and times go through") {
  const auto t = numbers(1, 4)[0].requires_grad_(), z = numbers(4, 2).requires_grad_();

  (beside_times(t, {z}).square().sum() * 0.5).backward();

  CHECK(torch::equal(t.grad(), t));
  CHECK(torch::equal(z.grad(), z));
}
