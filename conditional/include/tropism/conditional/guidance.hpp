// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <memory>

#include <tropism/score/score_function.hpp>

namespace tropism::conditional {

/// Classifier-free guidance [HS22] of one score function by another:
///   s = s_guide + w (s_guided - s_guide).
/// w = 0 is the guide, w = 1 the guided one; w > 1 goes on in the direction from the one to the
/// other. With the score of p(x|c) guided by that of p(x), s is the score of p(x) p(c|x)^w at each
/// noise time t, up to a constant factor. These are not the noised laws of p_0(x) p_0(c|x)^w: what
/// is sampled is that law only where the two differ by a shift.
///
/// Gaussians N(m_i, V_i) at time t: precision P = (1 - w)/V_guide + w/V_guided, mean
/// ((1 - w) m_guide/V_guide + w m_guided/V_guided)/P; s is no score of anything where P <= 0.
class GuidedScore final : public score::ScoreFunction {
 public:
  GuidedScore(std::shared_ptr<const score::ScoreFunction> guided,
              std::shared_ptr<const score::ScoreFunction> guide, double weight);
  [[nodiscard]] torch::Tensor score(const torch::Tensor& x, const torch::Tensor& t) const override;

 private:
  std::shared_ptr<const score::ScoreFunction> guided_;
  std::shared_ptr<const score::ScoreFunction> guide_;
  double weight_;
};

}  // namespace tropism::conditional
