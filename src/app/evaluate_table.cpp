// SPDX-License-Identifier: MIT
#include "evaluate_table.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <vector>

namespace tropism::app {
namespace {

using evaluation::GroupReport;
using Cells = std::vector<std::string>;

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

std::vector<Column> divergence_columns() {
  return {{"KL",
           [](const GroupReport& g) {
             return with_error(g.divergence.whole.value, g.divergence.whole.standard_error);
           }},
          {"KL by batches", [](const GroupReport& g) {
             return with_error(g.divergence.mean, g.divergence.standard_error);
           }}};
}

std::vector<Column> other_columns() {
  return {{"label agreement", [](const GroupReport& g) { return agreement_cell(g.agreement); }},
          {"nearest/data", [](const GroupReport& g) { return number(g.nearest.ratio); }},
          {"copies", [](const GroupReport& g) { return std::to_string(g.nearest.copies); }},
          {"mean intensity",
           [](const GroupReport& g) {
             return with_error(g.samples.intensity.mean, g.samples.intensity.standard_error);
           }},
          {"of the data", [](const GroupReport& g) { return number(g.data.intensity.mean); }}};
}

std::vector<Column> all_columns() {
  std::vector<Column> columns = {
      {"",
       [](const GroupReport& g) { return g.label ? "label " + std::to_string(*g.label) : "all"; }},
      {"samples", [](const GroupReport& g) { return std::to_string(g.samples.count); }}};
  for (const auto& some : {reward_columns(), divergence_columns(), other_columns()})
    columns.insert(columns.end(), some.begin(), some.end());
  return columns;
}

/// Characters, not bytes, of a UTF-8 text.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

/// A column as lines of equal width, right-aligned below its title; nothing if all cells are empty.
Cells column_lines(const Column& column, const std::vector<GroupReport>& groups) {
  Cells lines = {column.title};
  for (const auto& group : groups) lines.push_back(column.cell(group));
  const auto is_empty = [](const std::string& cell) { return cell == empty_cell; };
  if (std::all_of(lines.begin() + 1, lines.end(), is_empty)) return {};
  std::size_t width = 0;
  for (const auto& line : lines) width = std::max(width, width_of(line));
  for (auto& line : lines) line.insert(0, width - width_of(line), ' ');
  return lines;
}

std::string heading(const evaluation::Report& report) {
  std::string text = std::to_string(report.all.samples.count) + " samples against " +
                     std::to_string(report.all.data.count) + " rows of data in " +
                     std::to_string(report.dimension) + " dimensions";
  const auto& reward = report.config.reward;
  if (reward.kind == "none") return text + ".\n\n";
  text += "; reward " + reward.kind;
  if (reward.beta > 0.0) text += ", beta " + number(reward.beta);
  return text + ".\n\n";
}

}  // namespace

std::string report_table(const evaluation::Report& report) {
  std::vector<GroupReport> groups = report.conditions;
  groups.insert(groups.begin(), report.all);
  Cells lines(groups.size() + 1);
  for (const auto& column : all_columns()) {
    const auto cells = column_lines(column, groups);
    for (std::size_t i = 0; i < cells.size(); ++i)
      lines[i] += (lines[i].empty() ? "" : "  ") + cells[i];
  }
  std::string text = heading(report);
  for (const auto& line : lines) text += line + "\n";
  if (!report.notes.empty()) text += "\n";
  for (const auto& note : report.notes) text += note + "\n";
  return text;
}

}  // namespace tropism::app
