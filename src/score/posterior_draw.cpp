// SPDX-License-Identifier: MIT
#include <tropism/score/posterior_draw.hpp>

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "direct_state.hpp"
#include "row_weights.hpp"

#include <tropism/base/error.hpp>
#include <tropism/base/fixed_point.hpp>
#include <tropism/comm/collectives.hpp>

namespace tropism::score {
namespace {

// Of weights relative to the largest of all rows: 2^27 rows sum up to less than 2^62.
constexpr int weight_exponent = 34;

PieceWeights piece_weights(const Queries& queries, const DataBlock& block, NoiseLevel noise) {
  if (suits_direct_state(queries.x, noise))
    return direct_piece_weights(queries, block, posterior_piece_rows, noise);
  std::vector<torch::Tensor> log_max, weight;
  for (std::int64_t first = 0; first < block.x.size(0); first += posterior_piece_rows) {
    const auto count = std::min(posterior_piece_rows, block.x.size(0) - first);
    const auto state = ratio_state(queries, block.rows(first, count), noise, Weights::none);
    log_max.push_back(state.log_max);
    weight.push_back(state.weight);
  }
  return {torch::stack(log_max), torch::stack(weight)};
}

}  // namespace

PosteriorDraws::PosteriorDraws(const comm::Communicator& comm, Scope scope, const Queries& queries,
                               const std::vector<QueryUnit>& units, NoiseLevel noise)
    : comm_(comm), scope_(scope), queries_(queries.contiguous()), noise_(noise) {
  for (const auto& unit : units) units_.push_back(weigh(unit));
  cumulate();
}

PosteriorDraws::Unit PosteriorDraws::weigh(const QueryUnit& unit) const {
  Unit weighed = {unit, {}, {}, {}, {}};
  const auto queries = queries_.at(unit.rows);
  std::vector<torch::Tensor> log_max = {torch::zeros({0, queries.size()}, torch::kFloat64)},
                             weight = {torch::zeros({0, queries.size()})};
  for (std::size_t b = 0; b < unit.blocks.size(); ++b) {
    const std::int64_t rows = unit.blocks[b].x.size(0);
    if (rows == 0) continue;
    const auto pieces = piece_weights(queries, unit.blocks[b], noise_);
    log_max.push_back(pieces.log_max);
    weight.push_back(pieces.weight);
    for (std::int64_t first = 0; first < rows; first += posterior_piece_rows)
      weighed.pieces.push_back({b, first, std::min(posterior_piece_rows, rows - first)});
  }
  weighed.log_max = torch::cat(log_max).t();
  weighed.weight = torch::cat(weight).t().to(torch::kFloat64);
  return weighed;
}

void PosteriorDraws::cumulate() {
  auto largest =
      torch::full({queries_.size()}, -std::numeric_limits<double>::infinity(), torch::kFloat64);
  for (const auto& unit : units_)
    if (!unit.pieces.empty()) largest.index_copy_(0, unit.of.rows, unit.log_max.amax(1));
  if (scope_ == Scope::global) comm::all_reduce_max(comm_, largest);
  auto own = torch::zeros({queries_.size()}, torch::kInt64);
  for (auto& unit : units_) {
    if (unit.pieces.empty()) continue;
    const auto reference = largest.index_select(0, unit.of.rows).unsqueeze(1);
    // -infinity where a context leaves a piece, or all of them, without weight
    const auto scale = (unit.log_max - reference).exp().masked_fill(unit.log_max.isinf(), 0.0);
    unit.cumulated =
        base::to_fixed_point(unit.weight * scale, weight_exponent).cumsum(1).contiguous();
    own.index_copy_(0, unit.of.rows, unit.cumulated.select(1, unit.cumulated.size(1) - 1));
  }
  before_ = torch::zeros_like(own);
  total_ = own;
  if (scope_ == Scope::local) return;
  const auto all = comm::all_gather_rows(comm_, own.unsqueeze(0));
  before_ = all.narrow(0, 0, comm_.rank()).sum(0);
  total_ = all.sum(0);
}

torch::Tensor PosteriorDraws::draw(const torch::Tensor& uniform) const {
  base::expects(uniform.dim() == 2 && uniform.size(0) == queries_.size(),
                "uniform numbers [Q, N] for Q queries");
  const auto last = (total_ - 1).clamp_min(0).unsqueeze(1);
  const auto places = uniform * total_.to(torch::kFloat64).unsqueeze(1);
  const auto targets =
      (torch::minimum(places.to(torch::kInt64), last) - before_.unsqueeze(1)).contiguous();
  auto drawn = torch::zeros({queries_.size(), uniform.size(1), queries_.x.size(1)});
  for (const auto& unit : units_) {
    if (unit.pieces.empty()) continue;
    at::parallel_for(0, unit.of.rows.size(0), 16, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) look_up(unit, row, targets, drawn);
    });
  }
  if (scope_ == Scope::global) comm::all_reduce_sum(comm_, drawn);  // one rank's rows and zeros
  return drawn;
}

