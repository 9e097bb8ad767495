// SPDX-License-Identifier: MIT
#include "tape.hpp"

#include <ATen/Parallel.h>

#include <algorithm>

#include <tropism/base/error.hpp>
#include <tropism/base/unwritten.hpp>

namespace tropism::network {
namespace {

// A backward pass takes so many panels at a time that a layer's input and both deltas stay in the
// second-level cache, but enough for the sums of lanes at the end of each gradient to cost little.
constexpr std::size_t numbers_in_cache = 98304;
constexpr std::size_t fewest_panels = 8;
constexpr std::int64_t panels_of_a_thread = 4;  // at least

std::size_t size_of(const torch::Tensor& t, std::int64_t dimension) {
  return static_cast<std::size_t>(t.size(dimension));
}

std::size_t panels_of(std::size_t rows) {
  return (rows + panel_rows() - 1) / panel_rows();
}

torch::Tensor numbers(std::size_t count) {
  return base::unwritten({static_cast<std::int64_t>(count)});
}

std::size_t numbers_of_panel(const KernelNetwork& network) {
  return network.lines() * panel_rows();
}

float* begin_of(const torch::Tensor& t) {
  return t.defined() ? t.data_ptr<float>() : nullptr;
}

/// Calls `use(first, count)` with rows [0, all) cut at multiples of a panel after `offset` rows,
/// some of them on each thread.
template <class Use>
void over_rows(std::size_t all, std::size_t offset, Use&& use) {
  const std::size_t panels = panels_of(offset + all);
  at::parallel_for(0, static_cast<std::int64_t>(panels), panels_of_a_thread,
                   [&](std::int64_t begin, std::int64_t end) {
                     const auto from = static_cast<std::size_t>(begin) * panel_rows();
                     const auto to = static_cast<std::size_t>(end) * panel_rows();
                     const std::size_t first = std::max(from, offset) - offset;
                     use(first, std::min(to - offset, all) - first);
                   });
}

}  // namespace

KernelNetwork MlpWeights::kernel() const {
  std::vector<KernelLayer> layers;
  for (std::size_t l = 0; 2 * l < parameters.size(); ++l) {
    const auto &weight = parameters[2 * l], &bias = parameters[2 * l + 1];
    layers.push_back({.weight = weight.data_ptr<float>(),
                      .bias = bias.data_ptr<float>(),
                      .inputs = size_of(weight, 1),
                      .outputs = size_of(weight, 0),
                      .activation = l < activations.size() ? activations[l] : Activation::none});
  }
  return KernelNetwork(std::move(layers));
}

std::int64_t tape_bytes(const MlpWeights& weights, std::int64_t rows) {
  const auto panels = panels_of(static_cast<std::size_t>(rows));
  return static_cast<std::int64_t>(panels * numbers_of_panel(weights.kernel()) * sizeof(float));
}

Tape::Tape(MlpWeights weights, std::int64_t most_rows)
    : weights_(std::move(weights)), network_(weights_.kernel()), most_rows_(most_rows) {
  const auto rows = static_cast<std::size_t>(most_rows);
  numbers_ = numbers(panels_of(rows) * numbers_of_panel(network_));
  if (rows % panel_rows() == 0) return;
  const auto last = static_cast<std::int64_t>(numbers_of_panel(network_));
  numbers_.narrow(0, numbers_.size(0) - last, last).zero_();  // lanes that will have no row
}

void Tape::append(const torch::Tensor& input, const torch::Tensor& output) {
  base::expects(has_room_for(input.size(0)), "room on the tape");
  const auto* x = begin_of(input);
  float *y = begin_of(output), *tape = begin_of(numbers_);
  const auto offset = static_cast<std::size_t>(rows_);
  over_rows(size_of(input, 0), offset, [&](std::size_t first, std::size_t count) {
    forward_rows(network_, x + first * network_.inputs(), offset + first, count,
                 y + first * network_.outputs(), tape);
  });
  rows_ += input.size(0);
}

void Tape::backward(const torch::Tensor& output_gradient, const PassGradients& gradients) const {
  base::expects(rows_ == most_rows_ && output_gradient.size(0) == rows_, "a full tape");
  const auto rows = static_cast<std::size_t>(rows_);
  const std::size_t cached = numbers_in_cache / (3 * network_.widest() * panel_rows());
  const std::size_t at_once = std::max(fewest_panels, cached);
  const auto scratch =
      numbers(network_.scratch_lines() * panel_rows() * std::min(at_once, panels_of(rows)));
  float *parameters = begin_of(gradients.parameters), *x = begin_of(gradients.input);
  for (std::size_t first = 0; first < rows; first += at_once * panel_rows())
    backward_rows(
        network_, begin_of(numbers_) + first * network_.lines(),
        std::min(rows - first, at_once * panel_rows()),
        begin_of(output_gradient) + first * network_.outputs(),
        {.parameters = parameters, .x = x != nullptr ? x + first * network_.inputs() : nullptr},
        begin_of(scratch));
}

torch::Tensor pass(const MlpWeights& weights, const torch::Tensor& input) {
  const auto network = weights.kernel();
  auto output = base::unwritten({input.size(0), weights.outputs()});
  const auto* x = begin_of(input);
  float* y = begin_of(output);
  over_rows(size_of(input, 0), 0, [&](std::size_t first, std::size_t count) {
    const auto panel = numbers(numbers_of_panel(network));
    for (const std::size_t end = first + count; first < end; first += panel_rows())
      forward_rows(network, x + first * network.inputs(), 0, std::min(panel_rows(), end - first),
                   y + first * network.outputs(), begin_of(panel));
  });
  return output;
}

}  // namespace tropism::network
