// SPDX-License-Identifier: MIT
// What a trainer says of an episode: the numbers of all ranks' trajectories, on rank 0.
#include <tropism/base/memory.hpp>
#include <tropism/comm/collectives.hpp>
#include <tropism/training/trainer.hpp>

namespace tropism::training {
namespace {

/// The columns of TrajectoryColumn. @param advantages   undefined unless of policy gradients
torch::Tensor trajectory_rows(const control::Episode& episode, const torch::Tensor& advantages,
                              const control::Losses& losses) {
  std::vector<torch::Tensor> columns = {episode.rewards.to(torch::kFloat64),
                                        losses.policy_per_trajectory(),
                                        losses.value_per_trajectory(), losses.policy_norm(),
                                        episode.effective_sample_size.to(torch::kFloat64)};
  if (advantages.defined()) {
    const auto kl = losses.kl.defined() ? losses.kl : torch::zeros_like(losses.ratio);
    for (const auto& column :
         {losses.ratio.mean(0), losses.clipped.mean(0), kl.sum(0) * losses.scale, advantages})
      columns.push_back(column.to(torch::kFloat64));
  }
  return torch::stack(columns, 1);
}

}  // namespace

void Trainer::complete(Report& report, const Outcome& outcome, const Policies& policies) const {
  const auto& [episode, advantages, losses, norm] = outcome;
  auto activations = torch::full({1}, episode.floor_activations, torch::kInt64);
  comm::reduce_sum_on_root(comm_, activations);
  report.floor_activations = activations.item<std::int64_t>();
  const double megabytes = static_cast<double>(base::resident_memory().peak) * 1e-6;
  auto largest = torch::tensor({episode.pruned_share, megabytes}, torch::kFloat64);
  comm::all_reduce_max(comm_, largest);
  report.pruned_share = largest[0].item<double>();
  report.peak_memory_megabytes = largest[1].item<double>();
  const auto columns = advantages.defined() ? num_columns_of_policy_gradient : num_columns;
  std::vector<torch::Tensor> rows = {torch::zeros({0, columns}, torch::kFloat64)};
  for (std::size_t i = 0; i < policies.size(); ++i) {
    const auto [first, count, mean] = policies[i];
    const auto of_part = advantages.defined() ? advantages.narrow(0, first, count) : advantages;
    rows.push_back(trajectory_rows(episode.rows(first, count), of_part, losses[i]));
  }
  const auto all = comm::gather_rows_on_root(comm_, torch::cat(rows));
  if (comm_.is_root()) summarise_trajectories(all, report);
}

}  // namespace tropism::training
