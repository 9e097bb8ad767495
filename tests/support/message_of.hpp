// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace tropism::test {

/// The message of the error that an action throws; "nothing was thrown" if it throws nothing.
/// Errors of another type pass through.
template <class Error, class Action>
std::string message_of(Action&& action) {
  try {
    static_cast<void>(action());
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace tropism::test
