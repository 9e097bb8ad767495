// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <string>

namespace tropism::app {

/// A picture to be: gnuplot commands without terminal and output, and its size in pixels.
struct Plot {
  std::string commands;
  int width = 1200;
  int height = 500;
};

/// Where a panel lies, in pixels from the left and the top of the picture.
struct PanelBox {
  double left = 0;
  double top = 0;
  double width = 0;
  double height = 0;
};

/// Draws a PNG with gnuplot as a child process. The file appears complete or not at all.
/// @throws IoError   if gnuplot is not installed (how to install it), or fails (what it said)
void draw_png(const Plot& plot, const std::string& path);

/// A text as gnuplot reads it literally; control characters become spaces.
[[nodiscard]] std::string quoted(const std::string& text);

/// Up to 7 significant digits; NaN for what is not finite.
[[nodiscard]] std::string plain(double number);

/// The data block `$name` of a matrix [rows, columns].
[[nodiscard]] std::string data_block(const std::string& name, const torch::Tensor& rows);

/// Commands that place the next panel.
[[nodiscard]] std::string place(const PanelBox& box, const Plot& plot);

/// Opening of a picture of several panels, with a title over all of them unless it is empty.
[[nodiscard]] std::string begin_panels(const std::string& title);
[[nodiscard]] std::string end_panels();

/// Axes of points and curves: thin grey borders left and below, a light grid.
[[nodiscard]] std::string light_axes();

/// The i-th of ten colours that can be told apart, "#rrggbb"; they repeat.
[[nodiscard]] std::string colour(std::size_t i);

}  // namespace tropism::app
