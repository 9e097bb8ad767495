// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <span>
#include <utility>

namespace tropism::score {

/// Noised data as the estimator sees it at one noise time: p(x | x_0) = N(x; a x_0, v I).
struct NoiseLevel {
  double signal;    // a_t > 0
  double variance;  // v_t > 0
};

/// Running state of the ratio estimator at B query points, mergeable over blocks of data, shards
/// and ranks. With logits l_ij = -|x_i - a x_j|^2 / (2v) + log w_j and L_i = max_j l_ij:
struct RatioState {
  torch::Tensor log_max;         // L, float64 [B]; -infinity before any data
  torch::Tensor weight;          // sum_j e^{l - L}, [B]
  torch::Tensor squared_weight;  // sum_j e^{2 (l - L)}, [B]
  torch::Tensor weighted_sum;    // sum_j e^{l - L} x_j, [B, D]
  torch::Tensor pruned =
      {};  // no more than this of sum_j e^{l - L} was left out, [B]; undefined = 0

  /// The state before any data.
  [[nodiscard]] static RatioState empty(std::int64_t batch, std::int64_t dimension);
  /// The state of queries [first, first + count).
  [[nodiscard]] RatioState rows(std::int64_t first, std::int64_t count) const;
  /// Adds what `other` has seen at the same queries: log-sum-exp.
  void merge(const RatioState& other);
  /// Refers the sums to another maximum, >= log_max elementwise.
  void rescale(const torch::Tensor& log_max);
};

/// How the context c_j of a row weighs it in the estimate at context c (the kernel of a conditional
/// estimator), with u = |c - c_j| / bandwidth: 1, e^{-u^2/2}, or max{0, 1 - u^2}.
enum class ContextKernel { none, gaussian, compact };

class RowTree;  // src/score/row_tree.hpp

/// Rows of data as the kernels want them. Rows should be centred on the data (x_j - c), and queries
/// likewise (x - a c): the products then lose no digits.
struct DataBlock {
  torch::Tensor x;            // [M, D]
  torch::Tensor log_weights;  // [M], or undefined for zeros
  torch::Tensor squares;      // |x_j|^2, [M]
  torch::Tensor contexts;     // [M, C], divided by the bandwidth; undefined without a kernel
  ContextKernel context_kernel = ContextKernel::none;
  double radius = 0.0;   // the largest |x_j|
  double pruning = 0.0;  // the share of a query's weight that may be left out; 0 = none
  std::shared_ptr<const RowTree> tree = {};    // of the rows, where some may be left out
  std::shared_ptr<const DataBlock> copy = {};  // in a device's memory: states are computed there

  /// @throws ContractError   names what is of the wrong shape or dtype, or not finite
  [[nodiscard]] static DataBlock make(const torch::Tensor& x, const torch::Tensor& log_weights,
                                      const torch::Tensor& contexts = {},
                                      ContextKernel kernel = ContextKernel::none);
  /// Rows [first, first + count), as they are: without a tree.
  [[nodiscard]] DataBlock rows(std::int64_t first, std::int64_t count) const;
  /// The same rows in the order of a k-d tree; boxes of rows that provably hold less than the share
  /// `pruning` in (0, 1) of a query's weight, all together, are then left out of its state. Fewer
  /// than 2,048 rows stay as they are: nothing would be gained.
  [[nodiscard]] DataBlock pruned_to(double pruning) const;
  /// The same rows with a copy in the memory of a device, which then computes states of queries;
  /// as they are where the device is the CPU.
  [[nodiscard]] DataBlock copied_to(torch::Device device) const;
};

/// Points at which the score is asked for.
struct Queries {
  torch::Tensor x;         // [B, D]
  torch::Tensor contexts;  // [B, C], divided by the bandwidth; undefined where blocks have none

  Queries(torch::Tensor points, torch::Tensor their_contexts = {})
      : x(std::move(points)), contexts(std::move(their_contexts)) {}
  [[nodiscard]] std::int64_t size() const { return x.size(0); }
  [[nodiscard]] Queries at(const torch::Tensor& rows) const;  // int64 [b]
  [[nodiscard]] Queries rows(std::int64_t first, std::int64_t count) const;
  [[nodiscard]] Queries contiguous() const;
};

/// Whether a block's log-weights enter: the plain estimate of the score, or the tilted one (D4).
enum class Weights { none, reward };

/// The state of queries x [B, D] over all rows of the blocks. On the CPU by our own kernel
/// (src/score/direct_kernel.hpp): by direct differences x - a x_j, or in many dimensions by
/// products where these round no worse; the state of a query then depends on that query and the
/// rows alone, to the last bit. Where the rows were copied to a device, and where a < 1e-6, by
/// LibTorch's products, which round differently with other numbers of queries.
/// @throws ContractError   names the argument that does not fit: shapes, dtypes, a > 0, v > 0
[[nodiscard]] RatioState ratio_state(const Queries& queries, std::span<const DataBlock> blocks,
                                     NoiseLevel noise, Weights weights);
[[nodiscard]] RatioState ratio_state(const Queries& queries, const DataBlock& block,
                                     NoiseLevel noise, Weights weights);

/// The same for rows [M, D] that are used once. @param log_weights   [M], or undefined for zeros
[[nodiscard]] RatioState ratio_state(const torch::Tensor& x, const torch::Tensor& data,
                                     NoiseLevel noise, const torch::Tensor& log_weights);

/// The instruction set that the kernel chose for this processor, for instance "AVX3".
[[nodiscard]] const char* kernel_target();

/// Noisy observation of the score of p_t, [GZZ24, eq. (18)], from a finished state.
struct RatioEstimate {
  torch::Tensor score;  // s_hat = (-x + a sum_j p_j x_j / max{sum_j p_j, M eps}) / v, [B, D]
  torch::Tensor log_density_sum;        // log sum_j w_j p(x | x_j), float64 [B], where wanted
  torch::Tensor effective_sample_size;  // (sum p)^2 / sum p^2, in [1, M], [B]
  double pruned_share = 0.0;           // of sum_j w_j p(x | x_j), no more was left out at any query
  std::int64_t floor_activations = 0;  // queries at which M eps was the larger
};

enum class Density { wanted, not_wanted };  // log_density_sum, else undefined

/// @param x          queries, centred: x - a c, [B, D]
/// @param centre     c, [D]
/// @param floor      eps >= 0; 0 switches it off
/// @param total      M, [B]: the (summed weight of the) data rows behind each query, for the floor
/// @throws NumericalError   if a query has seen no data
[[nodiscard]] RatioEstimate estimate(const RatioState& state, const torch::Tensor& x,
                                     const torch::Tensor& centre, NoiseLevel noise, double floor,
                                     const torch::Tensor& total, Density density = Density::wanted);

}  // namespace tropism::score
