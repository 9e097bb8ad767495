// SPDX-License-Identifier: MIT
#pragma once

#include <source_location>
#include <stdexcept>
#include <string>

namespace tropism::base {

/// What `tropism` ends with; scripts may rely on these numbers.
enum class ExitStatus : int {
  done = 0,
  our_fault = 1,          // a fault of Tropism
  usage = 2,              // command line or config
  data = 3,               // data or file
  numerical_failure = 4,  // NaN, infinity, divergence
  stopped = 75,           // stopped after a checkpoint: run it again
};

/// Any failure that Tropism reports. The message is one or more full sentences: what happened,
/// where, what was expected, what to do.
class Error : public std::runtime_error {
 public:
  Error(const std::string& message, ExitStatus status) : runtime_error(message), status_(status) {}
  [[nodiscard]] ExitStatus status() const { return status_; }

 private:
  ExitStatus status_;
};

/// A caller broke a documented precondition: a fault of ours.
class ContractError : public Error {
 public:
  explicit ContractError(const std::string& message) : Error(message, ExitStatus::our_fault) {}
};

/// Command line or config: names the key, its value, what is allowed, and the file.
class ConfigError : public Error {
 public:
  explicit ConfigError(const std::string& message) : Error(message, ExitStatus::usage) {}
};

/// A file or the data in it: names the path, the object, and the reason.
class IoError : public Error {
 public:
  explicit IoError(const std::string& message) : Error(message, ExitStatus::data) {}
};

/// NaN, infinity or divergence: names the quantity, the step and the norm.
class NumericalError : public Error {
 public:
  explicit NumericalError(const std::string& message)
      : Error(message, ExitStatus::numerical_failure) {}
};

/// Checks a documented precondition. @throws ContractError with file, line and function of the
/// caller
inline void expects(bool condition, const std::string& what_must_hold,
                    std::source_location where = std::source_location::current()) {
  if (condition) return;
  throw ContractError(std::string(where.function_name()) + " needs: " + what_must_hold + " (" +
                      where.file_name() + ":" + std::to_string(where.line()) + ").");
}

}  // namespace tropism::base
