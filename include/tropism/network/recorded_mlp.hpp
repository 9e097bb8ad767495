// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <memory>

#include <tropism/network/mlp.hpp>
#include <tropism/network/network.hpp>

namespace tropism::network {

/// A perceptron that remembers its passes without gradients, up to so many rows: those of a
/// roll-out. Asked with gradients about the same rows in the same order, and with the same weights
/// (compared to the last bit), it need not compute them again: a third of a learning pass. Asked
/// about anything else it answers as the perceptron does. For one roll-out; not for several
/// threads.
class RecordedMlp final : public Network {
 public:
  RecordedMlp(std::shared_ptr<const Mlp> mlp, std::int64_t most_rows);
  ~RecordedMlp() override;

  [[nodiscard]] torch::Tensor forward(const torch::Tensor& input) const override;
  /// What it remembers of so many rows, in bytes: tape, inputs, outputs and weights; nothing of
  /// what a device computes.
  [[nodiscard]] static std::int64_t bytes(const Mlp& mlp, std::int64_t rows);
  /// Passes with gradients that were taken from memory.
  [[nodiscard]] std::int64_t passes_saved() const { return passes_saved_; }

 private:
  class Memory;
  std::shared_ptr<const Mlp> mlp_;
  std::unique_ptr<Memory> memory_;
  mutable std::int64_t passes_saved_ = 0;
};

}  // namespace tropism::network
