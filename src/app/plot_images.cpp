// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <optional>

#include <tropism/base/error.hpp>

#include "plot_pictures.hpp"

namespace tropism::app {
namespace {

constexpr int most_rows = 20;
constexpr double picture_width = 1200;
constexpr double left_margin = 36;  // of each panel, for the labels of its rows
constexpr double right_margin = 18;

/// Images in a grid with thin gaps, as one image.
struct Mosaic {
  torch::Tensor pixels;             // [channels, height, width]; NaN in gaps and empty places
  std::vector<std::string> labels;  // of the rows; empty if there are none
  std::int64_t rows = 0;
};

/// [N, channels, H, W]
torch::Tensor as_images(const PointSet& points) {
  const auto& shape = points.shape;
  const auto channels = shape.size() == 3 ? shape[0] : 1;
  return points.x.view({points.x.size(0), channels, shape[shape.size() - 2], shape.back()});
}

/// How an image becomes a cell of the grid: pixels are repeated so that a cell has about as many of
/// them as the picture has for it, and a gap can be thinner than a pixel of the image.
struct Cell {
  std::int64_t repeat;
  std::int64_t gap;
};

Cell cell_for(const PointSet& points, double width) {
  const auto repeat = static_cast<std::int64_t>(0.95 * width) / points.shape.back();
  return {std::max<std::int64_t>(1, repeat),
          std::max<std::int64_t>(1, static_cast<std::int64_t>(0.04 * width))};
}

/// With gaps left of and above each image.
torch::Tensor as_cells(const torch::Tensor& images, const Cell& cell) {
  const auto fine = images.repeat_interleave(cell.repeat, 2).repeat_interleave(cell.repeat, 3);
  return torch::constant_pad_nd(fine, {cell.gap, 0, cell.gap, 0}, NAN);
}

/// One row of the grid, [channels, height, columns * width].
torch::Tensor grid_row(const torch::Tensor& images, std::int64_t columns, const Cell& cell) {
  const auto shown = as_cells(images.narrow(0, 0, std::min(columns, images.size(0))), cell);
  const auto row = shown.permute({1, 2, 0, 3}).reshape({shown.size(1), shown.size(2), -1});
  return torch::constant_pad_nd(row, {0, columns * shown.size(3) - row.size(2), 0, 0}, NAN);
}

/// The rows of images of a panel: by label, or in the order they come in.
std::vector<torch::Tensor> rows_of_images(const PointSet& points, std::int64_t columns,
                                          std::vector<std::string>& labels) {
  const auto images = as_images(points);
  if (!points.label) {
    auto rows = images.narrow(0, 0, std::min(images.size(0), columns * columns)).split(columns, 0);
    return rows;
  }
  std::vector<torch::Tensor> rows;
  const auto values = std::get<0>(at::_unique(*points.label, /*sorted=*/true)).contiguous();
  for (std::int64_t i = 0; i < std::min<std::int64_t>(values.numel(), most_rows); ++i) {
    const auto value = values[i].item<std::int64_t>();
    rows.push_back(images.index_select(0, points.label->eq(value).nonzero().flatten()));
    labels.push_back(std::to_string(value));
  }
  return rows;
}

Mosaic mosaic_of(const PointSet& points, std::int64_t columns, const Cell& cell) {
  Mosaic mosaic;
  std::vector<torch::Tensor> rows;
  for (const auto& images : rows_of_images(points, columns, mosaic.labels))
    rows.push_back(grid_row(images, columns, cell));
  mosaic.rows = static_cast<std::int64_t>(rows.size());
  mosaic.pixels = torch::constant_pad_nd(torch::cat(rows, 1), {0, cell.gap, 0, cell.gap}, NAN);
  return mosaic;
}

/// The values that are drawn white and black.
struct Scale {
  double white;
  double black;
};

/// At most about a million values of all panels, in rising order.
torch::Tensor sorted_values(const std::vector<Panel>& panels) {
  std::vector<torch::Tensor> values;
  for (const auto& panel : panels) {
    const auto all = panel.points.x.flatten();
    const auto stride = std::max<std::int64_t>(1, all.size(0) / 1000000);
    values.push_back(all.slice(0, 0, all.size(0), stride));
  }
  return std::get<0>(torch::cat(values).to(torch::kFloat64).sort());
}

/// The value of the background, if there is one: a bin of values that holds many of them.
std::optional<double> background(const torch::Tensor& values, double low, double high) {
  constexpr std::int64_t bins = 16;
  const auto counts = torch::histc(values, bins, low, high);
  const auto [most, bin] = counts.max(0);
  if (most.item<double>() < 0.15 * static_cast<double>(values.numel())) return std::nullopt;
  const double width = (high - low) / bins;
  const double left = low + width * static_cast<double>(bin.item<std::int64_t>());
  const auto inside = values.masked_select(values.ge(left).logical_and(values.le(left + width)));
  return inside.median().item<double>();
}

/// The background is white, and black the far end of nearly all values; without a background small
/// is black and large white, as in a photograph. All panels have one scale.
Scale common_scale(const std::vector<Panel>& panels) {
  const auto values = sorted_values(panels);
  const auto last = static_cast<double>(values.size(0) - 1);
  const auto at = [&](double share) {
    return values[static_cast<std::int64_t>(share * last)].item<double>();
  };
  const double low = at(0.01);
  const double high = at(0.99);
  if (high <= low) return {low, low + 1.0};
  const auto white = background(values, low, high).value_or(high);
  return {white, high - white > white - low ? high : low};
}

std::string row_names(const Mosaic& mosaic) {
  if (mosaic.labels.empty()) return "unset ytics\n";
  const auto height = static_cast<double>(mosaic.pixels.size(1)) / static_cast<double>(mosaic.rows);
  std::string names;
  for (std::size_t row = 0; row < mosaic.labels.size(); ++row) {
    names += (row > 0 ? ", " : "") + quoted(mosaic.labels[row]) + " " +
             plain((static_cast<double>(row) + 0.5) * height - 1.0);
  }
  return "set ytics (" + names + ") scale 0 offset 0.6,0 textcolor rgb '#444444'\n";
}

std::string grey_image(const Mosaic& mosaic, const Scale& scale, const std::string& name) {
  const bool dark_is_large = scale.black > scale.white;
  return data_block(name, mosaic.pixels[0]) + "set palette defined " +
         (dark_is_large ? "(0 'white', 1 'black')" : "(0 'black', 1 'white')") + "\nset cbrange [" +
         plain(std::min(scale.white, scale.black)) + ":" +
         plain(std::max(scale.white, scale.black)) + "]\nplot $" + name + " matrix with image\n";
}

/// Columns: x, y, red, green, blue. Colours keep their direction: large is bright.
std::string colour_image(const Mosaic& mosaic, const Scale& scale, const std::string& name) {
  const auto height = mosaic.pixels.size(1);
  const auto width = mosaic.pixels.size(2);
  const double low = std::min(scale.white, scale.black);
  const auto unit = (mosaic.pixels.to(torch::kFloat64) - low) / std::abs(scale.white - scale.black);
  const auto bytes = (unit.clamp(0, 1) * 255).nan_to_num(226.0);
  const auto y = torch::arange(height, torch::kFloat64).unsqueeze(1).expand({height, width});
  const auto x = torch::arange(width, torch::kFloat64).unsqueeze(0).expand({height, width});
  const auto columns = torch::stack({x, y, bytes[0], bytes[1], bytes[2]}, 2);
  return data_block(name, columns.view({-1, 5})) + "plot $" + name + " with rgbimage\n";
}

std::string draw(const Mosaic& mosaic, const Scale& scale, const std::string& name) {
  const std::string axes = "set xrange [-0.5:" + std::to_string(mosaic.pixels.size(2)) +
                           "-0.5]\nset yrange [" + std::to_string(mosaic.pixels.size(1)) +
                           "-0.5:-0.5]\n";
  const bool grey = mosaic.pixels.size(0) == 1;
  return axes + row_names(mosaic) +
         (grey ? grey_image(mosaic, scale, name) : colour_image(mosaic, scale, name));
}

/// As wide as the picture allows, and a cell no wider than 60 pixels.
std::vector<Mosaic> mosaics_of(const std::vector<Panel>& panels, std::int64_t columns) {
  const auto count = static_cast<double>(panels.size());
  const double room = picture_width - right_margin - count * left_margin;
  const double width = std::min(room / (count * static_cast<double>(columns)), 60.0);
  std::vector<Mosaic> mosaics;
  for (const auto& panel : panels)
    mosaics.push_back(mosaic_of(panel.points, columns, cell_for(panel.points, width)));
  return mosaics;
}

/// Panels side by side; one pixel of a mosaic is one of the picture, unless that would be far too
/// wide.
std::vector<PanelBox> lay_out(const std::vector<Mosaic>& mosaics, const std::string& title,
                              Plot& plot) {
  const double top = title.empty() ? 42 : 80;
  double mosaic_width = 0;
  for (const auto& mosaic : mosaics) mosaic_width += static_cast<double>(mosaic.pixels.size(2));
  const double scale = std::min(1.0, 1.2 * picture_width / mosaic_width);
  std::vector<PanelBox> boxes;
  double left = 0;
  double height = 0;
  for (const auto& mosaic : mosaics) {
    left += left_margin;
    boxes.push_back({left, top, scale * static_cast<double>(mosaic.pixels.size(2)),
                     scale * static_cast<double>(mosaic.pixels.size(1))});
    left += boxes.back().width;
    height = std::max(height, boxes.back().height);
  }
  plot.width = static_cast<int>(left + right_margin);
  plot.height = static_cast<int>(top + height + right_margin);
  return boxes;
}

void refuse_other_shapes(const std::vector<Panel>& panels) {
  for (const auto& panel : panels) {
    if (panel.points.shape == panels.front().points.shape) continue;
    throw base::IoError("The images of " + panel.points.path + " and " +
                        panels.front().points.path +
                        " have different shapes: they cannot share a picture.");
  }
}

}  // namespace

bool are_images(const PointSet& points) {
  const auto& shape = points.shape;
  if (shape.size() == 2) return true;
  return shape.size() == 3 && (shape[0] == 1 || shape[0] == 3);
}

Plot plot_images(const std::vector<Panel>& panels, const PictureOptions& options) {
  refuse_other_shapes(panels);
  const auto mosaics = mosaics_of(panels, options.columns);
  Plot plot;
  const auto boxes = lay_out(mosaics, options.title, plot);
  plot.commands = begin_panels(options.title) +
                  "unset key\nunset border\nunset xtics\nunset colorbox\n"
                  "set object 1 rectangle from graph 0,0 to graph 1,1 behind fc rgb '#e2e4e8' fs "
                  "solid noborder\n";
  const auto scale = common_scale(panels);
  for (std::size_t i = 0; i < panels.size(); ++i) {
    plot.commands += place(boxes[i], plot) + "set title " + quoted(panels[i].title) +
                     " font 'Sans,13' offset 0,-0.3\n" +
                     draw(mosaics[i], scale, "images" + std::to_string(i));
  }
  plot.commands += end_panels();
  return plot;
}

}  // namespace tropism::app
