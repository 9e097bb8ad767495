// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <vector>

#include <tropism/base/random.hpp>
#include <tropism/diffusion/forward_process.hpp>
#include <tropism/diffusion/simulator.hpp>
#include <tropism/diffusion/time_grid.hpp>
#include <tropism/score/score_function.hpp>

namespace tropism::control {

/// Consecutive trajectories of the run: number = episode * batch + place in the batch.
struct Trajectories {
  std::int64_t first = 0;
  std::int64_t count = 0;
};

enum class Actions { mean, sampled };

/// Algorithm 1's Environment, and the behaviour that meets it.
struct Environment {
  std::shared_ptr<const diffusion::ForwardProcess> process;
  diffusion::TimeGrid grid;
  std::shared_ptr<const diffusion::Simulator> simulator;
  std::int64_t dimension = 1;  // D
  std::uint64_t seed = 1;
  Actions actions = Actions::mean;  // what moves the state: mu, or a draw from the policy
  double temperature = 0.1;         // theta: policy covariance theta/(2 g^2) I
};

/// A policy for a range of the rows of a batch.
struct PolicyRows {
  std::int64_t first = 0;  // row within the batch
  std::int64_t count = 0;
  std::shared_ptr<const score::ScoreFunction> mean;
};

/// What one batch of B trajectories left behind; K steps: all, or some of the environment's.
struct Episode {
  std::int64_t first_step = 0;  // of the environment's grid
  torch::Tensor states;         // y_{t_0}, ..., y_{t_K}, [K + 1, B, D]
  torch::Tensor actions;        // a_{t_k}, [K, B, D]
  torch::Tensor means;   // mu at y_{t_k}, [K, B, D]; the same as actions unless these are sampled
  torch::Tensor scores;  // s_hat at y_{t_k}, [K, B, D]
  torch::Tensor reference_means;  // of the pretrained policy at y_{t_k}, [K, B, D]; or undefined
  // As in score::Observation, or undefined:
  torch::Tensor score_noise;            // [K, B]
  torch::Tensor log_tilt;               // [K, B]
  torch::Tensor tilt_gradient;          // [K, B, D]
  torch::Tensor next_log_tilt;          // at y_{t_K} if the steps stop before the end, [B]
  torch::Tensor rewards;                // h(y_{t_K}), [B]; undefined if they stop before the end
  torch::Tensor effective_sample_size;  // of the estimator, mean over steps, [B]
  std::int64_t floor_activations = 0;
  double pruned_share = 0.0;   // the largest of all states, see score::Observation
  double score_seconds = 0.0;  // spent in the score signal

  /// The same for rows [first, first + count) of the batch.
  [[nodiscard]] Episode rows(std::int64_t first, std::int64_t count) const;
};

/// What policies for the rows of an episode say at the states of its steps, [K, B, D].
[[nodiscard]] torch::Tensor means_along(const Environment& environment, const Episode& episode,
                                        const std::vector<PolicyRows>& policies);

}  // namespace tropism::control
