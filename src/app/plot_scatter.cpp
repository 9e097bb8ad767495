// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>
#include <set>

#include "plot_axes.hpp"

namespace tropism::app {
namespace {

constexpr std::int64_t most_points = 6000;
constexpr std::int64_t many_points = 1500;
constexpr std::size_t most_listed_labels = 12;

/// The panels with two coordinates: their own, or the first two principal components of the first
/// panel.
std::vector<Panel> in_the_plane(std::vector<Panel> panels) {
  const auto reference = panels.front().points.x.to(torch::kFloat64);
  if (reference.size(1) == 2) return panels;
  const auto centre = reference.mean(0);
  const auto deviation = reference - centre;
  const auto vectors = std::get<1>(at::linalg_eigh(deviation.t().matmul(deviation)));
  const auto last = vectors.size(1) - 1;
  const auto plane = torch::stack({vectors.select(1, last), vectors.select(1, last - 1)}, 1);
  for (auto& panel : panels)
    panel.points.x = (panel.points.x.to(torch::kFloat64) - centre).matmul(plane);
  return panels;
}

/// The rows that are drawn, by label; under label 0 where there are none.
std::map<std::int64_t, torch::Tensor> rows_by_label(const PointSet& points) {
  const auto stride = std::max<std::int64_t>(1, points.x.size(0) / most_points);
  const auto shown = torch::arange(0, points.x.size(0), stride, torch::kInt64);
  if (!points.label) return {{0, shown}};
  std::map<std::int64_t, torch::Tensor> groups;
  const auto label = points.label->index_select(0, shown);
  const auto values = std::get<0>(at::_unique(label, /*sorted=*/true)).contiguous();
  for (std::int64_t i = 0; i < values.numel(); ++i) {
    const auto value = values[i].item<std::int64_t>();
    groups[value] = shown.masked_select(label == value);
  }
  return groups;
}

std::set<std::int64_t> all_labels(const std::vector<Panel>& panels) {
  std::set<std::int64_t> labels;
  for (const auto& panel : panels) {
    if (!panel.points.label) continue;
    for (const auto& [label, rows] : rows_by_label(panel.points)) labels.insert(label);
  }
  return labels;
}

/// Half transparent, so that dense regions look dense.
std::string points_style(std::int64_t count, const std::string& rgb) {
  const bool many = count > many_points;
  return std::string(" with points pt 7 ps ") + (many ? "0.45" : "0.6") + " lc rgb '" +
         (many ? "#70" : "#38") + rgb.substr(1) + "'";
}

/// An entry of the legend, in the colour at full strength.
std::string legend(const std::string& rgb, std::int64_t label) {
  return ", NaN with points pt 7 ps 1 lc rgb '" + rgb + "' title " + quoted(std::to_string(label));
}

/// One panel's points, coloured by label; a legend if there are few labels.
std::string draw(const Panel& panel, const std::string& name,
                 const std::set<std::int64_t>& labels) {
  const auto& points = panel.points;
  std::string blocks;
  std::string plots;
  for (const auto& [label, rows] : rows_by_label(points)) {
    const auto place =
        static_cast<std::size_t>(std::distance(labels.begin(), labels.lower_bound(label)));
    const auto rgb = points.label ? colour(place) : panel_colour(panel, 0);
    const auto block = name + "_" + std::to_string(place);
    blocks += data_block(block, points.x.index_select(0, rows));
    plots += (plots.empty() ? "plot $" : ", $") + block + points_style(points.x.size(0), rgb);
    if (points.label && labels.size() <= most_listed_labels) plots += legend(rgb, label);
  }
  return blocks + plots + "\n";
}

std::string axis_names(std::int64_t dimension) {
  if (dimension == 2) return "set xlabel 'x_0'\nset ylabel 'x_1'\n";
  return "set xlabel 'first principal component of " + std::to_string(dimension) +
         " coordinates'\nset ylabel 'second principal component'\n";
}

}  // namespace

Plot plot_scatter(const std::vector<Panel>& panels, const PictureOptions& options) {
  Plot plot;
  const auto boxes = lay_out_panels(panels.size(), 640, options.title, plot);
  const auto labels = all_labels(panels);
  const auto plane = in_the_plane(panels);
  plot.commands = begin_panels(options.title) + light_axes() + set_axis("x", axis_range(plane, 0)) +
                  set_axis("y", axis_range(plane, 1)) + axis_names(panels.front().points.x.size(1));
  for (std::size_t i = 0; i < plane.size(); ++i) {
    plot.commands += place(boxes[i], plot) + panel_title(plane[i].title) +
                     (i == 0 ? "" : "unset ylabel\n") +
                     draw(plane[i], "points" + std::to_string(i), labels);
  }
  plot.commands += end_panels();
  return plot;
}

}  // namespace tropism::app
