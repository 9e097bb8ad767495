// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "plot_pictures.hpp"

namespace tropism::app {

/// An interval of an axis.
struct AxisRange {
  double low;
  double high;
};

/// Nearly all values of one coordinate in all panels, with some room around them.
[[nodiscard]] AxisRange axis_range(const std::vector<Panel>& panels, std::int64_t coordinate);

/// @param name   "x" or "y"
[[nodiscard]] std::string set_axis(const std::string& name, const AxisRange& range);

[[nodiscard]] std::string panel_title(const std::string& text);

/// Boxes of equal size side by side, no higher than wide; sets the size of the picture.
[[nodiscard]] std::vector<PanelBox> lay_out_panels(std::size_t count, double height,
                                                   const std::string& title, Plot& plot);

/// The i-th panel's colour; data are grey.
[[nodiscard]] std::string panel_colour(const Panel& panel, std::size_t i);

}  // namespace tropism::app
