// SPDX-License-Identifier: MIT
#include <tropism/base/config_check.hpp>
#include <tropism/conditional/context_config.hpp>

namespace tropism::conditional {

void ContextConfig::validate() const {
  base::check_one_of("context", "kind", kind, {"none", "label", "vector"});
  base::check_one_of("context", "prior", prior, {"data", "uniform"});
}

}  // namespace tropism::conditional
