// SPDX-License-Identifier: MIT
#include "context_study.hpp"

#include <array>
#include <utility>

namespace tropism::app {
namespace {

constexpr double lowest = -5.0, highest = 6.0;  // of the axis of x

/// Lines of c, x and the density of samples, one for each cell of a grid.
torch::Tensor density_cells(const ContextStudy& study) {
  std::vector<torch::Tensor> columns;
  for (const auto& law : study.laws) {
    const auto table = density_table(law.exact.samples, {});
    const auto shown = (table.select(1, 0) > lowest).logical_and(table.select(1, 0) < highest);
    const auto rows = table.index_select(0, shown.nonzero().flatten());
    columns.push_back(torch::cat({torch::full({rows.size(0), 1}, law.context), rows}, 1));
  }
  return torch::cat(columns);
}

/// c, then mean, mean - sd and mean + sd of the optimum, of what the kernel makes of it, and of
/// ours.
torch::Tensor curves(const ContextStudy& study) {
  std::vector<double> numbers;
  for (const auto& [context, exact, smoothed, divergence] : study.laws) {
    numbers.push_back(context);
    for (const auto& [mean, std] : {std::pair{exact.mean, exact.std},
                                    {smoothed.mean, smoothed.std},
                                    {exact.law.mean, exact.law.std}})
      numbers.insert(numbers.end(), {mean, mean - std, mean + std});
  }
  return torch::tensor(numbers, torch::kFloat64).view({-1, 10});
}

/// Bars along the axis where there are no rows.
std::string bars_without_rows(const ContextStudy& study) {
  std::string commands = "unset object\n";
  const double part = 2.0 / static_cast<double>(study.support.parts);
  for (std::int64_t i = 0; study.support.share < 1.0 && i < study.support.parts; ++i) {
    const double end = part * static_cast<double>(i + 1) - 1.0;
    commands += "set object rectangle from " + plain(end - part * (1.0 - study.support.share)) +
                "," + plain(lowest) + " to " + plain(end) + "," + plain(lowest + 0.35) +
                " front fc rgb '#d62f3a' fs solid 0.75 noborder\n";
  }
  return commands;
}

struct Curve {
  int column;  // of the curves
  const char* style;
  const char* title;  // empty: told by the one before
};
constexpr std::array<Curve, 7> drawn = {
    {{5, "lines lw 4 lc rgb '#3ca951'", "smoothed by the kernel: mean"},
     {2, "lines lw 1.8 lc rgb '#111827'", "exact: mean"},
     {3, "lines lw 1 dt 2 lc rgb '#111827'", "exact: mean ± sd"},
     {4, "lines lw 1 dt 2 lc rgb '#111827'", ""},
     {8, "points pt 7 ps 0.8 lc rgb '#ef7d0e'", "ours: mean"},
     {9, "points pt 2 ps 0.7 lc rgb '#ef7d0e'", "ours: mean ± sd"},
     {10, "points pt 2 ps 0.7 lc rgb '#ef7d0e'", ""}}};

std::string plot_command(const std::string& name) {
  std::string command = "plot $density" + name + " using 1:2:3 with image";
  for (const auto& curve : drawn)
    command +=
        ", $curves" + name + " using 1:" + std::to_string(curve.column) + " with " + curve.style;
  return command + "\n";
}

/// One line of text above all panels: a panel of its own, without axes.
std::string legend(const Plot& plot) {
  std::string command =
      "unset border\nunset tics\nunset title\nunset xlabel\nunset ylabel\nunset object\nset key "
      "center center horizontal maxrows 1\n" +
      place({20.0, 44.0, plot.width - 40.0, 36.0}, plot) +
      "plot [0:1] [0:1] NaN with lines lw 8 lc rgb '#e1626b' title 'no training "
      "rows'";
  for (const auto& curve : drawn)
    if (*curve.title != '\0')
      command += std::string(", NaN with ") + curve.style + " title " + quoted(curve.title);
  return command + "\n";
}

PanelBox box_of(std::size_t i) {
  const auto column = static_cast<double>(i % 3), line = static_cast<double>(i / 3);
  return {64.0 + 480.0 * column, 124.0 + 440.0 * line, 420.0, 350.0};
}

std::string panel_commands(const ContextStudy& study, std::size_t i, const Plot& plot) {
  const auto name = std::to_string(i);
  return data_block("density" + name, density_cells(study)) +
         data_block("curves" + name, curves(study)) + place(box_of(i), plot) +
         bars_without_rows(study) + "set title " +
         quoted("beta = " + significant(study.beta, 4) + ", " + study.name) +
         " font 'Sans,12' offset 0,-0.5\n" + plot_command(name);
}

}  // namespace

Plot plot_contexts(const std::vector<ContextStudy>& studies) {
  Plot plot;
  plot.width = 1510;
  plot.height = 88 + 440 * static_cast<int>((studies.size() + 2) / 3);
  plot.commands =
      begin_panels("Density of samples under a continuous context, reward -(y - 6)^2") +
      light_axes() + "unset key\nset xrange [-1:1]\nset yrange [" + plain(lowest) + ":" +
      plain(highest) +
      "]\nset xlabel 'context c'\nset ylabel 'x' offset 1,0\nset cbrange [0:1]\nunset colorbox\n"
      "set palette defined (0 '#ffffff', 0.25 '#c9d5f5', 1 '#4269d0')\n";
  for (std::size_t i = 0; i < studies.size(); ++i)
    plot.commands += panel_commands(studies[i], i, plot);
  plot.commands += legend(plot) + end_panels();
  return plot;
}

}  // namespace tropism::app
