// SPDX-License-Identifier: MIT
#pragma once

#include <tropism/comm/communicator.hpp>

namespace tropism::test {

/// All ranks of a test registered with RANKS. Use CHECK where only one rank could fail: a REQUIRE
/// that throws on one rank leaves the others in their collective.
const comm::Communicator& world();

}  // namespace tropism::test
