// SPDX-License-Identifier: MIT
#include <tropism/score/ratio_signal.hpp>

#include <algorithm>
#include <map>
#include <utility>

#include "bound_queries.hpp"
#include "by_noise_time.hpp"

#include <tropism/base/elementwise.hpp>
#include <tropism/base/error.hpp>
#include <tropism/comm/collectives.hpp>

namespace tropism::score {

Binding Binding::at(const torch::Tensor& queries) const {
  return {groups.index_select(0, queries),
          contexts.defined() ? contexts.index_select(0, queries) : contexts};
}

RatioSignal::RatioSignal(std::shared_ptr<const RatioSetting> setting, const Binding& binding)
    : setting_(std::move(setting)),
      num_queries_(binding.groups.size(0)),
      first_trajectory_(binding.first_trajectory) {
  const Binding own = {binding.groups.to(torch::kInt64).contiguous(), binding.contexts};
  count_rows(own.groups);
  if (setting_->data->scope() == Scope::global)
    bind_all_ranks(own);
  else
    batches_.push_back(batch_of(own));
}

RatioSignal::Batch RatioSignal::batch_of(Binding binding) const {
  Batch batch = {std::move(binding), {}};
  for (const auto& [key, rows] : sort_queries(batch.binding.groups, setting_->micro_batch))
    batch.units.push_back({key.second, torch::tensor(rows, torch::kInt64)});
  return batch;
}

void RatioSignal::bind_all_ranks(const Binding& own) {
  const auto& comm = *setting_->comm;
  const auto counts = comm::all_gather_rows(comm, torch::full({1}, num_queries_, torch::kInt64));
  first_query_ = counts.narrow(0, 0, comm.rank()).sum().item<std::int64_t>();
  Binding all = {comm::all_gather_rows(comm, own.groups)};
  if (own.contexts.defined()) all.contexts = comm::all_gather_rows(comm, own.contexts.contiguous());
  if (setting_->summation == Summation::exact || comm.size() == 1) {
    batches_.push_back(batch_of(all));
    return;
  }
  const std::vector<std::int64_t> of_ranks(counts.data_ptr<std::int64_t>(),
                                           counts.data_ptr<std::int64_t>() + comm.size());
  rounds_ = deal_rounds(of_ranks, comm.rank(),
                        std::max<std::int64_t>(setting_->queries_at_once, comm.size()));
  for (const auto& round : rounds_) batches_.push_back(batch_of(all.at(round.places)));
}

void RatioSignal::count_rows(const torch::Tensor& groups) {
  total_ = rows_behind(*setting_->data, groups, rows_drawn());
}

std::vector<QueryUnit> RatioSignal::units_of(const Batch& batch, Draw draw) const {
  const auto& data = *setting_->data;
  std::map<std::int64_t, std::vector<DataBlock>> blocks;
  std::vector<QueryUnit> units;
  for (const auto& [group, rows] : batch.units) {
    if (blocks.count(group) == 0)
      blocks[group] = data.draw(group, rows_drawn(), setting_->stream, draw);
    units.push_back({rows, blocks[group]});
  }
  return units;
}

std::vector<RatioState> RatioSignal::running_states(const torch::Tensor& x, NoiseLevel noise,
                                                    Draw draw,
                                                    std::span<const Weights> weights) const {
  std::vector<std::vector<QueryUnit>> units;
  for (const auto& batch : batches_) units.push_back(units_of(batch, draw));
  const auto state_of = [&](const torch::Tensor& points, std::size_t round, Weights kind) {
    return sum_running({points, batches_[round].binding.contexts}, units[round], noise, kind);
  };
  if (!rounds_.empty()) return sum_over_ranks(*setting_->comm, x, rounds_, weights, state_of);
  std::vector<RatioState> states;
  for (const auto kind : weights) states.push_back(state_of(x, 0, kind));
  return states;
}

std::vector<RatioState> RatioSignal::exact_states(const torch::Tensor& x, NoiseLevel noise,
                                                  Draw draw,
                                                  std::span<const Weights> weights) const {
  const auto& data = *setting_->data;
  const auto& comm = *setting_->comm;
  std::int64_t most_rows = 1;
  for (std::int64_t group = 0; group < data.num_groups(); ++group)
    most_rows = std::max(most_rows, data.total_rows(group));
  const double bound = static_cast<double>(most_rows) * std::max(1.0, data.largest_coordinate());
  const bool global = data.scope() == Scope::global;
  const auto& batch = batches_.front();
  const auto units = units_of(batch, draw);
  const Queries queries = {global ? comm::all_gather_rows(comm, x) : x, batch.binding.contexts};
  std::vector<RatioState> states;
  for (const auto kind : weights)
    states.push_back(sum_exactly(comm, data.scope(), queries, units, noise, kind, bound)
                         .rows(first_query_, num_queries_));
  return states;
}

std::vector<RatioState> RatioSignal::states_of(const torch::Tensor& x, NoiseLevel noise, Draw draw,
                                               std::span<const Weights> weights) const {
  return setting_->summation == Summation::exact ? exact_states(x, noise, draw, weights)
                                                 : running_states(x, noise, draw, weights);
}

Observation RatioSignal::observe(const torch::Tensor& y, double noise_time, Draw draw) const {
  base::expects(y.size(0) == num_queries_, "as many states as bound queries");
  const auto& data = *setting_->data;
  const NoiseLevel noise = {setting_->process->signal(noise_time),
                            setting_->process->variance(noise_time)};
  const auto x = base::minus_row(y, noise.signal, data.centre());
  static constexpr Weights both[] = {Weights::none, Weights::reward};
  const auto states = states_of(x, noise, draw, std::span(both, data.has_weights() ? 2 : 1));
  const auto density = data.has_weights() ? Density::wanted : Density::not_wanted;
  auto plain =
      estimate(states[0], x, data.centre(), noise, setting_->config.floor, total_, density);
  Observation seen;
  seen.score = plain.score;
  seen.effective_sample_size = std::move(plain.effective_sample_size);
  seen.floor_activations = plain.floor_activations;
  seen.pruned_share = plain.pruned_share;
  if (setting_->config.signal != "ratio") observe_draws(x, noise, draw, seen);
  if (!data.has_weights()) return seen;
  const auto tilted = estimate(states[1], x, data.centre(), noise, 0.0, total_);
  seen.tilt_gradient = tilted.score - plain.score;
  seen.pruned_share = std::max(seen.pruned_share, tilted.pruned_share);
  seen.log_tilt = (tilted.log_density_sum - plain.log_density_sum).to(torch::kFloat32);
  return seen;
}

RatioScore::RatioScore(std::shared_ptr<const diffusion::ForwardProcess> process,
                       const torch::Tensor& data, torch::Tensor log_weights)
    : process_(std::move(process)),
      centre_(data.mean(0)),
      centred_(data - centre_),
      log_weights_(std::move(log_weights)) {}

torch::Tensor RatioScore::score(const torch::Tensor& x, const torch::Tensor& t) const {
  return score_by_noise_time(x, t, [this](const torch::Tensor& points, double time) {
    const NoiseLevel noise = {process_->signal(time), process_->variance(time)};
    const auto queries = base::minus_row(points, noise.signal, centre_);
    const auto state = ratio_state(queries, centred_, noise, log_weights_);
    return estimate(state, queries, centre_, noise, 0.0, torch::Tensor(), Density::not_wanted)
        .score;
  });
}

}  // namespace tropism::score
