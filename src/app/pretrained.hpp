// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <tropism/comm/communicator.hpp>
#include <tropism/control/actor_critic.hpp>
#include <tropism/training/data_summary.hpp>

#include "config.hpp"

namespace tropism::app {

/// Collective. The averaged policy of the checkpoint [algorithm] pretrained, as networks of this
/// config; null if the key is empty.
/// @param device         that computes them
/// @throws ConfigError   if its policy is of another form, or its data were scaled otherwise
/// @throws IoError       if it cannot be read, or its networks are of another shape
[[nodiscard]] std::shared_ptr<const control::ActorCritic> load_pretrained(
    const Config& config, const comm::Communicator& comm, const training::DataSummary& summary,
    torch::Device device);

}  // namespace tropism::app
