// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include <tropism/base/error.hpp>
#include <tropism/comm/communicator.hpp>

namespace tropism::comm {

/// Collective. Throws on all ranks if any rank brings a failure: the one of the lowest such rank,
/// as the error type of its exit status, its message preceded by `rank r: ` where there are
/// several.
void throw_together(const Communicator& comm, const std::optional<base::Error>& failure);

/// Collective. Runs `action` on every rank; an error that only one rank may see (a file that does
/// not open, a bad row) becomes the same error on all, so that nobody waits for the one that left.
/// `action` itself must not be collective. Exceptions other than base::Error are faults: they pass
/// through, and `launch` ends all ranks.
/// @return what `action` returns, if no rank failed
template <class Action>
auto together(const Communicator& comm, Action&& action) {
  using Result = std::invoke_result_t<Action>;
  std::optional<base::Error> failure;
  if constexpr (std::is_void_v<Result>) {
    try {
      std::forward<Action>(action)();
    } catch (const base::Error& error) {
      failure = error;
    }
    throw_together(comm, failure);
  } else {
    std::optional<std::decay_t<Result>> result;
    try {
      result.emplace(std::forward<Action>(action)());
    } catch (const base::Error& error) {
      failure = error;
    }
    throw_together(comm, failure);
    return std::move(*result);
  }
}

}  // namespace tropism::comm
