// SPDX-License-Identifier: MIT
#pragma once

#include "drawing.hpp"

namespace CLI {
class App;
}

namespace tropism::app {

/// Whether --samples must be given, or may be absent.
enum class DrawSize { required, optional };

/// The options of DrawOptions except the checkpoint, with their help.
void add_draw_options(CLI::App& app, DrawOptions& options, DrawSize size);

}  // namespace tropism::app
