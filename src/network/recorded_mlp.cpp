// SPDX-License-Identifier: MIT
#include <tropism/network/recorded_mlp.hpp>

#include <algorithm>
#include <functional>

#include "mlp_function.hpp"

#include <tropism/base/elementwise.hpp>
#include <tropism/base/unwritten.hpp>

namespace tropism::network {

/// The passes so far, and with what they were made.
class RecordedMlp::Memory {
 public:
  explicit Memory(std::int64_t most_rows) : most_rows_(most_rows) {}

  torch::Tensor append(const torch::Tensor& input, const std::function<MlpWeights()>& weights) {
    if (!tape_) begin(input, weights());
    const std::int64_t first = tape_->rows();
    std::copy_n(input.data_ptr<float>(), input.numel(),
                inputs_.data_ptr<float>() + first * input.size(1));
    const std::int64_t width = outputs_.size(1);
    const auto output = outputs_.as_strided({input.size(0), width}, {width, 1}, first * width);
    tape_->append(input, output);
    return output;
  }

  [[nodiscard]] bool has_room_for(std::int64_t rows) const {
    return tape_ ? tape_->has_room_for(rows) : rows <= most_rows_;
  }

  [[nodiscard]] bool holds(const torch::Tensor& input, const MlpWeights& weights) const {
    if (!tape_ || tape_->rows() != most_rows_ || !base::same_bits(input, inputs_)) return false;
    for (std::size_t i = 0; i < weights_.size(); ++i)
      if (!base::same_bits(weights.parameters[i], weights_[i])) return false;
    return true;
  }

  [[nodiscard]] torch::Tensor pass() const { return mlp_from_tape(inputs_, outputs_, tape_); }

 private:
  void begin(const torch::Tensor& input, MlpWeights weights) {
    for (const auto& parameter : weights.parameters) weights_.push_back(parameter.clone());
    outputs_ = base::unwritten({most_rows_, weights.outputs()});
    tape_ = c10::make_intrusive<Tape>(std::move(weights), most_rows_);
    inputs_ = base::unwritten({most_rows_, input.size(1)});
  }

  std::int64_t most_rows_;
  c10::intrusive_ptr<Tape> tape_;
  std::vector<torch::Tensor> weights_;  // as they were
  torch::Tensor inputs_, outputs_;
};

RecordedMlp::RecordedMlp(std::shared_ptr<const Mlp> mlp, std::int64_t most_rows)
    : mlp_(std::move(mlp)), memory_(std::make_unique<Memory>(most_rows)) {}

RecordedMlp::~RecordedMlp() = default;

std::int64_t RecordedMlp::bytes(const Mlp& mlp, std::int64_t rows) {
  if (!mlp.device_.is_cpu()) return 0;
  const auto& parameters = mlp.weights().parameters;
  const std::int64_t inputs = parameters.front().size(1), outputs = parameters.back().size(0);
  std::int64_t numbers = rows * (inputs + outputs);
  for (const auto& parameter : parameters) numbers += parameter.numel();
  return mlp.tape_bytes(rows) + numbers * static_cast<std::int64_t>(sizeof(float));
}

torch::Tensor RecordedMlp::forward(const torch::Tensor& input) const {
  if (!mlp_->suits_kernel(input) || input.requires_grad()) return mlp_->forward(input);
  const auto rows = input.contiguous();
  if (!torch::GradMode::is_enabled())
    return memory_->has_room_for(rows.size(0))
               ? memory_->append(rows, [this] { return mlp_->weights(); })
               : mlp_->forward(rows);
  if (!memory_->holds(rows, mlp_->weights())) return mlp_->forward(rows);
  ++passes_saved_;
  return memory_->pass();
}

}  // namespace tropism::network
