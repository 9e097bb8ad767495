// SPDX-License-Identifier: MIT
#include <tropism/score/ratio_state.hpp>

#include <cmath>
#include <limits>

#include "data_block.hpp"
#include "direct_state.hpp"
#include "pruned_state.hpp"

#include <tropism/base/error.hpp>

namespace tropism::score {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// e^{from - to}, and 0 where `from` is -infinity (no data yet), also if `to` is.
torch::Tensor scale_between(const torch::Tensor& from, const torch::Tensor& to) {
  return (from - to).exp_().masked_fill_(from == -infinity, 0.0).to(torch::kFloat32);
}

/// log of the context kernel between all queries and rows, [B, M].
torch::Tensor log_context_kernel(const torch::Tensor& queries, const DataBlock& block) {
  const auto squared =
      (queries.unsqueeze(1) - block.contexts.unsqueeze(0)).square().sum(2, /*keepdim=*/false);
  if (block.context_kernel == ContextKernel::gaussian) return squared * -0.5;
  return (1.0 - squared).clamp_min(0.0).log();
}

/// log w_j - a^2 |x_j|^2 / (2v) of each row, [M].
torch::Tensor bias_of_rows(const DataBlock& block, NoiseLevel noise, Weights weights) {
  auto bias = block.x.square().sum(1).mul_(-noise.signal * noise.signal / (2.0 * noise.variance));
  if (weights == Weights::reward && block.log_weights.defined()) bias.add_(block.log_weights);
  return bias;
}

/// By LibTorch's operations: one product for the logits, one for the weighted sum.
RatioState product_state(const Queries& queries, const DataBlock& block, NoiseLevel noise,
                         Weights weights) {
  // l_ij = (a/v) x_i.x_j - a^2 |x_j|^2 / (2v) + log w_j - |x_i|^2 / (2v), the last added to the
  // maximum alone
  const auto& x = queries.x;
  auto logits = torch::addmm(bias_of_rows(block, noise, weights), x, block.x.t(), 1.0,
                             noise.signal / noise.variance);
  if (block.context_kernel != ContextKernel::none)
    logits.add_(log_context_kernel(queries.contexts, block));
  const auto log_max = logits.amax(1);
  const auto finite_max = log_max.masked_fill(log_max == -infinity, 0.0);
  const auto e = logits.sub_(finite_max.unsqueeze(1)).exp_();
  return {log_max - x.to(torch::kFloat64).square().sum(1) * (0.5 / noise.variance), e.sum(1),
          e.square().sum(1), e.mm(block.x)};
}

}  // namespace

RatioState RatioState::empty(std::int64_t batch, std::int64_t dimension) {
  return {torch::full({batch}, -infinity, torch::kFloat64), torch::zeros({batch}),
          torch::zeros({batch}), torch::zeros({batch, dimension})};
}

RatioState RatioState::rows(std::int64_t first, std::int64_t count) const {
  const auto part = [&](const torch::Tensor& t) {
    return t.defined() ? t.narrow(0, first, count) : t;
  };
  return {part(log_max), part(weight), part(squared_weight), part(weighted_sum), part(pruned)};
}

void RatioState::rescale(const torch::Tensor& new_max) {
  const auto scale = scale_between(log_max, new_max);
  weight = weight * scale;
  squared_weight = squared_weight * scale.square();
  weighted_sum = weighted_sum * scale.unsqueeze(1);
  if (pruned.defined()) pruned = pruned * scale;
  log_max = new_max;
}

void RatioState::merge(const RatioState& other) {
  const auto new_max = torch::maximum(log_max, other.log_max);
  auto rescaled = other;
  rescaled.rescale(new_max);
  rescale(new_max);
  weight += rescaled.weight;
  squared_weight += rescaled.squared_weight;
  weighted_sum += rescaled.weighted_sum;
  if (rescaled.pruned.defined())
    pruned = pruned.defined() ? pruned + rescaled.pruned : rescaled.pruned;
}

RatioState ratio_state(const Queries& queries, std::span<const DataBlock> blocks, NoiseLevel noise,
                       Weights weights) {
  check_question(queries, blocks, noise);
  const bool direct = suits_direct_state(queries.x, noise);
  if (direct && blocks.size() == 1 && blocks.front().tree != nullptr)
    return pruned_state(queries, blocks.front(), noise, weights);
  if (direct) return direct_state(queries, blocks, noise, weights);
  auto state = RatioState::empty(queries.size(), queries.x.size(1));
  for (const auto& block : blocks)
    if (block.x.size(0) > 0) state.merge(product_state(queries, block, noise, weights));
  return state;
}

RatioState ratio_state(const Queries& queries, const DataBlock& block, NoiseLevel noise,
                       Weights weights) {
  return ratio_state(queries, std::span(&block, 1), noise, weights);
}

RatioState ratio_state(const torch::Tensor& x, const torch::Tensor& data, NoiseLevel noise,
                       const torch::Tensor& log_weights) {
  return ratio_state(x, DataBlock::make(data, log_weights), noise, Weights::reward);
}

}  // namespace tropism::score
