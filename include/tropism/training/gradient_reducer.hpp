// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include <tropism/base/error.hpp>
#include <tropism/comm/communicator.hpp>

namespace tropism::training {

/// Training has diverged, and every rank knows it: thrown on all of them at once.
class Diverged final : public base::NumericalError {
 public:
  using base::NumericalError::NumericalError;
};

/// Where the summed gradients arrive.
enum class Aggregate { on_root, on_all };

/// Sums gradients over micro-batches and ranks: one flat buffer, one message. It keeps its buffers:
/// memory that comes fresh from the system at every step costs more than the messages.
class GradientReducer {
 public:
  /// @param reproducible   sum in fixed point: the same bits for any deal of micro-batches to ranks
  /// @param most_parts     upper limit of the number of micro-batches over all ranks
  GradientReducer(const comm::Communicator& comm, Aggregate aggregate, bool reproducible,
                  std::int64_t most_parts);

  /// The gradient of one micro-batch, [P]; it is copied.
  void add(const torch::Tensor& gradient);
  /// Collective. The sum over all ranks, [P], where `aggregate` says (elsewhere: meaningless), and
  /// forgets what was added. The sum is there until the next call of either function.
  /// @param size   P, for ranks that added nothing
  /// @throws Diverged   reproducible sums only: on all ranks, if a gradient is not finite
  [[nodiscard]] torch::Tensor finish(std::int64_t size);

 private:
  void sum_running(std::int64_t size);
  void sum_exactly(std::int64_t size);
  [[nodiscard]] int common_exponent() const;
  void reduce(torch::Tensor& values) const;

  const comm::Communicator& comm_;
  Aggregate aggregate_;
  bool reproducible_;
  std::int64_t most_parts_;
  std::size_t num_parts_ = 0;         // added since the last sum
  std::vector<torch::Tensor> parts_;  // buffers of at least so many; one for running sums
  torch::Tensor sum_;                 // what `finish` returned
  torch::Tensor fixed_sum_;           // reproducible sums only
};

}  // namespace tropism::training
