// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace tropism::app {

struct Version {
  std::string name;
  std::string version;
};

/// Tropism and the libraries that it uses.
[[nodiscard]] std::vector<Version> versions();

}  // namespace tropism::app
