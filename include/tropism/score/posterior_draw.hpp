// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include <tropism/comm/communicator.hpp>
#include <tropism/score/ratio_data.hpp>
#include <tropism/score/ratio_state.hpp>
#include <tropism/score/ratio_sum.hpp>

namespace tropism::score {

/// Consecutive rows of a block that are weighed as one before a row is looked for among them.
inline constexpr std::int64_t posterior_piece_rows = 128;

/// Draws of x_0 from what the data say of a noisy x: row j of a query's unit with probability
/// proportional to its weight p(x | x_j) (times the context kernel), the softmax weights of the
/// ratio estimator. Each draw is an unbiased signal of the score, (a x_0 - x)/v (MATH E4).
///
/// By inversion over the rows in their order, rank after rank: pieces of rows by their weights in
/// fixed point, then the row within the piece in float64. Where ranks split the rows at block
/// boundaries, the draw is the same bit for bit for any deal of the blocks to ranks; otherwise up
/// to the round-off of a piece's weight. At most 2^27 rows in scope.
class PosteriorDraws {
 public:
  /// Weighs all rows. Collective if `scope` is global: every rank passes the same queries.
  /// @param queries   centred as the rows are
  /// @param comm      must outlive the draws
  PosteriorDraws(const comm::Communicator& comm, Scope scope, const Queries& queries,
                 const std::vector<QueryUnit>& units, NoiseLevel noise);

  /// Collective if the scope is global, with the same numbers on every rank.
  /// @param uniform   in (0, 1), one per draw, float64 [Q, N]
  /// @return          rows, centred as they are, [Q, N, D]; zeros for a query that has seen no data
  [[nodiscard]] torch::Tensor draw(const torch::Tensor& uniform) const;

 private:
  struct Piece {
    std::size_t block;
    std::int64_t first, count;
  };
  struct Unit {
    QueryUnit of;
    std::vector<Piece> pieces;
    torch::Tensor log_max, weight;  // of each query's piece, float64 [b, pieces]
    torch::Tensor cumulated;        // weights up to and with each piece, in fixed point, int64
  };
  struct Place {
    std::int64_t draw;
    std::size_t piece;
    double fraction;  // of the piece's weight that lies before the draw
  };

  [[nodiscard]] Unit weigh(const QueryUnit& unit) const;
  void cumulate();
  [[nodiscard]] std::vector<Place> places_of(const Unit& unit, std::int64_t row,
                                             const torch::Tensor& targets) const;
  void look_up(const Unit& unit, std::int64_t row, const torch::Tensor& targets,
               torch::Tensor& drawn) const;

  const comm::Communicator& comm_;
  Scope scope_;
  Queries queries_;
  NoiseLevel noise_;
  std::vector<Unit> units_;
  torch::Tensor before_, total_;  // weight of the ranks before, and of all, int64 [Q]
};

/// Uniform numbers in (0, 1) of 53 random bits, from 2 N of 32. @param words   float64 [Q, 2 N]
[[nodiscard]] torch::Tensor join_uniform(const torch::Tensor& words);

/// The score as draws tell it.
struct DrawnScore {
  torch::Tensor score;  // s_hat = (a xbar - x)/v, the mean of the sets' signals, [B, D]
  torch::Tensor noise;  // with two sets |s_1 - s_2|^2/4, so that |s_hat - c|^2 - noise =
                        // <s_1 - c, s_2 - c> for any c (MATH E4), [B]; else undefined
};

/// @param x       points, centred, [B, D]
/// @param drawn   one or two sets of n independent draws, [B, S, n, D]
[[nodiscard]] DrawnScore score_of_draws(const torch::Tensor& x, const torch::Tensor& drawn,
                                        NoiseLevel noise);

}  // namespace tropism::score
