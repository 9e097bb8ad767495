// SPDX-License-Identifier: MIT
#pragma once

#include <tropism/comm/communicator.hpp>

namespace tropism::test {

/// This process by itself, whatever it was started under.
inline const comm::Communicator& alone() {
  static const auto comm = comm::Communicator::alone();
  return comm;
}

}  // namespace tropism::test
