// SPDX-License-Identifier: MIT
#include <tropism/conditional/contexts.hpp>

#include <algorithm>

#include <tropism/base/error.hpp>

namespace tropism::conditional {

Contexts::Contexts(training::ContextSummary summary)
    : summary_(std::move(summary)), scale_(summary_.sd.masked_fill(summary_.sd.eq(0.0), 1.0)) {
  if (varying() > 0) return;
  throw base::IoError(
      "All rows of the data have the same context, so there is nothing to condition on. Check the "
      "dataset named by [data] context, or set [context] kind = \"none\".");
}

std::int64_t Contexts::varying() const {
  return summary_.sd.gt(0.0).sum().item<std::int64_t>();
}

torch::Tensor Contexts::features(const torch::Tensor& contexts) const {
  return in_bandwidths(contexts, 1.0);
}

torch::Tensor Contexts::in_bandwidths(const torch::Tensor& contexts, double bandwidth) const {
  base::expects(contexts.dim() == 2 && contexts.size(1) == size(), "contexts [n, C]");
  const auto deviations = contexts.to(torch::kFloat64) - summary_.mean;
  const auto constant = summary_.sd.eq(0.0);
  return deviations.div_(scale_ * bandwidth).masked_fill_(constant, 0.0).to(torch::kFloat32);
}

torch::Tensor Contexts::draw(const base::RandomStream& stream, ContextPrior prior,
                             control::Trajectories trajectories) const {
  if (prior == ContextPrior::uniform) {
    const auto u = stream.uniform(trajectories.first, 0, trajectories.count, size());
    const auto drawn =
        torch::lerp(summary_.low.to(torch::kFloat64), summary_.high.to(torch::kFloat64), u);
    return drawn.to(torch::kFloat32);
  }
  const auto kept = summary_.kept.size(0);
  const auto u = stream.uniform(trajectories.first, 0, trajectories.count, 1).squeeze(1);
  const auto rows = (u * static_cast<double>(kept)).to(torch::kInt64).clamp_max(kept - 1);
  return summary_.kept.index_select(0, rows);
}

torch::Tensor Contexts::probes(std::int64_t count) const {
  const auto kept = summary_.kept.size(0), wanted = std::min(count, kept);
  const auto rows = torch::arange(wanted, torch::kInt64) * kept;
  return summary_.kept.index_select(0, rows.floor_divide(wanted));
}

torch::Tensor Contexts::outside(const torch::Tensor& contexts) const {
  return contexts.lt(summary_.low).logical_or(contexts.gt(summary_.high)).any(1);
}

}  // namespace tropism::conditional
