// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <memory>
#include <vector>

#include <tropism/base/random.hpp>
#include <tropism/diffusion/forward_process.hpp>
#include <tropism/score/rank_rounds.hpp>
#include <tropism/score/ratio_sum.hpp>
#include <tropism/score/score_function.hpp>
#include <tropism/score/score_signal.hpp>

namespace tropism::score {

class StreamedData;  // streamed_data.hpp

/// How sums over data are formed.
enum class Summation { running, exact };

/// What all bound batches share. Borrowed: must outlive the signals.
struct RatioSetting {
  const comm::Communicator* comm = nullptr;
  std::shared_ptr<const diffusion::ForwardProcess> process;
  std::shared_ptr<const RatioData> data;
  ScoreConfig config;
  base::RandomStream stream;
  Summation summation = Summation::running;
  std::int64_t micro_batch =
      0;  // with Summation::exact: queries are taken in blocks of this many rows
  // What draws from the posterior come from: signal = "posterior-draw" and "product".
  base::RandomStream posterior = {1, base::Purpose::posterior_draw};
  // Running sums over ranks: about so many queries of all ranks are held at a time
  // (rank_rounds.hpp)
  std::int64_t queries_at_once = 2048;
  std::shared_ptr<const StreamedData> streamed = nullptr;       // if not null, in place of `data`
  base::RandomStream data_rows = {1, base::Purpose::data_row};  // what draw_data comes from
};

/// What each of this rank's queries is bound to.
struct Binding {
  torch::Tensor groups;    // group of each query, int64 [B]
  torch::Tensor contexts;  // divided by the bandwidth, [B, C]; undefined without a kernel
  std::int64_t first_trajectory = 0;  // number of the first query among the run's trajectories

  Binding() = default;
  Binding(torch::Tensor their_groups, torch::Tensor their_contexts = {}, std::int64_t first = 0)
      : groups(std::move(their_groups)),
        contexts(std::move(their_contexts)),
        first_trajectory(first) {}
  [[nodiscard]] Binding at(const torch::Tensor& queries) const;  // int64 [b]
};

/// The ratio estimator (18) as the environment's score signal, for queries of known groups.
/// Exact over the rows in scope, or over m rows drawn afresh at each step (score.samples). With
/// score.signal = "posterior-draw" or "product" the score is that of draws from the exact weights,
/// the rest of the observation still the exact ratio's.
class RatioSignal final : public ScoreSignal {
 public:
  /// Collective if the scope is global.
  RatioSignal(std::shared_ptr<const RatioSetting> setting, const Binding& binding);

  [[nodiscard]] Observation observe(const torch::Tensor& y, double noise_time,
                                    Draw draw) const override;
  [[nodiscard]] torch::Tensor draw_data(Draw draw) const override;
  [[nodiscard]] bool is_collective() const override {
    return setting_->data->scope() == Scope::global;
  }

 private:
  struct Unit {
    std::int64_t group;
    torch::Tensor rows;
  };
  /// Queries that are taken together: all within the scope, or those of a round.
  struct Batch {
    Binding binding;
    std::vector<Unit> units;
  };
  [[nodiscard]] Batch batch_of(Binding binding) const;
  void bind_all_ranks(const Binding& own);
  void count_rows(const torch::Tensor& groups);
  [[nodiscard]] std::vector<QueryUnit> units_of(const Batch& batch, Draw draw) const;
  /// The states of this rank's queries x over the rows within the scope, one for each of `weights`.
  [[nodiscard]] std::vector<RatioState> states_of(const torch::Tensor& x, NoiseLevel noise,
                                                  Draw draw,
                                                  std::span<const Weights> weights) const;
  [[nodiscard]] std::vector<RatioState> running_states(const torch::Tensor& x, NoiseLevel noise,
                                                       Draw draw,
                                                       std::span<const Weights> weights) const;
  [[nodiscard]] std::vector<RatioState> exact_states(const torch::Tensor& x, NoiseLevel noise,
                                                     Draw draw,
                                                     std::span<const Weights> weights) const;

  [[nodiscard]] int rows_drawn() const;
  [[nodiscard]] torch::Tensor draw_posterior(const torch::Tensor& x, const torch::Tensor& uniform,
                                             NoiseLevel noise, Draw draw) const;
  void observe_draws(const torch::Tensor& x, NoiseLevel noise, Draw draw, Observation& seen) const;

  std::shared_ptr<const RatioSetting> setting_;
  std::vector<QueryRound> rounds_;  // of running sums over more than one rank; else empty
  std::vector<Batch> batches_;      // one for each round; else one of all queries within the scope
  torch::Tensor total_;             // rows behind each of this rank's queries, [B]
  std::int64_t first_query_ = 0;
  std::int64_t num_queries_ = 0;
  std::int64_t first_trajectory_ = 0;
};

/// The ratio estimator over all given rows as a plain score function, for any mix of noise times.
class RatioScore final : public ScoreFunction {
 public:
  /// @param data          [M, D]
  /// @param log_weights   [M], or undefined: with beta h(x_j)/2 it is the tilted score (D4)
  RatioScore(std::shared_ptr<const diffusion::ForwardProcess> process, const torch::Tensor& data,
             torch::Tensor log_weights);
  [[nodiscard]] torch::Tensor score(const torch::Tensor& x, const torch::Tensor& t) const override;

 private:
  std::shared_ptr<const diffusion::ForwardProcess> process_;
  torch::Tensor centre_;
  torch::Tensor centred_;
  torch::Tensor log_weights_;
};

}  // namespace tropism::score
