// SPDX-License-Identifier: MIT
#include <nlohmann/json.hpp>

#include <tropism/evaluation/report.hpp>

namespace tropism::evaluation {
namespace {

using nlohmann::json;

template <class Value>
json or_null(const std::optional<Value>& value) {
  return value ? json(*value) : json();
}

json interval_json(const std::optional<double>& mean, const std::optional<double>& half_width) {
  if (!mean || !half_width) return nullptr;
  return {*mean - *half_width, *mean + *half_width};
}

json moments_json(const Moments& moments) {
  return {{"mean", or_null(moments.mean)},
          {"standard_error", or_null(moments.standard_error)},
          {"interval_95", interval_json(moments.mean, half_width(moments.standard_error))},
          {"sd", or_null(moments.sd)}};
}

json reward_json(const std::optional<RewardSummary>& reward) {
  if (!reward) return nullptr;
  auto object = moments_json(reward->moments);
  object["fraction_positive"] = or_null(reward->fraction_positive);
  return object;
}

json set_json(const SetSummary& set) {
  json object = {{"count", set.count},
                 {"reward", reward_json(set.reward)},
                 {"mean_intensity", moments_json(set.intensity)},
                 {"mean_intensity_scaled", or_null(set.intensity_scaled)},
                 {"sd_of_coordinates", or_null(set.sd)}};
  if (!set.column_mean.empty()) object["mean"] = set.column_mean;
  if (!set.column_sd.empty()) object["sd"] = set.column_sd;
  return object;
}

json batches_json(const BatchMean& batches) {
  return {{"batch", batches.batch},
          {"batches", batches.batches},
          {"batch_mean", or_null(batches.mean)},
          {"batch_standard_error", or_null(batches.standard_error)},
          {"batch_interval_95", interval_json(batches.mean, half_width(batches.standard_error))}};
}

json divergence_json(const MatchedDivergence& divergence) {
  const auto& whole = divergence.whole;
  auto object = batches_json(divergence);
  object["value"] = or_null(whole.value);
  object["standard_error"] = or_null(whole.standard_error);
  object["points"] = whole.points;
  object["duplicates"] = whole.duplicates;
  object["copies"] = whole.copies;
  object["left_out"] = whole.left_out;
  return object;
}

json distance_json(const Distance& distance) {
  auto object = batches_json(distance);
  object["value"] = or_null(distance.value);
  return object;
}

/// What is not asked for is null.
void add_distances(const Distances& distances, const ReportConfig& config, json& object) {
  for (const auto* name :
       {"mmd_squared", "energy_distance", "sliced_wasserstein_1", "sliced_wasserstein_2"})
    object[name] = nullptr;
  if (config.wants("mmd")) {
    object["mmd_squared"] = distance_json(distances.discrepancy);
    object["mmd_squared"]["bandwidth"] = or_null(distances.bandwidth);
  }
  if (config.wants("energy")) object["energy_distance"] = distance_json(distances.energy);
  if (!config.wants("sliced-wasserstein")) return;
  object["sliced_wasserstein_1"] = distance_json(distances.sliced_first);
  object["sliced_wasserstein_2"] = distance_json(distances.sliced_second);
}

json agreement_json(const std::optional<Agreement>& agreement) {
  if (!agreement) return nullptr;
  return {{"fraction", or_null(agreement->fraction)},
          {"standard_error", or_null(agreement->standard_error)},
          {"count", agreement->count},
          {"agreeing", agreement->agreeing}};
}

json memorisation_json(const Memorisation& nearest) {
  return {{"mean_distance", or_null(nearest.mean_distance)},
          {"data_mean_distance", or_null(nearest.data_mean_distance)},
          {"ratio", or_null(nearest.ratio)},
          {"copies", nearest.copies}};
}

json tilt_json(const std::optional<Tilt>& tilt) {
  if (!tilt) return nullptr;
  return {{"beta", tilt->beta},
          {"mean_reward", tilt->mean_reward},
          {"kl", tilt->divergence},
          {"effective_rows", tilt->effective_rows}};
}

json group_json(const GroupReport& group, const ReportConfig& config) {
  json object = {
      {"samples", set_json(group.samples)},
      {"data", set_json(group.data)},
      {"kl", config.wants("kl") ? divergence_json(group.divergence) : json()},
      {"label_agreement", agreement_json(group.agreement)},
      {"data_label_agreement", agreement_json(group.data_agreement)},
      {"nearest", config.wants("memorisation") ? memorisation_json(group.nearest) : json()},
      {"duplicates", group.duplicates},
      {"tilt", tilt_json(group.tilt)},
      {"share_reached", or_null(group.share_reached)},
      {"least_kl", tilt_json(group.floor)}};
  add_distances(group.distances, config, object);
  if (group.label) object["label"] = *group.label;
  return object;
}

}  // namespace

json report_json(const Report& report) {
  json conditions = json::array();
  for (const auto& group : report.conditions)
    conditions.push_back(group_json(group, report.config));
  return {{"format", "tropism.report"},
          {"format_version", 1},
          {"dimension", report.dimension},
          {"reward",
           {{"kind", report.config.reward.kind},
            {"beta", report.config.reward.beta},
            {"units", report.config.reward.units}}},
          {"metrics", report.config.metrics},
          {"neighbours", report.config.neighbours},
          {"kl_form", report.config.kl_form},
          {"projections", report.config.directions},
          {"projection_seed", report.config.seed},
          {"all", group_json(report.all, report.config)},
          {"conditions", conditions},
          {"notes", report.notes}};
}

}  // namespace tropism::evaluation
