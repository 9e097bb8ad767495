// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "conditions.hpp"
#include "drawing.hpp"

namespace tropism::app {

/// What --guidance and --guide must be by themselves. @throws ConfigError
void check_guidance(const DrawOptions& options);

/// Whether the policies of two checkpoints can be combined: they must be functions of the same
/// noised points, and the guide must know no condition, or each one that the other may be given.
/// @param path   of the guide
/// @throws ConfigError   says what differs
void check_guide(const DrawSource& guided, const DrawSource& guide, const std::string& path);

/// The same conditions as the guide knows them.
/// @throws ConfigError   for a label that it does not know
[[nodiscard]] Conditions conditions_for_guide(const Model& guided, const Model& guide,
                                              const Conditions& conditions);

}  // namespace tropism::app
