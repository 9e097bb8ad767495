// SPDX-License-Identifier: MIT
#include <tropism/data/dataset.hpp>

#include <tropism/base/error.hpp>

namespace tropism::data {
namespace {

std::optional<torch::Tensor> narrow_column(const std::optional<torch::Tensor>& column,
                                           std::int64_t first, std::int64_t count) {
  if (!column) return std::nullopt;
  return column->narrow(0, first, count);
}

}  // namespace

Dataset narrow(const Dataset& whole, std::int64_t first, std::int64_t count) {
  base::expects(first >= 0 && count >= 0 && count <= whole.rows() - first,
                "the rows are in the dataset");
  Dataset part = whole;
  part.x = whole.x.narrow(0, first, count);
  part.label = narrow_column(whole.label, first, count);
  part.context = narrow_column(whole.context, first, count);
  part.reward = narrow_column(whole.reward, first, count);
  part.first_row = whole.first_row + first;
  return part;
}

Dataset whole_dataset(const torch::Tensor& x) {
  base::expects(x.dim() >= 1, "x has rows");
  Dataset dataset;
  dataset.shape = x.dim() == 1 ? std::vector<std::int64_t>{1} : x.sizes().slice(1).vec();
  dataset.x = x.reshape({x.size(0), c10::multiply_integers(dataset.shape)})
                  .to(torch::kFloat32)
                  .contiguous();
  dataset.total_rows = x.size(0);
  return dataset;
}

}  // namespace tropism::data
