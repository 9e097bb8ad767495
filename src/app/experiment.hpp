// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>

#include <tropism/comm/communicator.hpp>
#include <tropism/conditional/contexts.hpp>
#include <tropism/conditional/labels.hpp>
#include <tropism/control/actor_critic.hpp>
#include <tropism/control/family.hpp>
#include <tropism/training/data_summary.hpp>

#include "config.hpp"
#include "training_data.hpp"

namespace tropism::app {

/// What a config and a summary of the data make: enough to sample, once weights are put in.
struct Model {
  std::shared_ptr<const diffusion::ForwardProcess> process;
  std::shared_ptr<control::ActorCritic> networks;
  std::optional<conditional::Labels> labels;      // of a model with [context] kind = "label"
  std::optional<conditional::Contexts> contexts;  // of a model with [context] kind = "vector"
};

/// @param device   that computes the networks, and for training the score estimates
[[nodiscard]] Model make_model(const Config& config, const training::DataSummary& summary,
                               torch::Device device = torch::kCPU);

/// The reward of the config on scaled points, which is what the model lives on.
[[nodiscard]] std::shared_ptr<const reward::Reward> make_scaled_reward(
    const Config& config, const training::DataSummary& summary);

/// Whose rows take part in the estimate of a score.
[[nodiscard]] score::Scope scope_of(const Config& config);

/// Whether the score signal tells the tilt: where a reward is at work, the algorithm looks at the
/// score with it, and the value function is of the data form, which alone looks at the tilt.
[[nodiscard]] bool has_tilt(const Config& config, const Model& model);

/// What weighs the rows of a model with contexts.
struct ContextKernelChoice {
  score::ContextKernel kernel = score::ContextKernel::none;
  double bandwidth = 1.0;  // in standard deviations of the contexts
  std::int64_t rows = 0;   // within the scope
};

/// @param model   has contexts
[[nodiscard]] ContextKernelChoice choose_context_kernel(const Config& config,
                                                        const comm::Communicator& comm,
                                                        const Model& model,
                                                        std::int64_t total_rows);

/// Collective. Binds trajectories to score signals over the data, and to contexts.
[[nodiscard]] std::shared_ptr<const control::Family> make_family(const Config& config,
                                                                 const comm::Communicator& comm,
                                                                 const Model& model,
                                                                 const TrainingData& data);

[[nodiscard]] control::Environment make_environment(const Config& config, const Model& model);

}  // namespace tropism::app
