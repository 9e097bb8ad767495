// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace tropism::conditional {

/// [context]: what the model is conditioned on.
struct ContextConfig {
  std::string kind = "none";  // none | label (an integer of each row) | vector (C numbers of each)
  std::string prior =
      "data";  // how training draws them: data (as the data have them) | uniform (all
               // labels alike, or in the box between the smallest and the largest)
  void validate() const;
};

}  // namespace tropism::conditional
