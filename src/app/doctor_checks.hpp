// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <tropism/comm/communicator.hpp>

namespace tropism::app {

enum class Health { good, warning, broken };

/// One thing that `tropism doctor` looked at.
struct Finding {
  std::string topic;
  Health health = Health::good;
  std::string fact;    // what was found
  std::string remedy;  // what to do; empty if all is well
};

/// Versions of the libraries.
[[nodiscard]] std::vector<Finding> check_software();

/// How many ranks there are, what started them, how they share cores, how fast they agree.
/// Collective.
[[nodiscard]] std::vector<Finding> check_ranks(const comm::Communicator& comm);

/// Whether matrix products and elementwise functions use all that the processor has.
[[nodiscard]] std::vector<Finding> check_arithmetic(const comm::Communicator& comm);

/// Whether HDF5 files can be made and locked here; free memory and disk.
[[nodiscard]] std::vector<Finding> check_storage();

}  // namespace tropism::app
