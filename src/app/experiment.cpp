// SPDX-License-Identifier: MIT
#include "experiment.hpp"

#include <tropism/base/error.hpp>
#include <tropism/comm/agreement.hpp>
#include <tropism/conditional/context_kernel.hpp>
#include <tropism/conditional/label_family.hpp>
#include <tropism/conditional/vector_family.hpp>
#include <tropism/data/shard_set.hpp>
#include <tropism/training/trainer.hpp>

namespace tropism::app {
namespace {

/// Numbers that a context adds to the input of the networks.
std::int64_t num_features(const Model& model) {
  if (model.labels) return model.labels->size();
  return model.contexts ? model.contexts->size() : 0;
}

conditional::Contexts contexts_of(const training::DataSummary& summary) {
  if (summary.contexts) return conditional::Contexts(*summary.contexts);
  throw base::IoError(
      "The data have no contexts, but [context] kind = \"vector\" asks for them. Name the dataset "
      "with [data] context (`tropism import --context-columns` writes one), or set [context] "
      "kind = \"none\".");
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

/// @param bandwidth   of the context kernel, if there is one
std::shared_ptr<const control::Family> family_of(
    const Config& config, const Model& model, double bandwidth,
    std::shared_ptr<const score::RatioSetting> setting) {
  const bool uniform = config.context.prior == "uniform";
  const auto seed = static_cast<std::uint64_t>(config.run.seed);
  if (model.labels)
    return std::make_shared<conditional::LabelFamily>(
        std::move(setting), *model.labels,
        uniform ? conditional::LabelPrior::uniform : conditional::LabelPrior::data, seed);
  if (model.contexts)
    return std::make_shared<conditional::VectorFamily>(
        std::move(setting), *model.contexts, bandwidth,
        uniform ? conditional::ContextPrior::uniform : conditional::ContextPrior::data, seed);
  return std::make_shared<control::Unconditional>(std::move(setting));
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
  if (config.context.kind == "label")
    model.labels.emplace(summary.label_values, summary.label_counts);
  if (config.context.kind == "vector") model.contexts.emplace(contexts_of(summary));
  model.process = diffusion::make_process(config.process);
  control::ModelSetting setting;
  setting.policy = config.policy;
  setting.value = config.value;
  setting.beta = config.reward.beta;
  setting.reward = make_scaled_reward(config, summary);
  setting.process = model.process;
  setting.moments = summary.moments;
  setting.dimension = summary.dimension();
  setting.features = num_features(model);
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

score::Scope scope_of(const Config& config) {
  return config.score.scope == "global" && config.data.placement == "sharded" ? score::Scope::global
                                                                              : score::Scope::local;
}

ContextKernelChoice choose_context_kernel(const Config& config, const comm::Communicator& comm,
                                          const Model& model, const data::Dataset& data) {
  ContextKernelChoice choice;
  choice.kernel = config.score.kernel == "compact" ? score::ContextKernel::compact
                                                   : score::ContextKernel::gaussian;
  const bool own_rows_alone =
      config.data.placement == "sharded" && scope_of(config) == score::Scope::local;
  choice.rows =
      own_rows_alone ? (data.total_rows + comm.size() - 1) / comm.size() : data.total_rows;
  choice.bandwidth =
      config.score.bandwidth > 0.0
          ? config.score.bandwidth
          : conditional::rule_bandwidth(choice.kernel, choice.rows, model.contexts->varying());
  return choice;
}

std::shared_ptr<const control::Family> make_family(const Config& config,
                                                   const comm::Communicator& comm,
                                                   const Model& model, const data::Dataset& data) {
  const auto seed = static_cast<std::uint64_t>(config.run.seed);
  const auto groups = model.labels ? model.labels->places(*data.label) : torch::Tensor();
  const auto num_groups = model.labels ? model.labels->size() : 1;
  const auto kernel =
      model.contexts ? choose_context_kernel(config, comm, model, data) : ContextKernelChoice();
  const bool exact = config.run.reproducible;
  const auto& centre = model.networks->setting().moments.mean;
  auto rows = std::make_shared<score::RatioData>(
      comm, scope_of(config),
      score::DataRows{.x = data.x,
                      .groups = groups,
                      .num_groups = num_groups,
                      .log_weights = log_weights_of(config, model, data),
                      .contexts = model.contexts ? model.contexts->in_bandwidths(*data.context,
                                                                                 kernel.bandwidth)
                                                 : torch::Tensor(),
                      .context_kernel = kernel.kernel,
                      .pruning = config.score.pruning},
      centre, exact ? score::reproducible_block_rows : 0);
  auto setting = std::make_shared<score::RatioSetting>(
      score::RatioSetting{&comm, model.process, std::move(rows), config.score,
                          base::RandomStream(seed, base::Purpose::estimator_rows),
                          exact ? score::Summation::exact : score::Summation::running,
                          exact ? training::reproducible_micro_batch : 0});
  return family_of(config, model, kernel.bandwidth, std::move(setting));
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
