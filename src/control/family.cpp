// SPDX-License-Identifier: MIT
#include <tropism/control/family.hpp>
#include <tropism/score/streamed_signal.hpp>

namespace tropism::control {

FieldOf without_context() {
  return
      [](std::shared_ptr<const network::Network> network) -> std::shared_ptr<const network::Field> {
        return std::make_shared<network::NetworkField>(std::move(network));
      };
}

torch::Tensor Family::groups(Trajectories trajectories) const {
  return torch::zeros({trajectories.count}, torch::kInt64);
}

std::shared_ptr<const score::ScoreSignal> Unconditional::signal(Trajectories trajectories) const {
  return score::make_signal(
      score_,
      score::Binding{torch::zeros({trajectories.count}, torch::kInt64), {}, trajectories.first});
}

FieldOf Unconditional::fields(Trajectories /*trajectories*/) const {
  return without_context();
}

}  // namespace tropism::control
