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

json moments_json(const Moments& moments) {
  return {{"mean", or_null(moments.mean)},
          {"standard_error", or_null(moments.standard_error)},
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

json divergence_json(const MatchedDivergence& divergence) {
  const auto& whole = divergence.whole;
  return {{"value", or_null(whole.value)},
          {"standard_error", or_null(whole.standard_error)},
          {"batch", divergence.batch},
          {"batches", divergence.batches},
          {"batch_mean", or_null(divergence.mean)},
          {"batch_standard_error", or_null(divergence.standard_error)},
          {"points", whole.points},
          {"duplicates", whole.duplicates},
          {"copies", whole.copies},
          {"left_out", whole.left_out}};
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

json group_json(const GroupReport& group) {
  json object = {{"samples", set_json(group.samples)},
                 {"data", set_json(group.data)},
                 {"kl", divergence_json(group.divergence)},
                 {"label_agreement", agreement_json(group.agreement)},
                 {"data_label_agreement", agreement_json(group.data_agreement)},
                 {"nearest", memorisation_json(group.nearest)},
                 {"duplicates", group.duplicates},
                 {"tilt", tilt_json(group.tilt)},
                 {"share_reached", or_null(group.share_reached)},
                 {"least_kl", tilt_json(group.floor)}};
  if (group.label) object["label"] = *group.label;
  return object;
}

}  // namespace

json report_json(const Report& report) {
  json conditions = json::array();
  for (const auto& group : report.conditions) conditions.push_back(group_json(group));
  return {{"format", "tropism.report"},
          {"format_version", 1},
          {"dimension", report.dimension},
          {"reward",
           {{"kind", report.config.reward.kind},
            {"beta", report.config.reward.beta},
            {"units", report.config.reward.units}}},
          {"neighbours", report.config.neighbours},
          {"all", group_json(report.all)},
          {"conditions", conditions},
          {"notes", report.notes}};
}

}  // namespace tropism::evaluation
