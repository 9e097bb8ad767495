// SPDX-License-Identifier: MIT
#include "experiment.hpp"

#include <tropism/base/error.hpp>
#include <tropism/comm/agreement.hpp>
#include <tropism/conditional/label_family.hpp>
#include <tropism/data/shard_set.hpp>
#include <tropism/training/trainer.hpp>

namespace tropism::app {
namespace {

bool conditional_on_label(const Config& config) {
  return config.context.kind == "label";
}

torch::Tensor per_coordinate(const torch::Tensor& values, std::int64_t dimension) {
  return values.to(torch::kFloat32).expand({dimension}).contiguous();
}

/// beta h(x_j)/2 of each row, or undefined where no reward is at work.
torch::Tensor log_weights_of(const Config& config, const Model& model, const data::Dataset& data) {
  const auto& setting = model.networks->setting();
  if (config.reward.kind == "none" || setting.beta == 0.0) return {};
  const torch::NoGradGuard no_grad;
  return setting.reward->evaluate(data.x) * (0.5 * setting.beta);
}

}  // namespace

std::shared_ptr<const reward::Reward> make_scaled_reward(const Config& config,
                                                         const training::DataSummary& summary) {
  const auto dimension = summary.dimension();
  auto reward = reward::make_reward(config.reward, dimension);
  if (config.reward.units == "scaled" || config.reward.kind == "none") return reward;
  return reward::in_scaled_units(std::move(reward),
                                 per_coordinate(summary.scaling.offset, dimension),
                                 per_coordinate(summary.scaling.factor, dimension));
}

Model make_model(const Config& config, const training::DataSummary& summary) {
  Model model;
  if (conditional_on_label(config))
    model.labels.emplace(summary.label_values, summary.label_counts);
  model.process = diffusion::make_process(config.process);
  control::ModelSetting setting;
  setting.policy = config.policy;
  setting.value = config.value;
  setting.beta = config.reward.beta;
  setting.reward = make_scaled_reward(config, summary);
  setting.process = model.process;
  setting.moments = summary.moments;
  setting.dimension = summary.dimension();
  setting.features = model.labels ? model.labels->size() : 0;
  setting.seed = static_cast<std::uint64_t>(config.run.seed);
  model.networks = std::make_shared<control::ActorCritic>(std::move(setting));
  return model;
}

data::Dataset load_data(const Config& config, const comm::Communicator& comm) {
  const data::ShardSet shards(config.data, comm);
  if (!config.run.reproducible || config.data.placement != "sharded")
    return data::load(shards, config.data, comm);
  const auto rows =
      comm::split_rows(shards.rows(), comm.size(), comm.rank(), score::reproducible_block_rows);
  return comm::together(comm, [&] { return shards.read(rows); });
}

std::shared_ptr<const control::Family> make_family(const Config& config,
                                                   const comm::Communicator& comm,
                                                   const Model& model, const data::Dataset& data) {
  const auto scope = config.score.scope == "global" && config.data.placement == "sharded"
                         ? score::Scope::global
                         : score::Scope::local;
  const auto seed = static_cast<std::uint64_t>(config.run.seed);
  const auto groups = model.labels ? model.labels->places(*data.label) : torch::Tensor();
  const auto num_groups = model.labels ? model.labels->size() : 1;
  const bool exact = config.run.reproducible;
  const auto& centre = model.networks->setting().moments.mean;
  auto rows = std::make_shared<score::RatioData>(
      comm, scope,
      score::DataRows{.x = data.x,
                      .groups = groups,
                      .num_groups = num_groups,
                      .log_weights = log_weights_of(config, model, data),
                      .pruning = config.score.pruning},
      centre, exact ? score::reproducible_block_rows : 0);
  auto setting = std::make_shared<score::RatioSetting>(
      score::RatioSetting{&comm, model.process, std::move(rows), config.score,
                          base::RandomStream(seed, base::Purpose::estimator_rows),
                          exact ? score::Summation::exact : score::Summation::running,
                          exact ? training::reproducible_micro_batch : 0});
  if (!model.labels) return std::make_shared<control::Unconditional>(std::move(setting));
  const auto prior = config.context.prior == "uniform" ? conditional::LabelPrior::uniform
                                                       : conditional::LabelPrior::data;
  return std::make_shared<conditional::LabelFamily>(std::move(setting), *model.labels, prior, seed);
}

control::Environment make_environment(const Config& config, const Model& model) {
  return {.process = model.process,
          .grid = diffusion::make_time_grid(config.time_grid, config.process.terminal_time),
          .simulator = diffusion::make_simulator(config.simulator),
          .dimension = model.networks->setting().dimension,
          .seed = static_cast<std::uint64_t>(config.run.seed),
          .actions = config.algorithm.actions == "sampled" ? control::Actions::sampled
                                                           : control::Actions::mean,
          .temperature = config.algorithm.temperature};
}

}  // namespace tropism::app
