// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <functional>
#include <memory>
#include <utility>

#include <tropism/network/field.hpp>
#include <tropism/score/score_function.hpp>
#include <tropism/score/score_signal.hpp>

namespace tropism::test {

/// A network that is a formula of (t, z).
class FormulaField final : public network::Field {
 public:
  using Formula = std::function<torch::Tensor(const torch::Tensor&, const torch::Tensor&)>;
  explicit FormulaField(Formula formula) : formula_(std::move(formula)) {}
  [[nodiscard]] torch::Tensor forward(const torch::Tensor& t,
                                      const torch::Tensor& z) const override {
    return formula_(t, z);
  }

 private:
  Formula formula_;
};

inline std::shared_ptr<const network::Field> field(FormulaField::Formula formula) {
  return std::make_shared<FormulaField>(std::move(formula));
}

/// A score function that is a formula of (x, noise time).
class FormulaScore final : public score::ScoreFunction {
 public:
  explicit FormulaScore(FormulaField::Formula formula) : formula_(std::move(formula)) {}
  [[nodiscard]] torch::Tensor score(const torch::Tensor& x, const torch::Tensor& t) const override {
    return formula_(x, t);
  }

 private:
  FormulaField::Formula formula_;
};

inline std::shared_ptr<const score::ScoreFunction> score_function(FormulaField::Formula formula) {
  return std::make_shared<FormulaScore>(std::move(formula));
}

/// Observes a score function without error, and a tilted one too where it is given.
class ExactSignal final : public score::ScoreSignal {
 public:
  explicit ExactSignal(std::shared_ptr<const score::ScoreFunction> score,
                       std::shared_ptr<const score::ScoreFunction> tilted = nullptr)
      : score_(std::move(score)), tilted_(std::move(tilted)) {}

  [[nodiscard]] score::Observation observe(const torch::Tensor& y, double noise_time,
                                           score::Draw /*draw*/) const override {
    const auto t = torch::full({y.size(0)}, noise_time);
    score::Observation seen;
    seen.score = score_->score(y, t);
    seen.effective_sample_size = torch::full({y.size(0)}, noise_time);
    seen.floor_activations = y.size(0);
    if (!tilted_) return seen;
    seen.tilt_gradient = tilted_->score(y, t) - seen.score;
    seen.log_tilt = y.sum(1);
    return seen;
  }

 private:
  std::shared_ptr<const score::ScoreFunction> score_, tilted_;
};

}  // namespace tropism::test
