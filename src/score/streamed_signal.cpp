// SPDX-License-Identifier: MIT
#include <tropism/score/streamed_signal.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "bound_queries.hpp"
#include "streamed_sum.hpp"

#include <tropism/base/elementwise.hpp>
#include <tropism/base/error.hpp>

namespace tropism::score {
namespace {

class StreamedSignal final : public ScoreSignal {
 public:
  StreamedSignal(std::shared_ptr<const RatioSetting> setting, const Binding& binding)
      : setting_(std::move(setting)),
        bound_(*setting_->comm, data().scope(), binding, setting_->micro_batch),
        total_(rows_behind(data(), binding.groups, setting_->config.samples)) {
    for (const auto& unit : bound_.units()) groups_.insert(unit.group);
  }

  [[nodiscard]] Observation observe(const torch::Tensor& y, double noise_time,
                                    Draw draw) const override;
  [[nodiscard]] bool is_collective() const override { return data().scope() == Scope::global; }

 private:
  [[nodiscard]] const StreamedData& data() const { return *setting_->streamed; }
  [[nodiscard]] bool is_exact() const { return setting_->summation == Summation::exact; }
  [[nodiscard]] std::int64_t block_rows() const { return is_exact() ? reproducible_block_rows : 0; }
  [[nodiscard]] std::vector<RatioState> sum(const Question& question, const Pass& pass) const;
  [[nodiscard]] std::vector<RatioState> sum_all(const Question& question) const;
  [[nodiscard]] std::vector<RatioState> sum_drawn(const Question& question, Draw draw) const;
  [[nodiscard]] RatioEstimate estimate_own(const RatioState& all, const Queries& queries,
                                           NoiseLevel noise, double floor) const;

  std::shared_ptr<const RatioSetting> setting_;
  BoundQueries bound_;
  std::set<std::int64_t> groups_;  // of all queries within the scope
  torch::Tensor total_;            // rows behind each of this rank's queries, [B]
};

std::vector<RatioState> StreamedSignal::sum(const Question& question, const Pass& pass) const {
  const auto& comm = *setting_->comm;
  return is_exact() ? stream_exactly(comm, data().scope(), question, pass, data().bound())
                    : stream_running(comm, data().scope(), question, pass);
}

std::vector<RatioState> StreamedSignal::sum_all(const Question& question) const {
  return sum(question, [&](const StreamedData::Take& take) {
    data().each_block(groups_, block_rows(), take);
  });
}

std::vector<RatioState> StreamedSignal::sum_drawn(const Question& question, Draw draw) const {
  std::map<std::int64_t, std::vector<DataBlock>> blocks;
  return sum(question, [&](const StreamedData::Take& take) {
    for (const auto group : groups_) {
      if (!blocks.contains(group))
        blocks[group] =
            data().draw(group, setting_->config.samples, setting_->stream, draw, block_rows());
      for (const auto& block : blocks[group]) take(group, block);
    }
  });
}

RatioEstimate StreamedSignal::estimate_own(const RatioState& all, const Queries& queries,
                                           NoiseLevel noise, double floor) const {
  const RatioState own = {bound_.own(all.log_max), bound_.own(all.weight),
                          bound_.own(all.squared_weight), bound_.own(all.weighted_sum)};
  return estimate(own, bound_.own(queries.x), data().centre(), noise, floor, total_);
}

Observation StreamedSignal::observe(const torch::Tensor& y, double noise_time, Draw draw) const {
  base::expects(y.size(0) == bound_.count(), "as many states as bound queries");
  const NoiseLevel noise = {setting_->process->signal(noise_time),
                            setting_->process->variance(noise_time)};
  const auto queries =
      bound_.gather(*setting_->comm, base::minus_row(y, noise.signal, data().centre()));
  std::vector<Weights> weights = {Weights::none};
  if (data().has_weights()) weights.push_back(Weights::reward);
  const Question question = {bound_.units(), queries, noise, weights};
  const auto states = setting_->config.samples > 0 ? sum_drawn(question, draw) : sum_all(question);
  auto plain = estimate_own(states[0], queries, noise, setting_->config.floor);
  Observation seen;
  seen.score = plain.score;
  seen.effective_sample_size = std::move(plain.effective_sample_size);
  seen.floor_activations = plain.floor_activations;
  if (!data().has_weights()) return seen;
  const auto tilted = estimate_own(states[1], queries, noise, 0.0);
  seen.tilt_gradient = tilted.score - plain.score;
  seen.log_tilt = (tilted.log_density_sum - plain.log_density_sum).to(torch::kFloat32);
  return seen;
}

}  // namespace

std::shared_ptr<const ScoreSignal> make_streamed_signal(std::shared_ptr<const RatioSetting> setting,
                                                        const Binding& binding) {
  base::expects(setting->streamed != nullptr, "a setting with streamed rows");
  return std::make_shared<StreamedSignal>(std::move(setting), binding);
}

std::shared_ptr<const ScoreSignal> make_signal(std::shared_ptr<const RatioSetting> setting,
                                               const Binding& binding) {
  if (setting->streamed != nullptr) return make_streamed_signal(std::move(setting), binding);
  return std::make_shared<RatioSignal>(std::move(setting), binding);
}

}  // namespace tropism::score
