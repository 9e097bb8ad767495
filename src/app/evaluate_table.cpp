// SPDX-License-Identifier: MIT
#include "evaluate_table.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <vector>

#include "text_table.hpp"

namespace tropism::app {
namespace {

using evaluation::GroupReport;

const std::string empty_cell = "-";

struct Column {
  std::string title;
  std::function<std::string(const GroupReport&)> cell;
};

std::string number(const std::optional<double>& value) {
  if (!value) return empty_cell;
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", *value);
  return text;
}

std::string with_error(const std::optional<double>& value, const std::optional<double>& error) {
  if (!value || !error) return number(value);
  char text[64];
  std::snprintf(text, sizeof text, "%.4g ± %.2g", *value, *error);
  return text;
}

std::string reward_cell(const evaluation::SetSummary& set) {
  if (!set.reward) return empty_cell;
  return with_error(set.reward->moments.mean, set.reward->moments.standard_error);
}

std::string tilt_reward(const GroupReport& group) {
  return group.tilt ? number(group.tilt->mean_reward) : empty_cell;
}

std::string tilt_divergence(const std::optional<evaluation::Tilt>& tilt) {
  return tilt ? number(tilt->divergence) : empty_cell;
}

std::string agreement_cell(const std::optional<evaluation::Agreement>& agreement) {
  return agreement ? with_error(agreement->fraction, agreement->standard_error) : empty_cell;
}

std::vector<Column> reward_columns() {
  return {{"reward", [](const GroupReport& g) { return reward_cell(g.samples); }},
          {"of the data", [](const GroupReport& g) { return reward_cell(g.data); }},
          {"exact tilt", tilt_reward},
          {"share reached", [](const GroupReport& g) { return number(g.share_reached); }},
          {"KL of the tilt", [](const GroupReport& g) { return tilt_divergence(g.tilt); }},
          {"least KL", [](const GroupReport& g) { return tilt_divergence(g.floor); }}};
}

std::string batch_cell(const evaluation::BatchMean& batches) {
  return with_error(batches.mean, evaluation::half_width(batches.standard_error));
}

std::vector<Column> divergence_columns() {
  return {{"KL",
           [](const GroupReport& g) {
             return with_error(g.divergence.whole.value, g.divergence.whole.standard_error);
           }},
          {"KL by batches", [](const GroupReport& g) { return batch_cell(g.divergence); }}};
}

void add_distance(const std::string& title, evaluation::Distance evaluation::Distances::*distance,
                  std::vector<Column>& columns) {
  columns.push_back(
      {title, [distance](const GroupReport& g) { return number((g.distances.*distance).value); }});
  columns.push_back({"by batches", [distance](const GroupReport& g) {
                       return batch_cell(g.distances.*distance);
                     }});
}

std::vector<Column> distance_columns() {
  std::vector<Column> columns;
  add_distance("MMD squared", &evaluation::Distances::discrepancy, columns);
  add_distance("energy distance", &evaluation::Distances::energy, columns);
  add_distance("sliced W1", &evaluation::Distances::sliced_first, columns);
  add_distance("sliced W2", &evaluation::Distances::sliced_second, columns);
  return columns;
}

std::vector<Column> other_columns() {
  return {{"label agreement", [](const GroupReport& g) { return agreement_cell(g.agreement); }},
          {"nearest/data", [](const GroupReport& g) { return number(g.nearest.ratio); }},
          {"copies",
           [](const GroupReport& g) {
             return g.nearest.mean_distance ? std::to_string(g.nearest.copies) : empty_cell;
           }},
          {"mean intensity",
           [](const GroupReport& g) {
             return with_error(g.samples.intensity.mean, g.samples.intensity.standard_error);
           }},
          {"of the data", [](const GroupReport& g) { return number(g.data.intensity.mean); }}};
}

std::vector<Column> main_columns() {
  std::vector<Column> columns = {
      {"samples", [](const GroupReport& g) { return std::to_string(g.samples.count); }}};
  for (const auto& some : {reward_columns(), divergence_columns(), other_columns()})
    columns.insert(columns.end(), some.begin(), some.end());
  return columns;
}

/// Title and cells from above; nothing if all cells are empty.
Cells cells_of(const Column& column, const std::vector<GroupReport>& groups) {
  Cells cells = {column.title};
  for (const auto& group : groups) cells.push_back(column.cell(group));
  const auto is_empty = [](const std::string& cell) { return cell == empty_cell; };
  return std::all_of(cells.begin() + 1, cells.end(), is_empty) ? Cells() : cells;
}

/// A line for each group; nothing if no column has anything to say.
std::string table_of(const std::vector<Column>& columns, const std::vector<GroupReport>& groups) {
  std::vector<Cells> lines = {{""}};
  for (const auto& group : groups)
    lines.push_back({group.label ? "label " + std::to_string(*group.label) : "all"});
  for (const auto& column : columns) {
    const auto cells = cells_of(column, groups);
    for (std::size_t i = 0; i < cells.size(); ++i) lines[i].push_back(cells[i]);
  }
  return lines.front().size() == 1 ? "" : text_table(lines);
}

/// What stands behind the signs +-.
std::string legend(const evaluation::Report& report) {
  std::string text = "\n± is one standard error";
  const auto batch = std::max(report.all.divergence.batch, report.all.distances.energy.batch);
  if (batch > 0)
    text += "; by batches of " + std::to_string(batch) +
            " points ± is half the 95 % interval of their mean";
  return text + ".\n";
}

std::string heading(const evaluation::Report& report) {
  std::string text = std::to_string(report.all.samples.count) + " samples against " +
                     std::to_string(report.all.data.count) + " rows of data in " +
                     std::to_string(report.dimension) + " dimensions";
  const auto& reward = report.config.reward;
  if (reward.kind == "none" || !report.config.wants("reward")) return text + ".\n\n";
  text += "; reward " + reward.kind;
  if (reward.beta > 0.0) text += ", beta " + number(reward.beta);
  return text + ".\n\n";
}

}  // namespace

std::string report_table(const evaluation::Report& report) {
  std::vector<GroupReport> groups = report.conditions;
  groups.insert(groups.begin(), report.all);
  std::string text = heading(report) + table_of(main_columns(), groups);
  const auto distances = table_of(distance_columns(), groups);
  if (!distances.empty()) text += "\n" + distances;
  text += legend(report);
  if (!report.notes.empty()) text += "\n";
  for (const auto& note : report.notes) text += note + "\n";
  return text;
}

}  // namespace tropism::app
