// SPDX-License-Identifier: MIT
#include <tropism/evaluation/label_agreement.hpp>

#include <cmath>

#include <tropism/base/error.hpp>

namespace tropism::evaluation {
namespace {

void complete(Agreement& agreement) {
  if (agreement.count == 0) return;
  const auto n = static_cast<double>(agreement.count);
  const double fraction = static_cast<double>(agreement.agreeing) / n;
  agreement.fraction = fraction;
  agreement.standard_error = std::sqrt(fraction * (1.0 - fraction) / n);
}

void add(Agreement& agreement, bool agrees) {
  ++agreement.count;
  if (agrees) ++agreement.agreeing;
}

}  // namespace

LabelAgreement label_agreement(const Neighbours& nearest, const torch::Tensor& asked,
                               const torch::Tensor& data_label) {
  base::expects(asked.dim() == 1 && asked.size(0) == nearest.index.size(0), "one label per point");
  const auto wanted = asked.to(torch::kInt64).contiguous();
  const auto found = data_label.to(torch::kInt64).index_select(0, nearest.index.select(1, 0));
  const auto* wanted_label = wanted.data_ptr<std::int64_t>();
  const auto* found_label = found.data_ptr<std::int64_t>();
  LabelAgreement result;
  for (std::int64_t row = 0; row < wanted.size(0); ++row) {
    const bool agrees = wanted_label[row] == found_label[row];
    add(result.overall, agrees);
    add(result.by_label[wanted_label[row]], agrees);
  }
  complete(result.overall);
  for (auto& [label, agreement] : result.by_label) complete(agreement);
  return result;
}

}  // namespace tropism::evaluation
