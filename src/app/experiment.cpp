// SPDX-License-Identifier: MIT
#include "experiment.hpp"

#include <algorithm>

#include <tropism/base/error.hpp>
#include <tropism/conditional/context_kernel.hpp>
#include <tropism/conditional/label_family.hpp>
#include <tropism/conditional/vector_family.hpp>
#include <tropism/score/streamed_data.hpp>
#include <tropism/training/trainer.hpp>

namespace tropism::app {
namespace {

constexpr std::int64_t numbers_at_once = 262144;  // of rows whose reward is computed

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

/// beta h(x_j)/2 of each row, or undefined where nobody asks.
torch::Tensor log_weights_of(const Config& config, const Model& model, const data::Dataset& data) {
  if (!has_tilt(config, model)) return {};
  const auto& setting = model.networks->setting();
  const torch::NoGradGuard no_grad;
  const std::int64_t most = std::max(std::int64_t{1}, numbers_at_once / data.dimension());
  std::vector<torch::Tensor> pieces = {torch::empty({0})};
  for (std::int64_t first = 0; first < data.rows(); first += most) {
    const auto x = data.x.narrow(0, first, std::min(most, data.rows() - first));
    pieces.push_back(setting.reward->evaluate(x) * (0.5 * setting.beta));
  }
  return torch::cat(pieces);
}

score::ContextKernel kernel_of(const Config& config) {
  return config.score.kernel == "compact" ? score::ContextKernel::compact
                                          : score::ContextKernel::gaussian;
}

/// What rows of the data are to the estimator.
/// @param bandwidth   of the context kernel, if there is one
score::DataRows as_data_rows(const Config& config, const Model& model, double bandwidth,
                             const data::Dataset& data) {
  score::DataRows rows = {.x = data.x,
                          .num_groups = model.labels ? model.labels->size() : 1,
                          .log_weights = log_weights_of(config, model, data),
                          .pruning = config.score.pruning,
                          .device = model.networks->setting().device};
  if (model.labels) rows.groups = model.labels->places(*data.label);
  if (!model.contexts) return rows;
  rows.contexts = model.contexts->in_bandwidths(*data.context, bandwidth);
  rows.context_kernel = kernel_of(config);
  return rows;
}

/// Puts the rows into the setting: where they are, that is how they are summed.
void put_rows(score::RatioSetting& setting, const Config& config, const Model& model,
              double bandwidth, const TrainingData& data) {
  const auto& comm = *setting.comm;
  const auto& centre = model.networks->setting().moments.mean;
  const auto scope = scope_of(config);
  if (const auto* in_memory = std::get_if<data::Dataset>(&data)) {
    setting.data = std::make_shared<score::RatioData>(
        comm, scope, as_data_rows(config, model, bandwidth, *in_memory), centre,
        config.run.reproducible ? score::reproducible_block_rows : 0);
    return;
  }
  auto source = std::make_shared<score::ShardRows>(
      std::get<data::RowStream>(data), [config, model, bandwidth](const data::Dataset& block) {
        return as_data_rows(config, model, bandwidth, block);
      });
  setting.streamed = std::make_shared<score::StreamedData>(
      comm, scope, std::move(source), centre,
      config.score.samples > 0 ? score::RowPlaces::remembered : score::RowPlaces::forgotten);
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

Model make_model(const Config& config, const training::DataSummary& summary, torch::Device device) {
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
  setting.device = device;
  model.networks = std::make_shared<control::ActorCritic>(std::move(setting));
  return model;
}

bool has_tilt(const Config& config, const Model& model) {
  const auto& setting = model.networks->setting();
  if (config.algorithm.name != "q-learning" && config.algorithm.name != "weighted-score-matching")
    return false;
  return config.reward.kind != "none" && setting.beta != 0.0 && setting.value.form == "data";
}

score::Scope scope_of(const Config& config) {
  return config.score.scope == "global" && config.data.placement != "replicated"
             ? score::Scope::global
             : score::Scope::local;
}

ContextKernelChoice choose_context_kernel(const Config& config, const comm::Communicator& comm,
                                          const Model& model, std::int64_t total_rows) {
  ContextKernelChoice choice;
  choice.kernel = kernel_of(config);
  const bool own_rows_alone =
      config.data.placement != "replicated" && scope_of(config) == score::Scope::local;
  choice.rows = own_rows_alone ? (total_rows + comm.size() - 1) / comm.size() : total_rows;
  choice.bandwidth =
      config.score.bandwidth > 0.0
          ? config.score.bandwidth
          : conditional::rule_bandwidth(choice.kernel, choice.rows, model.contexts->varying());
  return choice;
}

std::shared_ptr<const control::Family> make_family(const Config& config,
                                                   const comm::Communicator& comm,
                                                   const Model& model, const TrainingData& data) {
  const auto seed = static_cast<std::uint64_t>(config.run.seed);
  const bool exact = config.run.reproducible;
  const double bandwidth =
      model.contexts ? choose_context_kernel(config, comm, model, total_rows(data)).bandwidth : 1.0;
  auto setting = std::make_shared<score::RatioSetting>(
      score::RatioSetting{&comm, model.process, nullptr, config.score,
                          base::RandomStream(seed, base::Purpose::estimator_rows),
                          exact ? score::Summation::exact : score::Summation::running,
                          exact ? training::reproducible_micro_batch : 0,
                          base::RandomStream(seed, base::Purpose::posterior_draw)});
  setting->data_rows = base::RandomStream(seed, base::Purpose::data_row);
  put_rows(*setting, config, model, bandwidth, data);
  return family_of(config, model, bandwidth, std::move(setting));
}

control::Environment make_environment(const Config& config, const Model& model) {
  return {.process = model.process,
          .grid = diffusion::make_time_grid(config.time_grid, *model.process),
          .simulator = diffusion::make_simulator(config.simulator),
          .dimension = model.networks->setting().dimension,
          .seed = static_cast<std::uint64_t>(config.run.seed),
          .actions = config.algorithm.actions == "sampled" ? control::Actions::sampled
                                                           : control::Actions::mean,
          .temperature = config.algorithm.temperature};
}

}  // namespace tropism::app
