// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <variant>

#include <tropism/comm/communicator.hpp>
#include <tropism/data/dataset.hpp>
#include <tropism/data/row_stream.hpp>
#include <tropism/training/data_summary.hpp>

#include "config.hpp"

namespace tropism::app {

/// This rank's rows of the data: in memory, or as a stream ([data] placement = "streamed").
using TrainingData = std::variant<data::Dataset, data::RowStream>;

/// Collective. Loads the rows, or opens what they are streamed from; split at block boundaries
/// where the run is reproducible.
[[nodiscard]] TrainingData load_data(const Config& config, const comm::Communicator& comm);

/// Collective. The summary of the whole set.
[[nodiscard]] training::DataSummary summarise(const Config& config, const comm::Communicator& comm,
                                              const TrainingData& data);

/// Rows of the whole set.
[[nodiscard]] std::int64_t total_rows(const TrainingData& data);

/// The contexts of this rank's rows, [M, C]; reads streamed rows once.
/// @throws IoError   where a block cannot be read
[[nodiscard]] torch::Tensor contexts_of(const TrainingData& data);

}  // namespace tropism::app
