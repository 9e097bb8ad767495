// SPDX-License-Identifier: MIT
#include "context_study.hpp"

#include <cmath>
#include <functional>

namespace tropism::app {
namespace {

using nlohmann::json;

std::string place_of(const ContextStudy& study, double context) {
  if (is_in_support(study.support, context)) return "with rows";
  const double last =
      1.0 - 2.0 * (1.0 - study.support.share) / static_cast<double>(study.support.parts);
  return context < last ? "between" : "beyond";
}

/// Of the three laws that are beside the exact optimum.
struct Errors {
  double smoothed = 0.0, rows = 0.0, ours = 0.0;
};

Cells cells_of(const Errors& errors) {
  return {significant(errors.smoothed, 3), significant(errors.rows, 3),
          significant(errors.ours, 3)};
}

using ErrorsOf = std::function<Errors(const ContextLaw&)>;

Errors mean_over(const std::vector<const ContextLaw*>& laws, const ErrorsOf& errors_of) {
  Errors mean;
  for (const auto* law : laws) {
    const auto errors = errors_of(*law);
    mean.smoothed += errors.smoothed;
    mean.rows += errors.rows;
    mean.ours += errors.ours;
  }
  const auto n = static_cast<double>(laws.size());
  return {mean.smoothed / n, mean.rows / n, mean.ours / n};
}

Errors squared_errors(const ContextLaw& law) {
  const auto squared = [&](double mean) { return std::pow(mean - law.exact.mean, 2); };
  return {squared(law.smoothed.mean), squared(law.exact.rows.mean), squared(law.exact.law.mean)};
}

Errors divergences(const ContextLaw& law) {
  return {law.smoothed_divergence, law.exact.rows.divergence, law.exact.law.divergence};
}

std::vector<const ContextLaw*> laws_at(const ContextStudy& study, const std::string& place) {
  std::vector<const ContextLaw*> laws;
  for (const auto& law : study.laws)
    if (place_of(study, law.context) == place) laws.push_back(&law);
  return laws;
}

void add_errors(const ContextStudy& study, const std::string& place, std::vector<Cells>& cells) {
  const auto laws = laws_at(study, place);
  if (laws.empty()) return;
  const auto squares = mean_over(laws, squared_errors), kl = mean_over(laws, divergences);
  Cells line = {study.name, place, significant(study.beta, 4)};
  for (const auto& errors :
       {Errors{std::sqrt(squares.smoothed), std::sqrt(squares.rows), std::sqrt(squares.ours)}, kl})
    for (const auto& cell : cells_of(errors)) line.push_back(cell);
  cells.push_back(line);
}

std::string table_of_errors(const std::vector<ContextStudy>& studies) {
  std::vector<Cells> cells = {{"rows at", "judged at contexts", "beta", "mean: smoothed", "rows",
                               "ours", "KL: smoothed", "rows", "ours"}};
  for (const auto& study : studies)
    for (const auto* place : {"with rows", "between", "beyond"}) add_errors(study, place, cells);
  return text_table(cells);
}

Cells smoothed_cells(const ContextLaw& law) {
  return {significant(law.exact.beta, 4),           "smoothed",
          significant(law.smoothed.mean, 4),        significant(law.smoothed.std, 4),
          significant(law.smoothed.mean_reward, 4), significant(law.smoothed_divergence, 4)};
}

void add_lines(const ContextLaw& law, std::vector<Cells>& cells) {
  auto lines = directed_cells(law.exact);
  lines.insert(lines.begin() + 1, smoothed_cells(law));
  for (auto& line : lines) {
    line.insert(line.begin(), significant(law.context, 3));
    cells.push_back(line);
  }
}

/// The centres of the eighths of [-1, 1], every third context: those with rows where all have them,
/// else those without.
std::string table_of_laws(const std::vector<ContextStudy>& studies, std::int64_t parts) {
  std::vector<Cells> cells = {directed_titles()};
  cells[0].insert(cells[0].begin(), "c");
  for (const auto& study : studies)
    for (std::size_t i = parts == 1 ? 1 : 4; i < study.laws.size(); i += 6)
      if (study.support.parts == parts) add_lines(study.laws[i], cells);
  return text_table(cells);
}

json to_json(const ContextStudy& study, const ContextLaw& law) {
  auto object = directed_json(law.exact);
  object["data"] = study.name;
  object["context"] = law.context;
  object["place"] = place_of(study, law.context);
  object["smoothed"] = {{"mean", law.smoothed.mean},
                        {"sd", law.smoothed.std},
                        {"reward", law.smoothed.mean_reward},
                        {"kl", law.smoothed_divergence}};
  object["ours"]["kl_from_smoothed"] = law.smoothed.law.divergence;
  return object;
}

}  // namespace

std::string context_tables(const std::vector<ContextStudy>& studies) {
  return "Error of the mean, root of the mean square over contexts, and KL, mean over contexts:\n" +
         table_of_errors(studies) +
         "In an interval without rows the kernel takes the nearest ones, beyond the last interval "
         "those of its end. Ours was\nnever trained there: between intervals it is what the "
         "network "
         "makes of both sides, beyond them nothing holds it.\n\nRows at all contexts, at four of "
         "them:\n" +
         table_of_laws(studies, 1) +
         "\nEvery second interval left out, in the middles of the intervals without rows:\n" +
         table_of_laws(studies, 4);
}

json context_json(const std::vector<ContextStudy>& studies) {
  auto rows = json::array();
  for (const auto& study : studies)
    for (const auto& law : study.laws) rows.push_back(to_json(study, law));
  return rows;
}

}  // namespace tropism::app
