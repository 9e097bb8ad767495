// SPDX-License-Identifier: MIT
#include "plot_axes.hpp"

#include <algorithm>
#include <cmath>

namespace tropism::app {

AxisRange axis_range(const std::vector<Panel>& panels, std::int64_t coordinate) {
  std::vector<torch::Tensor> values;
  for (const auto& panel : panels) values.push_back(panel.points.x.select(1, coordinate));
  const auto sorted = std::get<0>(torch::cat(values).to(torch::kFloat64).sort());
  const auto last = static_cast<double>(sorted.size(0) - 1);
  const double low = sorted[static_cast<std::int64_t>(0.0005 * last)].item<double>();
  const double high = sorted[static_cast<std::int64_t>(std::ceil(0.9995 * last))].item<double>();
  const double room = high > low ? 0.05 * (high - low) : 1.0;
  return {low - room, high + room};
}

std::string set_axis(const std::string& name, const AxisRange& range) {
  return "set " + name + "range [" + plain(range.low) + ":" + plain(range.high) + "]\n";
}

std::string panel_title(const std::string& text) {
  return "set title " + quoted(text) + " font 'Sans,13' offset 0,-0.5\n";
}

std::vector<PanelBox> lay_out_panels(std::size_t count, double height, const std::string& title,
                                     Plot& plot) {
  const double left = 86, gap = 66, right = 24, below = 54;
  const double top = title.empty() ? 42 : 82;
  const auto panels = static_cast<double>(count);
  const double width = std::min((1300.0 - left - right - (panels - 1) * gap) / panels, 900.0);
  height = std::min(height, width);
  plot.width = static_cast<int>(left + right + panels * width + (panels - 1) * gap);
  plot.height = static_cast<int>(top + height + below);
  std::vector<PanelBox> boxes;
  for (std::size_t i = 0; i < count; ++i)
    boxes.push_back({left + static_cast<double>(i) * (width + gap), top, width, height});
  return boxes;
}

std::string panel_colour(const Panel& panel, std::size_t i) {
  return panel.is_data ? "#6b7280" : colour(i);
}

}  // namespace tropism::app
