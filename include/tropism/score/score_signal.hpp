// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>

namespace tropism::score {

/// [score]: how the environment observes the score.
struct ScoreConfig {
  std::string kind = "ratio";  // the ratio estimator, [GZZ24, eq. (18)]
  int samples = 0;     // signal = ratio: m >= 0 rows drawn afresh at each step; 0 = all rows. Else:
                       // draws behind a signal, always from all rows; 0 = 1
  double floor = 0.0;  // eps >= 0 of eq. (18), a density; 0 = off (needless in log space)
  std::string scope =
      "local";  // local: a rank uses its own rows; global: all rows of all ranks, exactly
  // What is observed: the ratio itself, the mean of `samples` draws from its softmax weights, or
  // two such means, independent, whose product makes the reward unbiased.
  std::string signal = "ratio";     // ratio | posterior-draw | product
  std::string kernel = "gaussian";  // of continuous contexts: gaussian | compact
  double bandwidth =
      0.0;  // of that kernel >= 0, in standard deviations of the contexts; 0 = by rule
  double least_effective_rows = 10.0;  // >= 0; a warning where the kernel leaves fewer rows at work
  double pruning = 0.0;  // in [0, 1): the share of the weight that may be left out; 0 = exact
  void validate() const;
};

/// Which call this is: rows drawn afresh depend on it, and on nothing else but the seed.
struct Draw {
  std::int64_t episode = 0;
  std::int64_t step = 0;
};

/// What the environment sees at B states.
struct Observation {
  torch::Tensor score;        // s_hat, [B, D]
  torch::Tensor score_noise;  // what the noise of s_hat adds to |s_hat - a|^2 on average, as two
                              // independent signals tell it (signal = "product"), [B]; else
                              // undefined: the reward is -g^2 (|s_hat - a|^2 - score_noise)
  torch::Tensor
      log_tilt;  // log sum_i w_i p(y|x_i) - log sum_i p(y|x_i), w_i = e^{beta h(x_i)/2}, [B]
  torch::Tensor tilt_gradient;  // its gradient in y: the estimate with weights w_i (D4) less the
                                // one without, [B, D]; both undefined without a reward
  torch::Tensor
      effective_sample_size;           // (sum p)^2 / sum p^2 of the weights, drawn from or not, [B]
  std::int64_t floor_activations = 0;  // states at which the floor of eq. (18) was active
  double pruned_share = 0.0;           // no more of any state's weight was left out
};

/// The score as the environment observes it, for one bound batch of trajectories.
class ScoreSignal {
 public:
  virtual ~ScoreSignal() = default;
  /// Collective if `is_collective` (also for B = 0).
  /// @param y            states, [B, D]
  /// @param noise_time   the one noise time of all B states, in (0, T]
  [[nodiscard]] virtual Observation observe(const torch::Tensor& y, double noise_time,
                                            Draw draw) const = 0;

  /// A row of the data for each trajectory, x_0 ~ p_0(.|its context), [B, D]. Collective if
  /// `is_collective`.
  /// @throws ContractError   for a signal without data to draw from; this is the default
  [[nodiscard]] virtual torch::Tensor draw_data(Draw draw) const;

  /// Whether ranks answer together, as they do where the scope is global.
  [[nodiscard]] virtual bool is_collective() const { return false; }
};

}  // namespace tropism::score
