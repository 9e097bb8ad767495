// SPDX-License-Identifier: MIT
#include <tropism/evaluation/report_config.hpp>

#include <algorithm>

#include <tropism/base/error.hpp>
#include <tropism/base/nearest_name.hpp>

namespace tropism::evaluation {
namespace {

[[noreturn]] void refuse(const std::string& sentence) {
  throw base::ConfigError(sentence);
}

bool is_among(const std::string& name, const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void check_metric(const std::string& metric) {
  if (is_among(metric, metric_names())) return;
  const auto meant = base::nearest_name(metric, metric_names());
  refuse("The metric \"" + metric + "\" is not known." +
         (meant.empty() ? "" : " Did you mean " + meant + "?") + " A metric is " +
         base::join_choices(metric_names()) + ".");
}

void check_at_least(std::int64_t value, std::int64_t least, const std::string& what) {
  if (value >= least) return;
  refuse("The number of " + what + " is " + std::to_string(value) + ", but it must be " +
         std::to_string(least) + " or more.");
}

}  // namespace

const std::vector<std::string>& metric_names() {
  static const std::vector<std::string> names = {
      "reward", "kl", "mmd", "energy", "sliced-wasserstein", "labels", "memorisation"};
  return names;
}

void ReportConfig::validate() const {
  reward.validate();
  for (const auto& metric : metrics) check_metric(metric);
  if (metrics.empty()) refuse("No metric is asked for.");
  check_at_least(neighbours, 1, "neighbours");
  check_at_least(batches.count, 0, "batches");
  check_at_least(directions, 1, "projections");
  if (seed < 0)
    refuse("The seed of the projections is " + std::to_string(seed) +
           ", but it must not be negative.");
  if (kl_form != "plain" && kl_form != "bias-reduced")
    refuse("The form of the KL estimate is plain or bias-reduced, not " + kl_form + ".");
  if (batches.rows > neighbours) return;
  refuse("A batch of " + std::to_string(batches.rows) + " points is too small: with " +
         std::to_string(neighbours) + " neighbours it needs at least " +
         std::to_string(neighbours + 1) + ".");
}

bool ReportConfig::wants(const std::string& metric) const {
  return is_among(metric, metrics);
}

DivergenceForm ReportConfig::divergence_form() const {
  return kl_form == "plain" ? DivergenceForm::plain : DivergenceForm::bias_reduced;
}

}  // namespace tropism::evaluation
