// SPDX-License-Identifier: MIT
#include <tropism/network/field.hpp>

#include <algorithm>
#include <vector>

#include <tropism/base/elementwise.hpp>
#include <tropism/base/error.hpp>
#include <tropism/base/small_dimension.hpp>
#include <tropism/base/unwritten.hpp>
#include <tropism/base/wide_loops.hpp>

namespace tropism::network {
namespace {

constexpr std::int64_t few = 4;  // columns

/// Some columns, whatever their layout.
struct Columns {
  const float* numbers;
  std::int64_t count, row_stride, stride;
};

Columns columns_of(const torch::Tensor& t) {  // [n, count]
  return {t.data_ptr<float>(), t.size(1), t.stride(0), t.stride(1)};
}

/// Times, [n] or [1] for all rows.
Columns column_of(const torch::Tensor& t, std::int64_t rows) {
  return {t.data_ptr<float>(), 1, t.size(0) == rows ? t.stride(0) : 0, 1};
}

/// To columns of rows that are so wide: LibTorch's concatenation takes longer over a few columns
/// than a small network over its first layer.
void write_columns(const Columns& from, std::int64_t rows, std::int64_t width, float* to) {
  if (from.count <= few)
    for (std::int64_t k = 0; k < from.count; ++k)
      for (std::int64_t i = 0; i < rows; ++i)
        to[i * width + k] = from.numbers[i * from.row_stride + k * from.stride];
  else
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t k = 0; k < from.count; ++k)
        to[i * width + k] = from.numbers[i * from.row_stride + k * from.stride];
}

/// Times, then the columns of all parts.
void write_all_columns(const Columns& times, std::initializer_list<torch::Tensor> others,
                       std::int64_t rows, std::int64_t width, float* to) {
  write_columns(times, rows, width, to);
  to += 1;
  for (const auto& part : others) {
    write_columns(columns_of(part), rows, width, to);
    to += part.size(1);
  }
}

/// A time and a point, row by row; one time for all, or one each.
template <class Dimension>
void interleave(const float* t, bool one, const float* __restrict z, std::int64_t rows, Dimension D,
                float* __restrict to) {
  const auto width = D + 1;
  const auto write = [=](auto&& time) {
    for (std::int64_t i = 0; i < rows; ++i) {
      to[i * width] = time(i);
      for (std::int64_t k = 0; k < D; ++k) to[i * width + 1 + k] = z[i * D + k];
    }
  };
  if (one && rows > 0) return write([first = *t](std::int64_t) { return first; });
  write([t](std::int64_t i) { return t[i]; });
}

TROPISM_WIDE_LOOPS void write_rows(const float* t, bool one, const float* z, std::int64_t rows,
                                   std::int64_t dimension, float* to) {
  base::with_dimension(dimension, [=](auto D) { interleave(t, one, z, rows, D, to); });
}

bool may_loop(const torch::Tensor& t, std::initializer_list<torch::Tensor> others) {
  return base::may_loop(t) && std::all_of(others.begin(), others.end(), base::may_loop);
}

torch::Tensor joined(const torch::Tensor& t, std::initializer_list<torch::Tensor> others) {
  std::vector<torch::Tensor> parts = {t.unsqueeze(1).expand({others.begin()->size(0), 1})};
  parts.insert(parts.end(), others);
  return torch::cat(parts, 1);
}

}  // namespace

torch::Tensor distinct(const torch::Tensor& t) {
  return t.size(0) > 1 && t.stride(0) == 0 ? t.narrow(0, 0, 1) : t;
}

torch::Tensor beside_times(const torch::Tensor& t, std::initializer_list<torch::Tensor> others) {
  const std::int64_t rows = others.begin()->size(0);
  base::expects(t.dim() == 1 && (t.size(0) == rows || t.size(0) == 1), "a time for each row");
  if (!may_loop(t, others)) return joined(t, others);
  std::int64_t width = 1;
  for (const auto& part : others) width += part.size(1);
  auto result = base::unwritten({rows, width});
  const auto times = column_of(t, rows);
  if (others.size() == 1 && others.begin()->is_contiguous() && times.row_stride <= 1)
    write_rows(times.numbers, times.row_stride == 0, others.begin()->data_ptr<float>(), rows,
               width - 1, result.data_ptr<float>());
  else
    write_all_columns(times, others, rows, width, result.data_ptr<float>());
  return result;
}

torch::Tensor NetworkField::forward(const torch::Tensor& t, const torch::Tensor& z) const {
  return network_->forward(beside_times(t, {z}));
}

}  // namespace tropism::network
