// SPDX-License-Identifier: MIT
#include "product_state.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace tropism::score {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::int64_t logits_at_once = 33554432;  // 256 MiB of them

/// log of the context kernel between all queries and rows, [B, M].
torch::Tensor log_context_kernel(const torch::Tensor& queries, const DataBlock& block) {
  const auto squared =
      (queries.unsqueeze(1) - block.contexts.unsqueeze(0)).square().sum(2, /*keepdim=*/false);
  if (block.context_kernel == ContextKernel::gaussian) return squared * -0.5;
  return (1.0 - squared).clamp_min(0.0).log();
}

/// log w_j - a^2 |x_j|^2 / (2v) of each row, float64 [M].
torch::Tensor bias_of_rows(const DataBlock& block, NoiseLevel noise, Weights weights) {
  auto bias = block.x.to(torch::kFloat64).square_().sum(1);
  bias.mul_(-noise.signal * noise.signal / (2.0 * noise.variance));
  if (weights == Weights::reward && block.log_weights.defined()) bias.add_(block.log_weights);
  return bias;
}

/// Logits but for - |x_i|^2 / (2v): (a/v) x_i.x_j - a^2 |x_j|^2 / (2v) + log w_j, float64 [B, M].
torch::Tensor logits_of(const Queries& queries, const DataBlock& block, NoiseLevel noise,
                        Weights weights) {
  const auto x = queries.x.to(torch::kFloat64), rows = block.x.to(torch::kFloat64);
  auto logits = torch::addmm(bias_of_rows(block, noise, weights), x, rows.t(), 1.0,
                             noise.signal / noise.variance);
  if (block.context_kernel != ContextKernel::none)
    logits.add_(log_context_kernel(queries.contexts, block));
  return logits;
}

RatioState state_of(const Queries& queries, const DataBlock& block, NoiseLevel noise,
                    Weights weights) {
  auto logits = logits_of(queries, block, noise, weights);
  const auto lost = queries.x.isfinite().all(1).logical_not();  // they see no data
  const auto log_max = logits.amax(1).masked_fill_(lost, -infinity);
  const auto finite_max = log_max.masked_fill(log_max == -infinity, 0.0);
  const auto e = logits.sub_(finite_max.unsqueeze(1)).exp_().to(torch::kFloat32);
  const auto squared_norms = queries.x.to(torch::kFloat64).square().sum(1);
  return {(log_max - squared_norms * (0.5 / noise.variance)).masked_fill_(lost, -infinity),
          e.sum(1).masked_fill_(lost, 0.0), e.square().sum(1).masked_fill_(lost, 0.0),
          e.mm(block.x).masked_fill_(lost.unsqueeze(1), 0.0)};
}

Queries at_device(const Queries& queries, torch::Device device) {
  return {queries.x.to(device),
          queries.contexts.defined() ? queries.contexts.to(device) : queries.contexts};
}

/// Merges what the queries see of the rows of one block, as many queries at once as memory allows.
void add(RatioState& sum, const Queries& queries, const DataBlock& block, NoiseLevel noise,
         Weights weights) {
  const auto here = queries.x.device();
  const std::int64_t most = std::max(std::int64_t{1}, logits_at_once / block.x.size(0));
  std::vector<RatioState> parts;
  for (std::int64_t first = 0; first < queries.size(); first += most) {
    const auto part = queries.rows(first, std::min(most, queries.size() - first));
    parts.push_back(state_of(at_device(part, block.x.device()), block, noise, weights));
  }
  const auto joined = [&](torch::Tensor RatioState::*member) {
    std::vector<torch::Tensor> of_parts;
    for (const auto& part : parts) of_parts.push_back((part.*member).to(here));
    return torch::cat(of_parts);
  };
  sum.merge({joined(&RatioState::log_max), joined(&RatioState::weight),
             joined(&RatioState::squared_weight), joined(&RatioState::weighted_sum)});
}

}  // namespace

RatioState product_state(const Queries& queries, std::span<const DataBlock> blocks,
                         NoiseLevel noise, Weights weights) {
  auto state = RatioState::empty(queries.size(), queries.x.size(1));
  if (queries.size() == 0) return state;
  for (const auto& block : blocks)
    if (block.x.size(0) > 0) add(state, queries, block.copy ? *block.copy : block, noise, weights);
  return state;
}

}  // namespace tropism::score
