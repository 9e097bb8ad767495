// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include <tropism/comm/communicator.hpp>

namespace tropism::training {

/// Where the summed gradients arrive.
enum class Aggregate { on_root, on_all };

/// Sums gradients over micro-batches and ranks: one flat buffer, one message.
class GradientReducer {
 public:
  /// @param reproducible   sum in fixed point: the same bits for any deal of micro-batches to ranks
  /// @param most_parts     upper limit of the number of micro-batches over all ranks
  GradientReducer(const comm::Communicator& comm, Aggregate aggregate, bool reproducible,
                  std::int64_t most_parts);

  /// The gradient of one micro-batch, [P]; it is copied.
  void add(const torch::Tensor& gradient);
  /// Collective. The sum over all ranks, [P], where `aggregate` says (elsewhere: meaningless), and
  /// forgets what was added.
  /// @param size   P, for ranks that added nothing
  /// @throws NumericalError   reproducible sums only: on all ranks, if a gradient is not finite
  [[nodiscard]] torch::Tensor finish(std::int64_t size);

 private:
  [[nodiscard]] torch::Tensor sum_running(std::int64_t size);
  [[nodiscard]] torch::Tensor sum_exactly(std::int64_t size);
  void reduce(torch::Tensor& values) const;

  const comm::Communicator& comm_;
  Aggregate aggregate_;
  bool reproducible_;
  std::int64_t most_parts_;
  std::vector<torch::Tensor> parts_;
};

}  // namespace tropism::training
