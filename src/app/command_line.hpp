// SPDX-License-Identifier: MIT
#pragma once

#include "verb.hpp"

namespace CLI {
class App;
}

namespace tropism::app {

/// Parses what follows the verb; `app` is named as the user types it, for instance "tropism
/// import".
///
/// @return true if the user asked for help: it has been printed to standard output, and the verb
/// ends
/// @throws ConfigError   a full sentence for whatever CLI11 refuses
[[nodiscard]] bool parse(CLI::App& app, const Arguments& arguments);

}  // namespace tropism::app
