// SPDX-License-Identifier: MIT
#include <tropism/base/error.hpp>

#include <string>

#include "support/catch.hpp"

using namespace tropism::base;

namespace {

std::string message_of_broken_contract() {
  try {
    expects(false, "rows on every rank");
  } catch (const ContractError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("Each kind of error has its exit status") {
  CHECK(ContractError("").status() == ExitStatus::our_fault);
  CHECK(ConfigError("").status() == ExitStatus::usage);
  CHECK(IoError("").status() == ExitStatus::data);
  CHECK(NumericalError("").status() == ExitStatus::numerical_failure);
  CHECK(static_cast<int>(ExitStatus::stopped) == 75);
}

TEST_CASE("A broken contract names the function, what must hold, and the place") {
  const std::string message = message_of_broken_contract();

  CHECK(message.find("message_of_broken_contract") != std::string::npos);
  CHECK(message.find("rows on every rank") != std::string::npos);
  CHECK(message.find("base_error.cpp:") != std::string::npos);
}

TEST_CASE("A contract that holds is silent") {
  CHECK_NOTHROW(expects(true, "nothing"));
}
