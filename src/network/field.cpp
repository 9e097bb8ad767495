// SPDX-License-Identifier: MIT
#include <tropism/network/field.hpp>

#include <algorithm>
#include <vector>

#include <tropism/base/elementwise.hpp>

namespace tropism::network {
namespace {

constexpr std::int64_t few = 4;  // columns

/// The columns of `part` as columns [first, ..) of `rows`: LibTorch's concatenation takes longer
/// over a few columns than a small network over its first layer.
void write_columns(const torch::Tensor& part, torch::Tensor& rows, std::int64_t first) {
  const auto* from = part.data_ptr<float>();
  auto* to = rows.data_ptr<float>() + first;
  const std::int64_t count = rows.size(0), columns = part.size(1), width = rows.size(1),
                     stride = part.stride(0), column_stride = part.stride(1);
  if (columns <= few)
    for (std::int64_t k = 0; k < columns; ++k, from += column_stride, ++to)
      for (std::int64_t i = 0; i < count; ++i) to[i * width] = from[i * stride];
  else
    for (std::int64_t i = 0; i < count; ++i, from += stride, to += width)
      for (std::int64_t k = 0; k < columns; ++k) to[k] = from[k * column_stride];
}

}  // namespace

torch::Tensor distinct(const torch::Tensor& t) {
  return t.size(0) > 1 && t.stride(0) == 0 ? t.narrow(0, 0, 1) : t;
}

torch::Tensor beside_times(const torch::Tensor& t, std::initializer_list<torch::Tensor> others) {
  const std::int64_t rows = others.begin()->size(0);
  std::vector<torch::Tensor> parts = {t.unsqueeze(1).expand({rows, 1})};
  parts.insert(parts.end(), others);
  if (!std::all_of(parts.begin(), parts.end(), base::may_loop)) return torch::cat(parts, 1);
  std::int64_t columns = 0, first = 0;
  for (const auto& part : parts) columns += part.size(1);
  auto result = torch::empty({rows, columns});
  for (const auto& part : parts) {
    write_columns(part, result, first);
    first += part.size(1);
  }
  return result;
}

torch::Tensor NetworkField::forward(const torch::Tensor& t, const torch::Tensor& z) const {
  return network_->forward(beside_times(t, {z}));
}

}  // namespace tropism::network
