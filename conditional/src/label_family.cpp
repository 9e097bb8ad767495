// SPDX-License-Identifier: MIT
#include <tropism/conditional/context_field.hpp>
#include <tropism/conditional/label_family.hpp>
#include <tropism/score/streamed_signal.hpp>

namespace tropism::conditional {

LabelFamily::LabelFamily(std::shared_ptr<const score::RatioSetting> score, Labels labels,
                         LabelPrior prior, std::uint64_t seed)
    : score_(std::move(score)),
      labels_(std::move(labels)),
      prior_(prior),
      stream_(seed, base::Purpose::condition) {}

torch::Tensor LabelFamily::places(control::Trajectories trajectories) const {
  return labels_.draw_places(stream_, prior_, trajectories);
}

std::shared_ptr<const score::ScoreSignal> LabelFamily::signal(
    control::Trajectories trajectories) const {
  return score::make_signal(score_, score::Binding{places(trajectories), {}, trajectories.first});
}

control::FieldOf LabelFamily::fields(control::Trajectories trajectories) const {
  return with_labels(places(trajectories), labels_.size());
}

}  // namespace tropism::conditional
