// SPDX-License-Identifier: MIT
#include "data_block.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "row_tree.hpp"

#include <tropism/base/elementwise.hpp>
#include <tropism/base/error.hpp>

namespace tropism::score {
namespace {

constexpr std::int64_t least_rows_to_prune = 2048;  // below, tests cost more than they save
constexpr std::int64_t numbers_at_once = 262144;    // in float64 two MiB

/// Float32 [rows, anything from 1 on].
bool is_matrix(const torch::Tensor& t, std::int64_t rows) {
  return t.dim() == 2 && t.size(0) == rows && t.size(1) >= 1 && t.scalar_type() == torch::kFloat32;
}

void check_rows(const torch::Tensor& x, const torch::Tensor& log_weights,
                const torch::Tensor& contexts, ContextKernel kernel) {
  base::expects(x.defined() && x.dim() == 2 && is_matrix(x, x.size(0)),
                "data rows x, float32 [M, D] with D >= 1");
  base::expects(!log_weights.defined() ||
                    (log_weights.dim() == 1 && is_matrix(log_weights.unsqueeze(1), x.size(0))),
                "log_weights, float32 [M]: one for each data row");
  base::expects(!log_weights.defined() || log_weights.lt(INFINITY).all().item<bool>(),
                "log_weights that are numbers below infinity");
  base::expects(contexts.defined() == (kernel != ContextKernel::none),
                "contexts with their kernel");
  base::expects(
      !contexts.defined() || (is_matrix(contexts, x.size(0)) && base::all_finite(contexts)),
      "finite contexts, float32 [M, C]: one for each data row");
}

/// |x_j|^2, [M]; piece by piece, for in float64 all rows would take four times their memory again.
torch::Tensor squares_of(const torch::Tensor& x) {
  auto squares = torch::empty({x.size(0)}, x.options());
  const std::int64_t most = std::max(std::int64_t{1}, numbers_at_once / x.size(1));
  for (std::int64_t first = 0; first < x.size(0); first += most) {
    const std::int64_t count = std::min(most, x.size(0) - first);
    const auto piece = x.narrow(0, first, count).to(torch::kFloat64);
    squares.narrow(0, first, count).copy_(piece.square().sum(1));
  }
  return squares;
}

}  // namespace

void check_question(const Queries& queries, std::span<const DataBlock> blocks, NoiseLevel noise) {
  base::expects(std::isfinite(noise.signal) && noise.signal > 0.0, "a finite signal factor a > 0");
  base::expects(std::isfinite(noise.variance) && noise.variance > 0.0,
                "a finite noise variance v > 0");
  base::expects(queries.x.dim() == 2 && is_matrix(queries.x, queries.size()),
                "queries x, float32 [B, D] with D >= 1");
  for (const auto& block : blocks) {
    base::expects(block.x.size(1) == queries.x.size(1),
                  "queries x and data rows of the same dimension D");
    if (!block.contexts.defined()) continue;
    base::expects(queries.contexts.defined() && is_matrix(queries.contexts, queries.size()) &&
                      queries.contexts.size(1) == block.contexts.size(1),
                  "a context, float32 [B, C], for each query of rows with contexts");
  }
}

DataBlock DataBlock::make(const torch::Tensor& x, const torch::Tensor& log_weights,
                          const torch::Tensor& contexts, ContextKernel kernel) {
  check_rows(x, log_weights, contexts, kernel);
  const auto contiguous = [](const torch::Tensor& t) { return t.defined() ? t.contiguous() : t; };
  const double radius = x.size(0) > 0 ? x.norm(2, 1).max().item<double>() : 0.0;
  base::expects(std::isfinite(radius), "finite data rows x");
  return {.x = x.contiguous(),
          .log_weights = contiguous(log_weights),
          .squares = squares_of(x),
          .contexts = contiguous(contexts),
          .context_kernel = kernel,
          .radius = radius};
}

DataBlock DataBlock::rows(std::int64_t first, std::int64_t count) const {
  const auto part = [&](const torch::Tensor& t) {
    return t.defined() ? t.narrow(0, first, count) : t;
  };
  return {.x = part(x),
          .log_weights = part(log_weights),
          .squares = part(squares),
          .contexts = part(contexts),
          .context_kernel = context_kernel,
          .radius = radius};
}

DataBlock DataBlock::pruned_to(double share) const {
  base::expects(share > 0.0 && share < 1.0, "a share in (0, 1) that may be left out");
  if (x.size(0) < least_rows_to_prune) return *this;
  const auto grown = std::make_shared<const RowTree>(x, log_weights);
  const auto order = torch::tensor(grown->order(), torch::kInt64);
  const auto reordered = [&](const torch::Tensor& t) {
    return t.defined() ? t.index_select(0, order) : t;
  };
  auto block = make(reordered(x), reordered(log_weights), reordered(contexts), context_kernel);
  block.pruning = share;
  block.tree = grown;
  return block;
}

DataBlock DataBlock::copied_to(torch::Device device) const {
  if (device.is_cpu()) return *this;
  const auto there = [&](const torch::Tensor& t) { return t.defined() ? t.to(device) : t; };
  auto block = *this;
  block.copy = std::make_shared<const DataBlock>(
      DataBlock{.x = there(x),
                .log_weights = there(log_weights),
                .squares = {},  // product_state has no use for them
                .contexts = there(contexts),
                .context_kernel = context_kernel});
  return block;
}

Queries Queries::at(const torch::Tensor& rows) const {
  return {x.index_select(0, rows),
          contexts.defined() ? contexts.index_select(0, rows) : torch::Tensor()};
}

Queries Queries::rows(std::int64_t first, std::int64_t count) const {
  return {x.narrow(0, first, count),
          contexts.defined() ? contexts.narrow(0, first, count) : contexts};
}

Queries Queries::contiguous() const {
  return {x.contiguous(), contexts.defined() ? contexts.contiguous() : contexts};
}

}  // namespace tropism::score
