// SPDX-License-Identifier: MIT
#include <tropism/base/version.hpp>

namespace tropism::base {

std::string version() {
  return TROPISM_VERSION;
}

std::string git_revision() {
  return TROPISM_GIT_REVISION;
}

}  // namespace tropism::base
