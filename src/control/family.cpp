// SPDX-License-Identifier: MIT
#include <tropism/control/family.hpp>

namespace tropism::control {

FieldOf without_context() {
  return [](std::shared_ptr<const network::Mlp> mlp) -> std::shared_ptr<const network::Field> {
    return std::make_shared<network::MlpField>(std::move(mlp));
  };
}

std::shared_ptr<const score::ScoreSignal> Unconditional::signal(Trajectories trajectories) const {
  return std::make_shared<score::RatioSignal>(score_,
                                              torch::zeros({trajectories.count}, torch::kInt64));
}

FieldOf Unconditional::fields(Trajectories /*trajectories*/) const {
  return without_context();
}

}  // namespace tropism::control
