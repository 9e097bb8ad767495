// SPDX-License-Identifier: MIT
#include <tropism/conditional/guidance.hpp>

#include <cmath>

#include <tropism/base/error.hpp>

namespace tropism::conditional {

GuidedScore::GuidedScore(std::shared_ptr<const score::ScoreFunction> guided,
                         std::shared_ptr<const score::ScoreFunction> guide, double weight)
    : guided_(std::move(guided)), guide_(std::move(guide)), weight_(weight) {
  base::expects(guided_ != nullptr && guide_ != nullptr, "two score functions");
  base::expects(std::isfinite(weight), "a finite weight");
}

torch::Tensor GuidedScore::score(const torch::Tensor& x, const torch::Tensor& t) const {
  // (1 - w) s_guide + w s_guided: exactly one of them for w = 0 and w = 1.
  return guide_->score(x, t) * (1.0 - weight_) + guided_->score(x, t) * weight_;
}

}  // namespace tropism::conditional
