// SPDX-License-Identifier: MIT
#include <tropism/base/error.hpp>
#include <tropism/score/score_signal.hpp>

namespace tropism::score {

torch::Tensor ScoreSignal::draw_data(Draw /*draw*/) const {
  throw base::ContractError("This score signal has no data to draw from.");
}

}  // namespace tropism::score
