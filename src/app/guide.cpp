// SPDX-License-Identifier: MIT
#include "guide.hpp"

#include <cmath>

#include <tropism/base/error.hpp>

#include "value_summary.hpp"

namespace tropism::app {
namespace {

constexpr double rounding = 1e-6;  // relative, of what is the same number in both

[[noreturn]] void refuse(const std::string& path, const std::string& reason) {
  throw base::ConfigError("--guide " + path + " cannot guide this checkpoint: " + reason);
}

bool are_equal(double first, double second) {
  return std::abs(first - second) <= rounding * std::max(std::abs(first), std::abs(second));
}

bool are_equal(const torch::Tensor& first, const torch::Tensor& second) {
  return first.sizes() == second.sizes() && first.allclose(second, rounding, 0.0);
}

/// Where a_t, v_t, f and g agree at these times, the processes are the same.
bool are_equal(const diffusion::ForwardProcess& first, const diffusion::ForwardProcess& second) {
  const double end = first.terminal_time();
  if (!are_equal(end, second.terminal_time())) return false;
  for (const double t : {0.1 * end, 0.5 * end, end}) {
    const bool equal = are_equal(first.signal(t), second.signal(t)) &&
                       are_equal(first.variance(t), second.variance(t)) &&
                       are_equal(first.diffusion_squared(t), second.diffusion_squared(t));
    if (!equal) return false;
  }
  return true;
}

std::string kind_of_condition(const Model& model) {
  if (model.labels) return "labels";
  return model.contexts ? "contexts" : "no context";
}

void check_conditions(const Model& guided, const Model& guide, const std::string& path) {
  const bool knows_none = !guide.labels && !guide.contexts;
  if (knows_none) return;
  if (kind_of_condition(guide) != kind_of_condition(guided))
    refuse(path, "it was trained on " + kind_of_condition(guide) + ", but the checkpoint on " +
                     kind_of_condition(guided) + ", which says nothing to it.");
  if (guide.contexts && guide.contexts->size() != guided.contexts->size())
    refuse(path, "its contexts have " + count_text(guide.contexts->size(), "number") +
                     ", but those of the checkpoint " + std::to_string(guided.contexts->size()) +
                     ".");
}

}  // namespace

void check_guidance(const DrawOptions& options) {
  if (options.guidance && options.guide.empty())
    throw base::ConfigError(
        "--guidance needs --guide FILE, a second checkpoint that the samples are led away from: "
        "one trained on the same data without a context, for instance.");
  if (!options.guidance && !options.guide.empty())
    throw base::ConfigError(
        "--guide needs --guidance W: 1 is no guidance, 0 the guide alone, and above 1 the samples "
        "are led away from it.");
  if (options.guidance && !std::isfinite(*options.guidance))
    throw base::ConfigError("--guidance makes no sense: it must be a finite number.");
}

void check_guide(const DrawSource& guided, const DrawSource& guide, const std::string& path) {
  if (guide.data.shape != guided.data.shape)
    refuse(path, "its points have another shape than those of the checkpoint.");
  if (!are_equal(*guide.model.process, *guided.model.process))
    refuse(path, "its [process] is another one, so that the same noise time is another noise.");
  const auto& own = guide.data.scaling;
  const auto& other = guided.data.scaling;
  if (!are_equal(own.offset, other.offset) || !are_equal(own.factor, other.factor))
    refuse(path,
           "its data are scaled otherwise. Import both sets of data with --scale none, or "
           "train both on the same data.");
  check_conditions(guided.model, guide.model, path);
}

Conditions conditions_for_guide(const Model& guided, const Model& guide,
                                const Conditions& conditions) {
  auto same = conditions;
  if (guide.labels) same.places = guide.labels->places(guided.labels->labels(conditions.places));
  return same;
}

}  // namespace tropism::app
