// SPDX-License-Identifier: MIT
#include "drawing.hpp"

#include <algorithm>
#include <charconv>

#include <tropism/base/error.hpp>
#include <tropism/base/random.hpp>
#include <tropism/comm/agreement.hpp>
#include <tropism/comm/collectives.hpp>
#include <tropism/conditional/context_field.hpp>
#include <tropism/control/family.hpp>
#include <tropism/sampling/sampler.hpp>
#include <tropism/training/checkpoint.hpp>

#include "experiment.hpp"

namespace tropism::app {
namespace {

/// A checkpoint ready to be sampled from.
struct Loaded {
  Config config;
  training::Checkpoint checkpoint;
  Model model;
};

void check_options(const DrawOptions& options) {
  const auto refuse = [](const std::string& sentence) { throw base::ConfigError(sentence); };
  if (options.samples < 1)
    refuse("--samples " + std::to_string(options.samples) +
           " makes no sense: it must be at least 1.");
  if (options.steps && *options.steps < 1)
    refuse("--steps " + std::to_string(*options.steps) + " makes no sense: it must be at least 1.");
  if (options.seed < 0)
    refuse("--seed " + std::to_string(options.seed) + " makes no sense: it must not be negative.");
  if (options.sampler != "euler-maruyama")
    refuse("--sampler " + options.sampler + " is not known. The samplers are: euler-maruyama.");
  if (options.last_step != "without-noise" && options.last_step != "with-noise")
    refuse("--last-step " + options.last_step +
           " is not known: it is without-noise or with-noise.");
  if (options.weights != "average" && options.weights != "latest")
    refuse("--weights " + options.weights + " is not known: it is average or latest.");
}

void put_weights(const Loaded& loaded, const std::string& which) {
  const torch::NoGradGuard no_grad;
  training::Checkpoint::Named targets;
  for (const auto& parameter : loaded.model.networks->named_parameters())
    if (parameter.key().rfind("policy.", 0) == 0)
      targets.emplace_back(parameter.key(), parameter.value());
  const auto& source =
      which == "average" ? loaded.checkpoint.policy_average : loaded.checkpoint.parameters;
  training::copy_by_name(source, targets, "The checkpoint");
}

Loaded load(const DrawOptions& options) {
  auto checkpoint = training::load_checkpoint(options.checkpoint);
  auto config = parse_config(checkpoint.config, options.checkpoint + ":/config");
  auto model = make_model(config, checkpoint.data);
  Loaded loaded = {std::move(config), std::move(checkpoint), std::move(model)};
  put_weights(loaded, options.weights);
  return loaded;
}

/// The labels that a list of conditions names, in its order.
std::vector<std::int64_t> labels_asked_for(const std::vector<std::string>& conditions,
                                           const conditional::Labels& known) {
  std::vector<std::int64_t> labels;
  for (const auto& condition : conditions) {
    const std::string value = condition.rfind("label=", 0) == 0 ? condition.substr(6) : "";
    std::int64_t label = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), label);
    const bool whole = error == std::errc() && end == value.data() + value.size() && !value.empty();
    if (value == "all") {
      labels.insert(labels.end(), known.values().begin(), known.values().end());
    } else if (whole) {
      labels.push_back(label);
    } else {
      throw base::ConfigError("--condition " + condition +
                              " is not understood: write label=7, or label=all for every label.");
    }
  }
  return labels;
}

/// Places of the labels of all samples, int64 [N]; undefined for an unconditional model.
torch::Tensor places_of_samples(const DrawOptions& options, const Model& model) {
  if (!model.labels) {
    if (options.conditions.empty()) return {};
    throw base::ConfigError(
        "--condition " + options.conditions.front() +
        ": this model was trained without a context ([context] kind = \"none\").");
  }
  if (options.conditions.empty()) {
    const base::RandomStream stream(static_cast<std::uint64_t>(options.seed),
                                    base::Purpose::condition);
    return model.labels->draw_places(stream, conditional::LabelPrior::data, {0, options.samples});
  }
  const auto labels =
      torch::tensor(labels_asked_for(options.conditions, *model.labels), torch::kInt64);
  return model.labels->places(labels).repeat_interleave(options.samples);
}

sampling::Sampler make_sampler(const DrawOptions& options, const Loaded& loaded) {
  auto grid = loaded.config.time_grid;
  if (options.steps) grid.steps = *options.steps;
  return {.process = loaded.model.process,
          .grid = diffusion::make_time_grid(grid, loaded.config.process.terminal_time),
          .simulator = diffusion::make_simulator({options.sampler}),
          .dimension = loaded.checkpoint.data.dimension(),
          .seed = static_cast<std::uint64_t>(options.seed),
          .last_step = options.last_step == "with-noise" ? sampling::LastStep::with_noise
                                                         : sampling::LastStep::without_noise};
}

sampling::ScoreOf policy_of(const Model& model, const torch::Tensor& places) {
  return [&model, places](comm::RowRange rows) -> std::shared_ptr<const score::ScoreFunction> {
    if (!model.labels) return model.networks->policy_mean(control::without_context());
    // The last block goes on beyond the last sample: with the last label.
    const auto block = torch::arange(rows.first, rows.first + rows.count, torch::kInt64);
    const auto of_block = places.index_select(0, block.clamp_max(places.size(0) - 1));
    return model.networks->policy_mean(conditional::with_labels(of_block, model.labels->size()));
  };
}

/// Samples in the units and the shape of the data.
torch::Tensor undo_scaling(const torch::Tensor& samples, const training::DataSummary& data) {
  auto shape = data.shape;
  shape.insert(shape.begin(), samples.size(0));
  return data.scaling.undo(samples).view(shape);
}

std::vector<std::pair<std::string, std::string>> attributes_of(const DrawOptions& options,
                                                               const Loaded& loaded) {
  return {{"checkpoint", options.checkpoint},
          {"checkpoint_step", std::to_string(loaded.checkpoint.step)},
          {"sampler", options.sampler},
          {"steps", std::to_string(options.steps.value_or(loaded.config.time_grid.steps))},
          {"last_step", options.last_step},
          {"weights", options.weights},
          {"seed", std::to_string(options.seed)}};
}

}  // namespace

sampling::SampleSet draw_from_checkpoint(const DrawOptions& options, const comm::Communicator& comm,
                                         ProgressMode progress_mode) {
  const auto loaded = comm::together(comm, [&] {
    check_options(options);
    return load(options);
  });
  const auto places =
      comm::together(comm, [&] { return places_of_samples(options, loaded.model); });
  const std::int64_t total = places.defined() ? places.size(0) : options.samples;
  const auto mine = comm::split_rows(total, comm.size(), comm.rank(), sampling::sample_block_rows);
  Progress progress(progress_mode, std::max<std::int64_t>(mine.count, 1), "samples of this rank");
  const auto drawn = comm::together(comm, [&] {
    return sampling::draw_samples(make_sampler(options, loaded), policy_of(loaded.model, places),
                                  mine, [&](std::int64_t done) { progress.update(done); });
  });
  progress.finish();
  const auto all = comm::gather_rows_on_root(comm, drawn);
  sampling::SampleSet samples;
  if (!comm.is_root()) return samples;
  samples.x = undo_scaling(all, loaded.checkpoint.data);
  samples.index = torch::arange(total, torch::kInt64);
  if (places.defined()) samples.label = loaded.model.labels->labels(places);
  samples.attributes = attributes_of(options, loaded);
  samples.config = loaded.checkpoint.config;
  return samples;
}

}  // namespace tropism::app
