// SPDX-License-Identifier: MIT
#include "report_notes.hpp"

#include <initializer_list>

namespace tropism::evaluation {
namespace {

constexpr std::int64_t most_dimensions_for_absolute_divergence = 10;

std::string name_of(const GroupReport& group) {
  return group.label ? "label " + std::to_string(*group.label) : std::string("all samples");
}

std::string of_all(std::int64_t some, std::int64_t all) {
  return std::to_string(some) + " of " + std::to_string(all);
}

void note_equal_points(const GroupReport& all, std::vector<std::string>& notes) {
  const auto count = all.samples.count;
  if (all.duplicates > 0) {
    notes.push_back(of_all(all.duplicates, count) +
                    " samples equal another sample; the KL estimate uses their next distinct "
                    "neighbour and counts the equal ones as density.");
  }
  if (all.nearest.copies > 0) {
    notes.push_back(of_all(all.nearest.copies, count) + " samples are copies of a training row.");
  }
}

void note_missing_divergence(const GroupReport& group, std::int64_t k,
                             std::vector<std::string>& notes) {
  if (group.divergence.whole.value) return;
  const bool too_few = group.samples.count <= k || group.data.count <= k;
  notes.push_back("There is no KL for " + name_of(group) + ": " +
                  (too_few ? "it needs more than " + std::to_string(k) +
                                 " samples and data rows, and there are " +
                                 std::to_string(group.samples.count) + " and " +
                                 std::to_string(group.data.count) + "."
                           : "no sample has a distinct neighbour both among the samples and in the "
                             "data; the true value is infinite."));
}

void note_left_out(const GroupReport& group, std::vector<std::string>& notes) {
  const auto& whole = group.divergence.whole;
  if (!whole.value || whole.left_out == 0) return;
  notes.push_back("The KL of " + name_of(group) + " leaves out " +
                  of_all(whole.left_out, whole.left_out + whole.points) +
                  " samples without a distinct neighbour.");
}

void note_missing_error(const GroupReport& all, std::vector<std::string>& notes) {
  if (!all.divergence.whole.value || all.divergence.batches >= 2) return;
  notes.push_back("There is no standard error over batches: " + std::to_string(all.samples.count) +
                  " samples make fewer than two batches of " +
                  std::to_string(all.divergence.batch) + ".");
}

/// Of the estimates over batches that are asked for, the one with the most of them.
const BatchMean& most_batches(const GroupReport& group) {
  const auto& distances = group.distances;
  const BatchMean* most = &group.divergence;
  for (const BatchMean* other : std::initializer_list<const BatchMean*>{
           &distances.discrepancy, &distances.energy, &distances.sliced_first})
    if (other->batches > most->batches) most = other;
  return *most;
}

void note_shared_data(const GroupReport& all, std::vector<std::string>& notes) {
  const auto& used = most_batches(all);
  if (used.batches < 2 || used.batch * used.batches <= all.data.count) return;
  notes.push_back("The " + std::to_string(used.batches) + " batches of " +
                  std::to_string(used.batch) + " points share the " +
                  std::to_string(all.data.count) +
                  " rows of data: their standard errors leave out what other data would change.");
}

void note_high_dimension(const Report& report, std::vector<std::string>& notes) {
  if (!report.config.wants("kl")) return;
  if (report.dimension <= most_dimensions_for_absolute_divergence) return;
  notes.push_back(
      "In " + std::to_string(report.dimension) +
      " dimensions the KL estimate weighs the finest differences, such as noise in pixels that are "
      "constant in the data: compare it with that of samples drawn without reward, not with 0.");
}

void note_rows_left_out(const GroupReport& all, std::vector<std::string>& notes) {
  const auto& used = all.distances;
  const bool has_value = used.discrepancy.value || used.energy.value || used.sliced_first.value;
  if (!has_value) return;
  if (used.sample_rows == all.samples.count && used.data_rows == all.data.count) return;
  notes.push_back("MMD, energy distance and sliced Wasserstein distance as a whole are of " +
                  of_all(used.sample_rows, all.samples.count) + " samples and " +
                  of_all(used.data_rows, all.data.count) +
                  " rows of data, chosen at random; those by batches are of all samples.");
}

void note_missing_bandwidth(const GroupReport& group, std::vector<std::string>& notes) {
  if (group.distances.bandwidth || group.samples.count == 0 || group.data.count == 0) return;
  notes.push_back("There is no MMD for " + name_of(group) +
                  ": the median distance of its points, which is the width of the kernel, is 0.");
}

void note_unreachable_reward(const GroupReport& group, std::vector<std::string>& notes) {
  if (!group.samples.reward || group.data.count == 0 || group.floor) return;
  notes.push_back("The mean reward of " + name_of(group) +
                  " is above that of the best data row: there is no least KL to compare with.");
}

}  // namespace

std::vector<std::string> notes_on(const Report& report) {
  std::vector<std::string> notes;
  note_equal_points(report.all, notes);
  note_missing_error(report.all, notes);
  note_shared_data(report.all, notes);
  note_high_dimension(report, notes);
  note_rows_left_out(report.all, notes);
  std::vector<GroupReport> groups = report.conditions;
  groups.insert(groups.begin(), report.all);
  for (const auto& group : groups) {
    if (report.config.wants("kl")) note_missing_divergence(group, report.config.neighbours, notes);
    note_left_out(group, notes);
    if (report.config.wants("mmd")) note_missing_bandwidth(group, notes);
    note_unreachable_reward(group, notes);
  }
  return notes;
}

}  // namespace tropism::evaluation