std::vector<PosteriorDraws::Place> PosteriorDraws::places_of(const Unit& unit, std::int64_t row,
                                                             const torch::Tensor& targets) const {
  const auto pieces = static_cast<std::int64_t>(unit.pieces.size()), draws = targets.size(1);
  const auto query = unit.of.rows.data_ptr<std::int64_t>()[row];
  const auto* begin = unit.cumulated.data_ptr<std::int64_t>() + row * pieces;
  const auto* target = targets.data_ptr<std::int64_t>() + query * draws;
  std::vector<Place> places;
  for (std::int64_t i = 0; i < draws; ++i) {
    if (target[i] < 0 || target[i] >= begin[pieces - 1]) continue;  // another rank's
    const auto piece = std::upper_bound(begin, begin + pieces, target[i]) - begin;
    const auto start = piece > 0 ? begin[piece - 1] : 0;
    places.push_back({i, static_cast<std::size_t>(piece),
                      (static_cast<double>(target[i] - start) + 0.5) /
                          static_cast<double>(begin[piece] - start)});
  }
  std::sort(places.begin(), places.end(),
            [](const Place& a, const Place& b) { return a.piece < b.piece; });
  return places;
}

void PosteriorDraws::look_up(const Unit& unit, std::int64_t row, const torch::Tensor& targets,
                             torch::Tensor& drawn) const {
  const std::int64_t dimension = queries_.x.size(1);
  const auto query = unit.of.rows.data_ptr<std::int64_t>()[row];
  auto* out = drawn.data_ptr<float>() + query * drawn.size(1) * dimension;
  std::vector<double> weights;
  std::size_t weighed = unit.pieces.size();
  for (const auto& place : places_of(unit, row, targets)) {
    const auto& piece = unit.pieces[place.piece];
    const auto& block = unit.of.blocks[piece.block];
    if (place.piece != weighed)
      weights = cumulated_weights(queries_, query, {block, piece.first, piece.count}, noise_);
    weighed = place.piece;
    const auto found = piece.first + row_at(weights, place.fraction);
    std::copy_n(block.x.data_ptr<float>() + found * dimension, dimension,
                out + place.draw * dimension);
  }
}

torch::Tensor join_uniform(const torch::Tensor& words) {
  const auto pairs = words.view({words.size(0), -1, 2});
  // The first number is the middle of a cell of width 2^-32; the second says where in the cell.
  return pairs.select(2, 0) + (pairs.select(2, 1) - 0.5) * std::ldexp(1.0, -32);
}

DrawnScore score_of_draws(const torch::Tensor& x, const torch::Tensor& drawn, NoiseLevel noise) {
  base::expects(drawn.dim() == 4 && (drawn.size(1) == 1 || drawn.size(1) == 2),
                "one or two sets of draws, [B, S, n, D]");
  auto mean = torch::zeros_like(drawn.select(2, 0), torch::kFloat64);  // [B, S, D]
  for (std::int64_t i = 0; i < drawn.size(2); ++i) mean += drawn.select(2, i);
  mean /= static_cast<double>(drawn.size(2));
  const auto signals = (mean * noise.signal - x.unsqueeze(1)) / noise.variance;
  if (drawn.size(1) == 1) return {signals.select(1, 0).to(torch::kFloat32), {}};
  const auto first = signals.select(1, 0), second = signals.select(1, 1);
  return {((first + second) * 0.5).to(torch::kFloat32),
          ((first - second).square().sum(1) * 0.25).to(torch::kFloat32)};
}

}  // namespace tropism::score
