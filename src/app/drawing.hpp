// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tropism/comm/communicator.hpp>
#include <tropism/sampling/sample_file.hpp>

#include "experiment.hpp"
#include "progress.hpp"

namespace tropism::app {

/// What `sample` (and `evaluate --checkpoint`) can be asked for.
struct DrawOptions {
  std::string checkpoint;
  std::int64_t samples = 0;             // per condition
  std::vector<std::string> conditions;  // "label=7", "label=all", "context=0.2,1.5",
                                        // "context=@FILE"; empty: as the data have them
  // Default, of all of them: as trained. An eta belongs to ddim alone.
  std::optional<std::string> sampler;    // [simulator] kind
  std::optional<double> eta;             // [simulator] eta
  std::optional<std::string> time_grid;  // [time_grid] kind
  std::optional<double> smallest_time;   // [time_grid] smallest_time
  std::optional<int> steps;              // [time_grid] steps
  std::string last_step = "without-noise";
  std::string weights = "average";  // average | latest
  std::string device = "cpu";       // cpu | cuda
  std::int64_t seed = 1;
  std::string guide;               // a second checkpoint; empty: no guidance
  std::optional<double> guidance;  // w of guide + w (checkpoint - guide); with a guide only

  /// Conditions and the checkpoint are looked at later. @throws ConfigError
  void validate() const;
};

/// What samples are drawn from: networks with the weights that they have now.
struct DrawSource {
  const Config& config;
  const Model& model;
  const training::DataSummary& data;
  const Model* guide = nullptr;  // of the options' guidance; checked by check_guide
};

/// Collective. Draws samples in the units of the data; every rank a part. The checkpoint and the
/// choice of weights in the options are not looked at.
/// @return   all samples on rank 0; elsewhere nothing
/// @throws ConfigError   on all ranks
[[nodiscard]] sampling::SampleSet draw_from_model(const DrawOptions& options,
                                                  const DrawSource& source,
                                                  const comm::Communicator& comm,
                                                  ProgressMode progress);

/// Collective. Draws samples from a checkpoint, in the units of the data; every rank a part.
/// @return   all samples on rank 0; elsewhere nothing
/// @throws ConfigError, IoError   on all ranks
[[nodiscard]] sampling::SampleSet draw_from_checkpoint(const DrawOptions& options,
                                                       const comm::Communicator& comm,
                                                       ProgressMode progress);

}  // namespace tropism::app
