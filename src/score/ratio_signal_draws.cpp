// SPDX-License-Identifier: MIT
// What a RatioSignal hears where its signal is drawn from the posterior.
#include <algorithm>
#include <numeric>

#include <tropism/comm/collectives.hpp>
#include <tropism/score/posterior_draw.hpp>
#include <tropism/score/ratio_signal.hpp>

namespace tropism::score {

/// m of the ratio; draws come from all rows.
int RatioSignal::rows_drawn() const {
  return setting_->config.signal == "ratio" ? setting_->config.samples : 0;
}

/// Rows for this rank's queries, [B, N, D], by uniform numbers [B, N]: batch by batch, each with
/// the queries of all ranks where their rows are in scope.
torch::Tensor RatioSignal::draw_posterior(const torch::Tensor& x, const torch::Tensor& uniform,
                                          NoiseLevel noise, Draw draw) const {
  const auto& comm = *setting_->comm;
  const auto scope = setting_->data->scope();
  auto drawn = torch::empty({num_queries_, uniform.size(1), x.size(1)});
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    comm::RowRange own = {0, num_queries_};
    std::int64_t place = first_query_;  // of this rank's queries among those of the batch
    if (!rounds_.empty()) {
      const auto& counts = rounds_[i].counts;
      own = rounds_[i].own;
      place = std::accumulate(counts.begin(), counts.begin() + comm.rank(), std::int64_t{0});
    }
    const auto of_batch = [&](const torch::Tensor& rows) {
      const auto mine = rows.narrow(0, own.first, own.count).contiguous();
      return scope == Scope::global ? comm::all_gather_rows(comm, mine) : mine;
    };
    const Queries queries = {of_batch(x), batches_[i].binding.contexts};
    const PosteriorDraws posterior(comm, scope, queries, units_of(batches_[i], draw), noise);
    drawn.narrow(0, own.first, own.count)
        .copy_(posterior.draw(of_batch(uniform)).narrow(0, place, own.count));
  }
  return drawn;
}

/// x_0 ~ p_0(.|context): the posterior of a query that is all noise, x = 0 with a = 0 but for
/// round-off, weighs rows by their context alone.
torch::Tensor RatioSignal::draw_data(Draw draw) const {
  constexpr NoiseLevel all_noise = {1e-4, 1.0};
  const auto x = torch::zeros({num_queries_, setting_->data->dimension()});
  const auto uniform =
      join_uniform(setting_->data_rows.uniform(first_trajectory_, draw.step, num_queries_, 2));
  return draw_posterior(x, uniform, all_noise, draw).select(1, 0) + setting_->data->centre();
}

void RatioSignal::observe_draws(const torch::Tensor& x, NoiseLevel noise, Draw draw,
                                Observation& seen) const {
  const std::int64_t sets = setting_->config.signal == "product" ? 2 : 1;
  const std::int64_t draws = std::max(1, setting_->config.samples);
  // The number of a trajectory tells its episode too.
  const auto uniform = join_uniform(
      setting_->posterior.uniform(first_trajectory_, draw.step, num_queries_, 2 * sets * draws));
  const auto drawn = draw_posterior(x, uniform, noise, draw);
  const auto told = score_of_draws(x, drawn.view({num_queries_, sets, draws, x.size(1)}), noise);
  seen.score = told.score;
  seen.score_noise = told.noise;
}

}  // namespace tropism::score
