// SPDX-License-Identifier: MIT
#include <tropism/base/config_check.hpp>
#include <tropism/reward/reward.hpp>

namespace tropism::reward {
namespace {

void check_given(const std::string& kind, const std::string& key,
                 const std::vector<double>& numbers) {
  if (numbers.empty()) {
    base::refuse_value("reward", key, base::config_text(numbers),
                       "a list of at least one number where kind = " + base::config_text(kind));
  }
}

void check_box(const std::vector<double>& low, const std::vector<double>& high) {
  check_given("box", "low", low);
  if (high.size() != low.size()) {
    base::refuse_value("reward", "high", base::config_text(high),
                       "a list as long as low = " + base::config_text(low));
  }
  for (std::size_t i = 0; i < low.size(); ++i) {
    if (low[i] < high[i]) continue;
    base::refuse_value("reward", "low", base::config_text(low),
                       "less than high = " + base::config_text(high) + " in every coordinate");
  }
}

}  // namespace

void RewardConfig::validate() const {
  base::check_one_of("reward", "kind", kind,
                     {"none", "quadratic", "box", "linear", "mean-intensity"});
  base::check_not_negative("reward", "beta", beta);
  base::check_one_of("reward", "units", units, {"original", "scaled"});
  base::check_finite("reward", "target", target);
  base::check_finite("reward", "weights", weights);
  base::check_finite("reward", "low", low);
  base::check_finite("reward", "high", high);
  if (kind == "quadratic") check_given(kind, "target", target);
  if (kind == "linear") check_given(kind, "weights", weights);
  if (kind == "box") check_box(low, high);
}

}  // namespace tropism::reward
