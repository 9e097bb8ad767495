// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <tropism/training/gradient_reducer.hpp>

#include "least_squares.hpp"

namespace tropism::app {

/// How the global batch grows with the number p of ranks.
enum class Scaling { strong, weak };  // B trajectories on all ranks; p B

/// What an episode asks for, as far as a config says.
struct EpisodeWork {
  std::int64_t batch = 1;           // B, trajectories of one rank
  std::int64_t multiple = 1;        // that the shares of ranks begin at
  std::int64_t updates = 1;         // U, reductions of gradients
  std::int64_t weight_bytes = 4;    // w, float32
  std::int64_t gradient_bytes = 4;  // g, float32, or twice as much in fixed point
  std::int64_t report_every = 1;    // episodes between reports

  /// Trajectories of all ranks, and of the rank that has most, n(p).
  [[nodiscard]] std::int64_t trajectories(Scaling scaling, int ranks) const;
  [[nodiscard]] std::int64_t largest_share(Scaling scaling, int ranks) const;
};

/// The constants of the cost model, all in seconds.
struct CostConstants {
  double latency = 0.0;         // alpha: one stage of a tree
  double per_byte = 0.0;        // beta: one byte, one stage
  double per_sum = 0.0;         // gamma: one byte added to another, one stage
  double fixed = 0.0;           // c0: an episode without trajectories, time steps one by one
  double per_trajectory = 0.0;  // c
  double step = 0.0;            // s: Adam and the weight average of an episode
};

/// The seconds of an episode on p ranks, with L = ceil(log2 p) stages of every tree:
///
///   T(p) = c0 + c n(p) + s + U m(p) + L alpha + r(p)/report_every
///   m(p) = S(g) + L (alpha + w beta)                       root: reduce, then broadcast
///   m(p) = S(g)                                            all: all-reduce
///   S(g) = L (alpha + g (beta + gamma))                    a sum of short messages
///   S(g) = 2 L alpha + (1 - 1/p) g (2 beta + gamma)        a sum for which comm::sums_in_parts
///   r(p) = 5 L alpha + 40 N(p) (beta + gamma)     a report: 40 bytes of each trajectory to rank 0
///
/// where reproducible sums (g > w) add L alpha to m for the common exponent, and L alpha in T is
/// the agreement whether to stop. Everything travels along trees, so rank 0 takes part in O(log p)
/// messages; only r grows with N, the trajectories of all ranks. The n(p) trajectories are those of
/// the busiest rank, for which the others wait.
struct EpisodeCost {
  double compute = 0.0;  // c0 + c n(p)
  double step = 0.0;     // s
  double messages = 0.0;
  [[nodiscard]] double total() const { return compute + step + messages; }
  /// Of the episode, what is not computing trajectories: while rank 0 sums, steps and spreads.
  [[nodiscard]] double aggregation_share() const { return (step + messages) / total(); }
};

[[nodiscard]] EpisodeCost predict(const CostConstants& constants, const EpisodeWork& work,
                                  Scaling scaling, training::Aggregate aggregate, int ranks);

/// Speed-up per rank where the batch is fixed, T(1)/(p T(p)); where it grows, T(1)/T(p).
[[nodiscard]] double efficiency(Scaling scaling, int ranks, double seconds_of_one, double seconds);

/// The first of these rank counts, ascending, at which the aggregation takes more than half of the
/// episode.
[[nodiscard]] std::optional<int> ranks_ruled_by_aggregation(const CostConstants& constants,
                                                            const EpisodeWork& work,
                                                            Scaling scaling,
                                                            training::Aggregate aggregate,
                                                            const std::vector<int>& rank_counts);

/// Seconds of one aggregation of gradients, with nothing else going on.
struct MessageTime {
  training::Aggregate aggregate = training::Aggregate::on_root;
  int ranks = 2;
  std::int64_t bytes = 4;  // g = w
  double seconds = 0.0;
};

/// Seconds that the busiest rank computes in an episode.
struct ComputeTime {
  std::int64_t trajectories = 1;  // n
  double seconds = 0.0;
};

/// alpha, beta and gamma. @param times   at least three, of more than one rank
[[nodiscard]] LeastSquares fit_messages(const std::vector<MessageTime>& times);

/// c0 and c. @param times   at least two
[[nodiscard]] LeastSquares fit_compute(const std::vector<ComputeTime>& times);

}  // namespace tropism::app
