// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

#include <tropism/network/activation.hpp>

namespace tropism::network {

/// One layer of a network: x -> activation(W x + b).
struct KernelLayer {
  const float* weight;  // W, [outputs, inputs]
  const float* bias;    // b, [outputs]
  std::size_t inputs;
  std::size_t outputs;
  Activation activation;
};

/// A network as the kernel sees it. Rows are taken in panels of `panel_rows()`; a feature of a
/// panel is a line of so many numbers, a row in each lane. Of each panel a tape holds the input of
/// every layer, the output, and the slopes of activations whose values do not tell them.
class KernelNetwork {
 public:
  explicit KernelNetwork(std::vector<KernelLayer> layers);

  [[nodiscard]] const std::vector<KernelLayer>& layers() const { return layers_; }
  [[nodiscard]] std::size_t inputs() const { return layers_.front().inputs; }
  [[nodiscard]] std::size_t outputs() const { return layers_.back().outputs; }
  /// The most features that a layer takes or gives.
  [[nodiscard]] std::size_t widest() const { return widest_; }

  /// Lines of a backward pass's scratch memory for each panel.
  [[nodiscard]] std::size_t scratch_lines() const { return 2 * (widest_ | 1); }
  /// Lines of a panel of the tape, and where in it things lie. Odd, as half of the scratch lines:
  /// else the same line of many panels would fall into a few sets of the cache.
  [[nodiscard]] std::size_t lines() const { return lines_; }
  [[nodiscard]] std::size_t input_line(std::size_t layer) const { return input_lines_[layer]; }
  [[nodiscard]] std::size_t slope_line(std::size_t layer) const { return slope_lines_[layer]; }
  [[nodiscard]] std::size_t output_line() const { return input_lines_.back(); }

  /// Where the parameters of a layer begin, W then b; of layers.size(): how many there are.
  [[nodiscard]] std::size_t first_parameter(std::size_t layer) const { return firsts_[layer]; }

 private:
  std::vector<KernelLayer> layers_;
  std::vector<std::size_t> input_lines_, slope_lines_, firsts_;
  std::size_t lines_ = 0;
  std::size_t widest_ = 0;
};

[[nodiscard]] std::size_t panel_rows();

/// The network's output at some rows, and what they leave on the tape: what a row receives depends
/// on that row and the weights alone, to the last bit.
/// @param x       [count, inputs]
/// @param first   the rows' place on the tape; lanes before it in its panel may be computed again
/// @param y       [count, outputs]
/// @param tape    panel after panel, [ceil((first + count) / panel_rows()), lines(), panel_rows()]
void forward_rows(const KernelNetwork& network, const float* x, std::size_t first,
                  std::size_t count, float* y, float* tape);

/// What a backward pass is asked for; null for what is not wanted.
struct KernelGradients {
  float* parameters;  // W and b of layer after layer, [P]: added to
  float* x;           // [rows, inputs]: written
};

/// Gradients of sum(dy * y).
/// @param tape      what forward_rows left of rows 0, 1, ..; finite in lanes that have no row
/// @param dy        [rows, outputs]
/// @param scratch   scratch_lines() * panel_rows() numbers for each panel of the rows
void backward_rows(const KernelNetwork& network, const float* tape, std::size_t rows,
                   const float* dy, KernelGradients gradients, float* scratch);

}  // namespace tropism::network
