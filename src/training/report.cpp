// SPDX-License-Identifier: MIT
#include <tropism/training/report.hpp>

#include <cmath>
#include <nlohmann/json.hpp>

namespace tropism::training {

nlohmann::json to_json(const Report& report) {
  nlohmann::json json = {{"step", report.step},
                         {"episodes", report.step},
                         {"samples_seen", report.samples_seen},
                         {"seconds", report.seconds},
                         {"episodes_per_second", report.episodes_per_second},
                         {"policy_loss", report.policy_loss},
                         {"value_loss", report.value_loss},
                         {"reward_mean", report.reward_mean},
                         {"reward_standard_error", report.reward_standard_error},
                         {"policy_norm", report.policy_norm},
                         {"gradient_norm", report.gradient_norm},
                         {"effective_sample_size", report.effective_sample_size},
                         {"floor_activations", report.floor_activations},
                         {"pruned_share", report.pruned_share},
                         {"peak_memory_megabytes", report.peak_memory_megabytes},
                         {"learning_rate", report.learning_rate},
                         {"time",
                          {{"rollout", report.time.rollout},
                           {"score", report.time.score},
                           {"learn", report.time.learn},
                           {"reduce", report.time.reduce},
                           {"io", report.time.io}}}};
  if (const auto& of = report.policy_gradient)
    json["policy_gradient"] = {{"ratio_mean", of->ratio_mean},
                               {"clipped_share", of->clipped_share},
                               {"kl", of->kl},
                               {"advantage_deviation", of->advantage_deviation}};
  return json;
}

void summarise_trajectories(const torch::Tensor& rows, Report& report) {
  const auto count = static_cast<double>(rows.size(0));
  const auto mean = [&](TrajectoryColumn column) {
    return rows.select(1, column).sum().item<double>() / count;
  };
  report.reward_mean = mean(reward);
  report.policy_loss = mean(policy_loss);
  report.value_loss = mean(value_loss);
  report.policy_norm = mean(policy_norm);
  report.effective_sample_size = mean(sample_size);
  if (rows.size(1) == num_columns_of_policy_gradient) {
    const auto advantages = rows.select(1, advantage);
    const auto spread = (advantages - mean(advantage)).square().sum().item<double>();
    report.policy_gradient = {mean(ratio), mean(clipped), mean(divergence),
                              std::sqrt(spread / count)};
  }
  const auto squares = (rows.select(1, reward) - report.reward_mean).square().sum().item<double>();
  report.reward_standard_error = count > 1.0 ? std::sqrt(squares / (count - 1.0) / count) : 0.0;
}

}  // namespace tropism::training
