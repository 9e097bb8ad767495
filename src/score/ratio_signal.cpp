// SPDX-License-Identifier: MIT
#include <tropism/score/ratio_signal.hpp>

#include <algorithm>
#include <map>
#include <utility>

#include "by_noise_time.hpp"

#include <tropism/base/error.hpp>
#include <tropism/comm/collectives.hpp>

namespace tropism::score {
namespace {

/// Queries by (micro-batch, group): the shapes of all products then depend on neither the number of
/// ranks nor the scope. With micro_batch = 0 by group alone.
std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::int64_t>> sort_queries(
    const torch::Tensor& groups, std::int64_t micro_batch) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::int64_t>> sorted;
  const auto* group = groups.data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < groups.size(0); ++i)
    sorted[{micro_batch > 0 ? i / micro_batch : 0, group[i]}].push_back(i);
  return sorted;
}

}  // namespace

RatioSignal::RatioSignal(std::shared_ptr<const RatioSetting> setting, const Binding& binding)
    : setting_(std::move(setting)), num_queries_(binding.groups.size(0)) {
  const auto& data = *setting_->data;
  const auto groups = binding.groups.to(torch::kInt64).contiguous();
  bind_all_ranks({groups, binding.contexts});
  for (const auto& [key, rows] : sort_queries(all_.groups, setting_->micro_batch))
    units_.push_back({key.second, torch::tensor(rows, torch::kInt64)});
  total_ = torch::empty({num_queries_});
  for (std::int64_t i = 0; i < num_queries_; ++i) {
    const auto rows = data.total_rows(groups[i].item<std::int64_t>());
    total_[i] = setting_->config.samples > 0
                    ? std::min<std::int64_t>(rows, setting_->config.samples)
                    : rows;
  }
}

void RatioSignal::bind_all_ranks(const Binding& own) {
  all_ = own;
  if (setting_->data->scope() == Scope::local) return;
  const auto& comm = *setting_->comm;
  const auto counts = comm::all_gather_rows(comm, torch::full({1}, num_queries_, torch::kInt64));
  first_query_ = counts.narrow(0, 0, comm.rank()).sum().item<std::int64_t>();
  all_.groups = comm::all_gather_rows(comm, own.groups);
  if (own.contexts.defined()) all_.contexts = comm::all_gather_rows(comm, own.contexts);
}

std::vector<QueryUnit> RatioSignal::units_for(Draw draw) const {
  const auto& data = *setting_->data;
  std::vector<std::vector<DataBlock>> blocks;
  for (std::int64_t group = 0; group < data.num_groups(); ++group)
    blocks.push_back(data.draw(group, setting_->config.samples, setting_->stream, draw));
  std::vector<QueryUnit> units;
  for (const auto& unit : units_)
    units.push_back({unit.rows, blocks[static_cast<std::size_t>(unit.group)]});
  return units;
}

RatioEstimate RatioSignal::estimate_own(const Queries& queries, const std::vector<QueryUnit>& units,
                                        NoiseLevel noise, Weights weights) const {
  const auto& data = *setting_->data;
  const auto& comm = *setting_->comm;
  std::int64_t most_rows = 1;
  for (std::int64_t group = 0; group < data.num_groups(); ++group)
    most_rows = std::max(most_rows, data.total_rows(group));
  const double bound = static_cast<double>(most_rows) * std::max(1.0, data.largest_coordinate());
  const auto all = setting_->summation == Summation::exact
                       ? sum_exactly(comm, data.scope(), queries, units, noise, weights, bound)
                       : sum_running(comm, data.scope(), queries, units, noise, weights);
  const auto own = [&](const torch::Tensor& t) { return t.narrow(0, first_query_, num_queries_); };
  const RatioState state = {own(all.log_max), own(all.weight), own(all.squared_weight),
                            own(all.weighted_sum), own(all.pruned)};
  const double floor = weights == Weights::none ? setting_->config.floor : 0.0;
  return estimate(state, own(queries.x), data.centre(), noise, floor, total_);
}

Queries RatioSignal::queries_at(const torch::Tensor& y, NoiseLevel noise) const {
  const auto& data = *setting_->data;
  auto x = y - data.centre() * noise.signal;
  if (data.scope() == Scope::global) x = comm::all_gather_rows(*setting_->comm, x);
  return {std::move(x), all_.contexts};
}

Observation RatioSignal::observe(const torch::Tensor& y, double noise_time, Draw draw) const {
  base::expects(y.size(0) == num_queries_, "as many states as bound queries");
  const auto& data = *setting_->data;
  const NoiseLevel noise = {setting_->process->signal(noise_time),
                            setting_->process->variance(noise_time)};
  const auto queries = queries_at(y, noise);
  const auto units = units_for(draw);
  auto plain = estimate_own(queries, units, noise, Weights::none);
  Observation seen;
  seen.score = plain.score;
  seen.effective_sample_size = std::move(plain.effective_sample_size);
  seen.floor_activations = plain.floor_activations;
  seen.pruned_share = plain.pruned_share;
  if (!data.has_weights()) return seen;
  auto tilted = estimate_own(queries, units, noise, Weights::reward);
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
    const auto queries = points - centre_ * noise.signal;
    const auto state = ratio_state(queries, centred_, noise, log_weights_);
    return estimate(state, queries, centre_, noise, 0.0, torch::Tensor()).score;
  });
}

}  // namespace tropism::score
