// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>
#include <string>

namespace tropism::app {

/// The value of an environment variable; empty if it is not set.
[[nodiscard]] inline std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace tropism::app
