// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tropism/comm/communicator.hpp>
#include <tropism/data/dataset.hpp>
#include <tropism/sampling/sample_file.hpp>

#include "config.hpp"
#include "reproduce.hpp"

namespace tropism::app {

/// Where the data that the runs of a reproduction share are.
[[nodiscard]] std::string data_directory(const ReproduceSetting& setting);

/// Collective. Writes them, unless they are there: another job may be reading them.
void write_training_data(const ReproduceSetting& setting, const data::Dataset& data,
                         const comm::Communicator& comm);

/// The run directory of this name below that of the reproduction; quick runs have their own.
[[nodiscard]] std::string run_directory(const ReproduceSetting& setting, const std::string& name);

/// The checkpoint with which a run in this directory ends.
[[nodiscard]] std::string last_checkpoint(const Config& config);

/// Collective. Trains to the last episode. A run that is there already goes on where it ended; one
/// of another config is done over.
/// @return   whether it is done; else a signal stopped it
[[nodiscard]] bool train_for(const ReproduceSetting& setting, const Config& config,
                             const comm::Communicator& comm);

/// Collective. The same, and then samples from the checkpoint it ended with.
/// @param samples      of each condition
/// @param conditions   as of `sample --condition`; empty: as the data have them
/// @return             complete on rank 0; nothing if a signal stopped the training
[[nodiscard]] std::optional<sampling::SampleSet> train_and_draw(
    const ReproduceSetting& setting, const Config& config, std::int64_t samples,
    const std::vector<std::string>& conditions, const comm::Communicator& comm);

}  // namespace tropism::app
