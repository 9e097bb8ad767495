// SPDX-License-Identifier: MIT
#include <tropism/score/ratio_state.hpp>

#include <algorithm>
#include <limits>

#include "data_block.hpp"
#include "direct_state.hpp"
#include "product_state.hpp"
#include "pruned_state.hpp"

#include <tropism/base/error.hpp>

namespace tropism::score {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// e^{from - to}, and 0 where `from` is -infinity (no data yet), also if `to` is.
torch::Tensor scale_between(const torch::Tensor& from, const torch::Tensor& to) {
  return (from - to).exp_().masked_fill_(from == -infinity, 0.0).to(torch::kFloat32);
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
  const bool elsewhere = std::any_of(blocks.begin(), blocks.end(),
                                     [](const auto& block) { return block.copy != nullptr; });
  if (elsewhere || !suits_direct_state(queries.x, noise))
    return product_state(queries, blocks, noise, weights);
  if (blocks.size() == 1 && blocks.front().tree != nullptr)
    return pruned_state(queries, blocks.front(), noise, weights);
  return direct_state(queries, blocks, noise, weights);
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
