// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include <tropism/base/error.hpp>

#include "plot_pictures.hpp"

namespace tropism::app {
namespace {

using nlohmann::json;

/// One kind of bar: where its height and its standard error stand in a group of the report.
struct Bar {
  std::string legend;
  std::string value;
  std::string error;  // may be empty
};

struct BarPanel {
  std::string title;
  std::vector<Bar> bars;
};

std::vector<BarPanel> bar_panels() {
  return {{"Mean reward (lines: two standard errors)",
           {{"samples", "/samples/reward/mean", "/samples/reward/standard_error"},
            {"data", "/data/reward/mean", "/data/reward/standard_error"},
            {"exact tilt", "/tilt/mean_reward", ""}}},
          {"KL to the data, nats",
           {{"samples", "/kl/value", "/kl/standard_error"},
            {"least at this reward", "/least_kl/kl", ""},
            {"exact tilt", "/tilt/kl", ""}}},
          {"Label of the nearest data row is the one asked for",
           {{"samples", "/label_agreement/fraction", "/label_agreement/standard_error"},
            {"data among themselves", "/data_label_agreement/fraction",
             "/data_label_agreement/standard_error"}}},
          {"Distance to the nearest data row, relative to that within the data",
           {{"samples", "/nearest/ratio", ""}}},
          {"Mean intensity",
           {{"samples", "/samples/mean_intensity/mean", "/samples/mean_intensity/standard_error"},
            {"data", "/data/mean_intensity/mean", "/data/mean_intensity/standard_error"}}}};
}

double number_at(const json& group, const std::string& pointer) {
  const json::json_pointer where(pointer);
  if (pointer.empty() || !group.contains(where) || !group.at(where).is_number()) return NAN;
  return group.at(where).get<double>();
}

/// All samples first, then the conditions.
std::vector<json> groups_of(const json& report) {
  std::vector<json> groups = {report.at("all")};
  for (const auto& group : report.value("conditions", json::array())) groups.push_back(group);
  return groups;
}

torch::Tensor heights(const std::vector<json>& groups, const std::string& pointer) {
  std::vector<double> values;
  for (const auto& group : groups) values.push_back(number_at(group, pointer));
  return torch::tensor(values, torch::kFloat64);
}

bool is_present(const Bar& bar, const std::vector<json>& groups) {
  return heights(groups, bar.value).isfinite().any().item<bool>();
}

std::vector<BarPanel> present_panels(const std::vector<json>& groups) {
  std::vector<BarPanel> present;
  for (const auto& panel : bar_panels()) {
    BarPanel kept{panel.title, {}};
    for (const auto& bar : panel.bars)
      if (is_present(bar, groups)) kept.bars.push_back(bar);
    if (!kept.bars.empty()) present.push_back(kept);
  }
  return present;
}

std::string group_names(const std::vector<json>& groups) {
  std::string names;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto name = groups[i].contains("label") ? groups[i]["label"].dump() : std::string("all");
    names += (i > 0 ? ", " : "") + quoted(name) + " " + std::to_string(i);
  }
  return "set xtics (" + names + ") scale 0\n";
}

/// Columns: position, height, standard error.
std::string bars_block(const BarPanel& panel, std::size_t bar, const std::vector<json>& groups,
                       const std::string& name) {
  const auto count = static_cast<double>(panel.bars.size());
  const double offset = (static_cast<double>(bar) - 0.5 * (count - 1.0)) * 0.8 / count;
  const auto position =
      torch::arange(static_cast<std::int64_t>(groups.size()), torch::kFloat64) + offset;
  return data_block(name, torch::stack({position, heights(groups, panel.bars[bar].value),
                                        heights(groups, panel.bars[bar].error)},
                                       1));
}

std::string draw(const BarPanel& panel, const std::vector<json>& groups, std::size_t number) {
  std::string blocks =
      "set boxwidth " + plain(0.74 / static_cast<double>(panel.bars.size())) + "\n";
  std::string plots;
  for (std::size_t bar = 0; bar < panel.bars.size(); ++bar) {
    const auto name = "bars" + std::to_string(number) + "_" + std::to_string(bar);
    blocks += bars_block(panel, bar, groups, name);
    const std::string legend =
        panel.bars.size() > 1 ? " title " + quoted(panel.bars[bar].legend) : "";
    plots += (plots.empty() ? "plot $" : ", $") + name + " using 1:2 with boxes lc rgb '" +
             colour(bar) + "'" + legend;
    if (!panel.bars[bar].error.empty())
      plots += ", $" + name +
               " using 1:($2-2*$3):(0):(4*$3) with vectors nohead lw 1.4 lc rgb '#333333'";
  }
  return blocks + "set label 1 " + quoted(panel.title) +
         " at graph 0,graph 1.13 left font 'Sans,12'\n" + plots + "\n";
}

}  // namespace

Plot plot_report(const json& report, const std::string& path, const PictureOptions& options) {
  if (!report.is_object() || report.value("format", "") != "tropism.report" ||
      !report.contains("all"))
    throw base::IoError(
        path + " is not a report of `tropism evaluate`: it has no \"format\": \"tropism.report\".");
  const auto groups = groups_of(report);
  const auto panels = present_panels(groups);
  const double width = 1060, height = 150, gap = 78, left = 76,
               top = options.title.empty() ? 50 : 88;
  Plot plot;
  plot.width = static_cast<int>(left + width + 24);
  plot.height = static_cast<int>(top + static_cast<double>(panels.size()) * (height + gap) - 40);
  plot.commands = begin_panels(options.title) + light_axes() +
                  "set style fill solid 0.85 noborder\n"
                  "set key at graph 1,graph 1.22 right top horizontal maxrows 1\n"
                  "set yrange [*<0:0<*]\nset offsets 0,0,graph 0.06,0\nset xrange [-0.6:" +
                  plain(static_cast<double>(groups.size()) - 0.4) + "]\n" + group_names(groups);
  for (std::size_t i = 0; i < panels.size(); ++i) {
    const PanelBox box{left, top + static_cast<double>(i) * (height + gap), width, height};
    plot.commands += place(box, plot) + draw(panels[i], groups, i);
  }
  plot.commands += end_panels();
  return plot;
}

}  // namespace tropism::app
