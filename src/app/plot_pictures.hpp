// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "plot_gnuplot.hpp"
#include "sample_file.hpp"

namespace tropism::app {

/// One set of points in a picture.
struct Panel {
  std::string title;
  PointSet points;
  bool is_data = false;  // what the others are compared with
};

/// What a picture of points is called and how it is laid out.
struct PictureOptions {
  std::string title;  // over all panels; may be empty
  int columns = 10;   // images in a row of a panel, >= 1
};

/// Whether rows are images: shape [H, W], [1, H, W] or [3, H, W].
[[nodiscard]] bool are_images(const PointSet& points);

/// Panels side by side, each a grid of images: one row per label, or as many rows as columns where
/// there are no labels. Grey images have a white background, all panels one scale.
/// @throws IoError   if panels hold images of different shape
[[nodiscard]] Plot plot_images(const std::vector<Panel>& panels, const PictureOptions& options);

/// Panels side by side: densities in 1 dimension, else the first two coordinates, coloured by
/// label. All panels have the same axes.
[[nodiscard]] Plot plot_densities(const std::vector<Panel>& panels, const PictureOptions& options);
[[nodiscard]] Plot plot_scatter(const std::vector<Panel>& panels, const PictureOptions& options);

/// Curves over episodes from the lines of a metrics.jsonl: losses, reward, speed, gradient.
/// @param path   of the file, for messages
/// @throws IoError   if there is nothing to draw yet
[[nodiscard]] Plot plot_run(const std::vector<nlohmann::json>& lines, const std::string& path,
                            const PictureOptions& options);

/// Bars of a report of `tropism evaluate`: one group per label.
/// @throws IoError   if the object is no report
[[nodiscard]] Plot plot_report(const nlohmann::json& report, const std::string& path,
                               const PictureOptions& options);

}  // namespace tropism::app
