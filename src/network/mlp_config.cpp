// SPDX-License-Identifier: MIT
#include <tropism/base/config_check.hpp>
#include <tropism/network/mlp.hpp>

namespace tropism::network {

void MlpConfig::validate(const std::string& section) const {
  base::check_at_least(section, "width", width, 1);
  base::check_at_least(section, "depth", depth, 1);
  base::check_one_of(section, "activation", activation, {"silu", "tanh", "relu", "tanh+relu"});
}

}  // namespace tropism::network
