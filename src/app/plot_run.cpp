// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include <tropism/base/error.hpp>

#include "plot_pictures.hpp"

namespace tropism::app {
namespace {

using nlohmann::json;

constexpr double window_share = 0.04;  // of all points, in the running mean

/// A panel of curves over episodes.
struct CurvePanel {
  std::string title;
  std::vector<std::string> keys;     // of metrics.jsonl
  std::vector<std::string> legends;  // one per key; empty texts for a single curve
  std::string error_key;             // standard error of the first key; may be empty
  bool logarithmic = false;          // where all values are positive
};

std::vector<CurvePanel> curve_panels() {
  return {
      {"Loss", {"policy_loss", "value_loss"}, {"policy", "value"}, "", true},
      {"Reward, with two standard errors", {"reward_mean"}, {""}, "reward_standard_error", false},
      {"Speed, episodes per second", {"episodes_per_second"}, {""}, "", false},
      {"Norms", {"gradient_norm", "policy_norm"}, {"gradient", "mean |policy|"}, "", true},
      {"KL to the data", {"kl"}, {""}, "", false}};
}

double value_at(const json& line, const std::string& key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_number() ? found->get<double>() : NAN;
}

torch::Tensor column(const std::vector<json>& lines, const std::string& key) {
  std::vector<double> values;
  for (const auto& line : lines) values.push_back(value_at(line, key));
  return torch::tensor(values, torch::kFloat64);
}

std::string episodes_key(const std::vector<json>& lines) {
  return lines.front().contains("episodes") ? "episodes" : "step";
}

bool has_values(const torch::Tensor& values) {
  return values.isfinite().any().item<bool>();
}

/// Mean of the values around each, as far as they are finite.
torch::Tensor running_mean(const torch::Tensor& values) {
  const auto count = values.size(0);
  const auto half = static_cast<std::int64_t>(0.5 * window_share * static_cast<double>(count));
  const auto known = values.isfinite().to(torch::kFloat64);
  const auto zero = torch::zeros({1}, torch::kFloat64);
  const auto sums = torch::cat({zero, values.nan_to_num(0.0, 0.0, 0.0).cumsum(0)});
  const auto counts = torch::cat({zero, known.cumsum(0)});
  const auto row = torch::arange(count, torch::kInt64);
  const auto first = (row - half).clamp_min(0);
  const auto end = (row + half + 1).clamp_max(count);
  return (sums.index_select(0, end) - sums.index_select(0, first)) /
         (counts.index_select(0, end) - counts.index_select(0, first));
}

std::string paler(const std::string& rgb) {
  return "#a8" + rgb.substr(1);
}

/// Columns: episodes, value, running mean, standard error.
std::string curve(const std::string& block, std::size_t index, const std::string& legend,
                  bool band) {
  const auto source = "$" + block;
  std::string plots;
  if (band)
    plots += source + " using 1:($3-2*$4):($3+2*$4) with filledcurves fc rgb '" +
             paler(paler(colour(index)).substr(2)) + "' fs solid 0.25 noborder, ";
  plots += source + " using 1:2 with lines lw 1 lc rgb '" + paler(colour(index)) + "', ";
  return plots + source + " using 1:3 with lines lw 2.4 lc rgb '" + colour(index) + "'" +
         (legend.empty() ? "" : " title " + quoted(legend));
}

std::string draw(const CurvePanel& panel, const std::vector<json>& lines, std::size_t number) {
  const auto episodes = column(lines, episodes_key(lines));
  std::string blocks;
  std::string plots;
  bool positive = true;
  for (std::size_t i = 0; i < panel.keys.size(); ++i) {
    const auto values = column(lines, panel.keys[i]);
    if (!has_values(values)) continue;
    const bool band = i == 0 && !panel.error_key.empty();
    const auto error = band ? column(lines, panel.error_key) : torch::zeros_like(values);
    const auto block = "curve" + std::to_string(number) + "_" + std::to_string(i);
    blocks += data_block(block, torch::stack({episodes, values, running_mean(values), error}, 1));
    plots += (plots.empty() ? "plot " : ", ") + curve(block, i, panel.legends[i], band);
    positive = positive && !values.le(0).any().item<bool>();
  }
  const std::string scale = panel.logarithmic && positive ? "set logscale y\nset format y '%g'\n"
                                                          : "unset logscale y\nset format y '%g'\n";
  return blocks + scale + "set title " + quoted(panel.title) + " font 'Sans,12' offset 0,-0.5\n" +
         plots + "\n";
}

std::vector<CurvePanel> panels_with_values(const std::vector<json>& lines) {
  std::vector<CurvePanel> present;
  for (const auto& panel : curve_panels()) {
    const auto has = [&](const std::string& key) { return has_values(column(lines, key)); };
    if (std::any_of(panel.keys.begin(), panel.keys.end(), has)) present.push_back(panel);
  }
  return present;
}

}  // namespace

Plot plot_run(const std::vector<json>& lines, const std::string& path,
              const PictureOptions& options) {
  const auto panels = lines.empty() ? std::vector<CurvePanel>() : panels_with_values(lines);
  if (panels.empty())
    throw base::IoError(path +
                        " has no line with numbers to draw yet: `tropism train` writes one every "
                        "run.report_every episodes.");
  const double width = 510, height = 270, row_gap = 104, left = 88,
               top = options.title.empty() ? 40 : 78;
  const auto rows = (panels.size() + 1) / 2;
  Plot plot;
  plot.width = panels.size() == 1 ? static_cast<int>(left + width + 40)
                                  : static_cast<int>(2 * (left + width) + 36);
  plot.height = static_cast<int>(top + static_cast<double>(rows) * (height + row_gap) - 40);
  plot.commands =
      begin_panels(options.title) + light_axes() + "set xlabel 'episodes' offset 0,0.3\n";
  for (std::size_t i = 0; i < panels.size(); ++i) {
    const PanelBox box{left + static_cast<double>(i % 2) * (width + left),
                       top + static_cast<double>(i / 2) * (height + row_gap), width, height};
    plot.commands += place(box, plot) + draw(panels[i], lines, i);
  }
  plot.commands += end_panels();
  return plot;
}

}  // namespace tropism::app
