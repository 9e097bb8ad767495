// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace tropism::conditional {

/// [context]: what the model is conditioned on.
struct ContextConfig {
  std::string kind = "none";   // none | label (the integer label of each row of data)
  std::string prior = "data";  // how training draws labels: data (their frequencies) | uniform
  void validate() const;
};

}  // namespace tropism::conditional
