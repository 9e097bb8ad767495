// SPDX-License-Identifier: MIT
#include <algorithm>

#include "plot_axes.hpp"

namespace tropism::app {
namespace {

constexpr std::int64_t bins = 80;

/// Bin centres and densities, [bins, 2].
torch::Tensor histogram(const torch::Tensor& values, const AxisRange& range) {
  const auto counts = torch::histc(values.to(torch::kFloat64), bins, range.low, range.high);
  const double width = (range.high - range.low) / bins;
  const auto centres = range.low + width * (torch::arange(bins, torch::kFloat64) + 0.5);
  return torch::stack({centres, counts / (static_cast<double>(values.numel()) * width)}, 1);
}

std::string block_name(std::size_t panel) {
  return "density" + std::to_string(panel);
}

/// A panel's density; with the data's outline over it where the first panel is the data.
std::string draw(const std::vector<Panel>& panels, std::size_t i) {
  std::string plot =
      "plot $" + block_name(i) + " with boxes lc rgb '" + panel_colour(panels[i], i) + "'";
  if (i > 0 && panels.front().is_data)
    plot += ", $" + block_name(0) + " with histeps lw 1.5 lc rgb '#374151' title 'data'";
  return panel_title(panels[i].title) + (i == 0 ? "set ylabel 'density'\n" : "unset ylabel\n") +
         plot + "\n";
}

}  // namespace

Plot plot_densities(const std::vector<Panel>& panels, const PictureOptions& options) {
  Plot plot;
  const auto boxes = lay_out_panels(panels.size(), 430, options.title, plot);
  const auto range = axis_range(panels, 0);
  double highest = 0.0;
  plot.commands = begin_panels(options.title) + light_axes();
  for (std::size_t i = 0; i < panels.size(); ++i) {
    const auto table = histogram(panels[i].points.x.select(1, 0), range);
    highest = std::max(highest, table.select(1, 1).max().item<double>());
    plot.commands += data_block(block_name(i), table);
  }
  plot.commands +=
      set_axis("x", range) + set_axis("y", {0.0, 1.08 * highest}) +
      "set style fill solid 0.7 noborder\nset boxwidth 0.92 relative\nset xlabel 'x'\n";
  for (std::size_t i = 0; i < panels.size(); ++i)
    plot.commands += place(boxes[i], plot) + draw(panels, i);
  plot.commands += end_panels();
  return plot;
}

}  // namespace tropism::app
