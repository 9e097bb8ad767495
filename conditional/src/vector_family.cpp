// SPDX-License-Identifier: MIT
#include <tropism/base/error.hpp>
#include <tropism/conditional/context_field.hpp>
#include <tropism/conditional/vector_family.hpp>
#include <tropism/score/streamed_signal.hpp>

namespace tropism::conditional {

VectorFamily::VectorFamily(std::shared_ptr<const score::RatioSetting> score, Contexts contexts,
                           double bandwidth, ContextPrior prior, std::uint64_t seed)
    : score_(std::move(score)),
      contexts_(std::move(contexts)),
      bandwidth_(bandwidth),
      prior_(prior),
      stream_(seed, base::Purpose::condition) {
  base::expects(bandwidth > 0.0, "a bandwidth > 0");
}

torch::Tensor VectorFamily::drawn(control::Trajectories trajectories) const {
  return contexts_.draw(stream_, prior_, trajectories);
}

std::shared_ptr<const score::ScoreSignal> VectorFamily::signal(
    control::Trajectories trajectories) const {
  const auto one_group = torch::zeros({trajectories.count}, torch::kInt64);
  const score::Binding binding(one_group, contexts_.in_bandwidths(drawn(trajectories), bandwidth_),
                               trajectories.first);
  return score::make_signal(score_, binding);
}

control::FieldOf VectorFamily::fields(control::Trajectories trajectories) const {
  return with_features(contexts_.features(drawn(trajectories)));
}

}  // namespace tropism::conditional
