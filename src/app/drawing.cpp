// SPDX-License-Identifier: MIT
#include "drawing.hpp"

#include <algorithm>
#include <iostream>

#include <tropism/base/config_check.hpp>
#include <tropism/base/error.hpp>
#include <tropism/base/nearest_name.hpp>
#include <tropism/comm/agreement.hpp>
#include <tropism/comm/collectives.hpp>
#include <tropism/conditional/guidance.hpp>
#include <tropism/sampling/sampler.hpp>

#include "conditions.hpp"
#include "device.hpp"
#include "experiment.hpp"
#include "guide.hpp"
#include "loaded_model.hpp"
#include "value_summary.hpp"

namespace tropism::app {
namespace {

DrawSource source_of(const LoadedModel& loaded, const Model* guide = nullptr) {
  return {loaded.config, loaded.model, loaded.checkpoint.data, guide};
}

std::optional<LoadedModel> load_guide(const DrawOptions& options, const LoadedModel& guided,
                                      torch::Device device) {
  if (options.guide.empty()) return std::nullopt;
  auto guide = load_model(options.guide, options.weights, device);
  check_guide(source_of(guided), source_of(guide), options.guide);
  return guide;
}

diffusion::TimeGridConfig time_grid_of(const DrawOptions& options, const Config& config) {
  auto grid = config.time_grid;
  grid.kind = options.time_grid.value_or(grid.kind);
  grid.smallest_time = options.smallest_time.value_or(grid.smallest_time);
  grid.steps = options.steps.value_or(grid.steps);
  return grid;
}

/// @throws ConfigError   for an eta where the sampler has none
diffusion::SimulatorConfig simulator_of(const DrawOptions& options, const Config& config) {
  auto simulator = config.simulator;
  simulator.kind = options.sampler.value_or(simulator.kind);
  if (simulator.kind != "ddim") simulator.eta = 0.0;
  if (!options.eta) return simulator;
  if (simulator.kind != "ddim")
    throw base::ConfigError("--eta makes no sense with the sampler " + simulator.kind +
                            ": it belongs to ddim alone; write --sampler ddim.");
  simulator.eta = *options.eta;
  return simulator;
}

sampling::Sampler make_sampler(const DrawOptions& options, const DrawSource& source) {
  return {.process = source.model.process,
          .grid = diffusion::make_time_grid(time_grid_of(options, source.config),
                                            *source.model.process),
          .simulator = diffusion::make_simulator(simulator_of(options, source.config)),
          .dimension = source.data.dimension(),
          .seed = static_cast<std::uint64_t>(options.seed),
          .last_step = options.last_step == "with-noise" ? sampling::LastStep::with_noise
                                                         : sampling::LastStep::without_noise};
}

sampling::ScoreOf policy_of(const Model& model, Conditions conditions) {
  return [&model, conditions = std::move(conditions)](
             comm::RowRange rows) -> std::shared_ptr<const score::ScoreFunction> {
    return model.networks->policy_mean(fields_of(model, conditions, rows));
  };
}

sampling::ScoreOf score_of(const DrawOptions& options, const DrawSource& source,
                           const Conditions& conditions) {
  auto guided = policy_of(source.model, conditions);
  if (source.guide == nullptr) return guided;
  auto guide =
      policy_of(*source.guide, conditions_for_guide(source.model, *source.guide, conditions));
  return [guided, guide, w = *options.guidance](comm::RowRange rows) {
    return std::make_shared<const conditional::GuidedScore>(guided(rows), guide(rows), w);
  };
}

/// Samples in the units and the shape of the data.
torch::Tensor undo_scaling(const torch::Tensor& samples, const training::DataSummary& data) {
  auto shape = data.shape;
  shape.insert(shape.begin(), samples.size(0));
  return data.scaling.undo(samples).view(shape);
}

void warn_about_range(const Model& model, const Conditions& conditions) {
  const auto warning = warning_about_range(model, conditions);
  if (!warning.empty()) std::cerr << "tropism: " << warning << '\n';
}

using Attributes = std::vector<std::pair<std::string, std::string>>;

void add_guidance(const DrawOptions& options, Attributes& attributes) {
  if (options.guide.empty()) return;
  attributes.emplace_back("guide", options.guide);
  attributes.emplace_back("guidance", number_text(*options.guidance));
}

Attributes attributes_of(const DrawOptions& options, const LoadedModel& loaded) {
  const auto simulator = simulator_of(options, loaded.config);
  const auto grid = time_grid_of(options, loaded.config);
  return {{"checkpoint", options.checkpoint},
          {"checkpoint_step", std::to_string(loaded.checkpoint.step)},
          {"sampler", simulator.kind},
          {"eta", base::config_text(simulator.eta)},
          {"time_grid", grid.kind},
          {"smallest_time", base::config_text(grid.smallest_time)},
          {"steps", std::to_string(grid.steps)},
          {"last_step", options.last_step},
          {"weights", options.weights},
          {"seed", std::to_string(options.seed)}};
}

void refuse_unknown(const std::string& option, const std::optional<std::string>& name,
                    const std::vector<std::string>& known) {
  if (!name || std::find(known.begin(), known.end(), *name) != known.end()) return;
  throw base::ConfigError("--" + option + " " + *name + " is not known: it must be " +
                          base::join_choices(known) + ".");
}

}  // namespace

void DrawOptions::validate() const {
  const auto refuse = [](const std::string& sentence) { throw base::ConfigError(sentence); };
  if (samples < 1)
    refuse("--samples " + std::to_string(samples) + " makes no sense: it must be at least 1.");
  if (steps && *steps < 1)
    refuse("--steps " + std::to_string(*steps) + " makes no sense: it must be at least 1.");
  if (seed < 0)
    refuse("--seed " + std::to_string(seed) + " makes no sense: it must not be negative.");
  refuse_unknown("sampler", sampler, diffusion::SimulatorConfig::kinds());
  refuse_unknown("time-grid", time_grid, diffusion::TimeGridConfig::kinds());
  if (eta && !(*eta >= 0.0 && *eta <= 1.0))
    refuse("--eta " + base::config_text(*eta) + " makes no sense: it must be from 0 to 1.");
  if (smallest_time && !(*smallest_time > 0.0 && *smallest_time < 1.0))
    refuse("--smallest-time " + base::config_text(*smallest_time) +
           " makes no sense: it must be greater than 0 and less than 1.");
  if (last_step != "without-noise" && last_step != "with-noise")
    refuse("--last-step " + last_step + " is not known: it is without-noise or with-noise.");
  if (weights != "average" && weights != "latest")
    refuse("--weights " + weights + " is not known: it is average or latest.");
  refuse_unknown("device", device, {"cpu", "cuda"});
  check_guidance(*this);
}

sampling::SampleSet draw_from_model(const DrawOptions& options, const DrawSource& source,
                                    const comm::Communicator& comm, ProgressMode progress_mode) {
  const auto& model = source.model;
  const auto conditions = comm::together(comm, [&] {
    options.validate();
    return conditions_of(options, model);
  });
  if (comm.is_root()) warn_about_range(model, conditions);
  const auto mine =
      comm::split_rows(conditions.count, comm.size(), comm.rank(), sampling::sample_block_rows);
  Progress progress(progress_mode, std::max<std::int64_t>(mine.count, 1), "samples of this rank");
  const auto drawn = comm::together(comm, [&] {
    return sampling::draw_samples(make_sampler(options, source),
                                  score_of(options, source, conditions), mine,
                                  [&](std::int64_t done) { progress.update(done); });
  });
  progress.finish();
  const auto all = comm::gather_rows_on_root(comm, drawn);
  sampling::SampleSet samples;
  if (!comm.is_root()) return samples;
  samples.x = undo_scaling(all, source.data);
  samples.index = torch::arange(conditions.count, torch::kInt64);
  if (model.labels) samples.label = model.labels->labels(conditions.places);
  if (model.contexts) samples.context = conditions.contexts;
  return samples;
}

sampling::SampleSet draw_from_checkpoint(const DrawOptions& options, const comm::Communicator& comm,
                                         ProgressMode progress) {
  comm::together(comm, [&] { options.validate(); });
  const auto device = take_device(options.device, comm);
  const auto loaded =
      comm::together(comm, [&] { return load_model(options.checkpoint, options.weights, device); });
  const auto guide = comm::together(comm, [&] { return load_guide(options, loaded, device); });
  auto samples =
      draw_from_model(options, source_of(loaded, guide ? &guide->model : nullptr), comm, progress);
  if (!comm.is_root()) return samples;
  samples.attributes = attributes_of(options, loaded);
  add_guidance(options, samples.attributes);
  samples.config = loaded.checkpoint.config;
  return samples;
}

}  // namespace tropism::app
