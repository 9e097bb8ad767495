// SPDX-License-Identifier: MIT
#include "estimator_study.hpp"

#include <cmath>
#include <memory>
#include <numeric>

#include <tropism/comm/agreement.hpp>
#include <tropism/comm/row_split.hpp>
#include <tropism/data/synthetic.hpp>
#include <tropism/diffusion/forward_process.hpp>
#include <tropism/score/posterior_draw.hpp>

namespace tropism::app {
namespace {

constexpr std::uint64_t seed = 1;
constexpr std::int64_t states_at_once = 50;  // what is held of all their draws: 20 MB

/// Sets of random numbers: one per noise time.
struct Streams {
  base::RandomStream noise{seed, base::Purpose::evaluation};
  base::RandomStream rows{seed, base::Purpose::estimator_rows};
  base::RandomStream draws{seed, base::Purpose::posterior_draw};
};

/// One rank's part of the study at one noise time.
class StudyAtTime {
 public:
  StudyAtTime(const StudySize& size, const comm::Communicator& comm, double noise_time,
              std::int64_t number)
      : size_(size),
        comm_(comm),
        time_(noise_time),
        number_(number),
        mine_(comm::split_rows(size.states, comm.size(), comm.rank(), size.draw_every)) {
    const diffusion::OrnsteinUhlenbeck process(noise_time, 1.0, std::sqrt(2.0));
    noise_ = {process.signal(noise_time), process.variance(noise_time)};
    const auto x0 = data::swiss_roll(size.states, 0.0, seed + 1).x;
    const auto xi = streams_.noise.normal(0, number, size.states, 2);
    x_ = (x0 * noise_.signal + xi * std::sqrt(noise_.variance)).narrow(0, mine_.first, mine_.count);
  }

  std::vector<StudyRow> run(const torch::Tensor& rows, Progress& progress) {
    theory_ = theory_of(x_, rows, noise_);
    score::RatioData data(alone_, score::Scope::local, score::DataRows{.x = rows},
                          torch::zeros({2}), 0);
    const auto ratio = ratio_estimates(data);
    const auto draws = drawn_estimates(data, progress);
    std::vector<StudyRow> found;
    for (std::size_t i = 0; i < study_sizes_m.size(); ++i)
      found.push_back(row_of(study_sizes_m[i], ratio[i], draws[i], rows));
    return found;
  }

 private:
  using Estimates = std::vector<torch::Tensor>;  // one [R, Q, 2] per m

  [[nodiscard]] Estimates ratio_estimates(const score::RatioData& data) const {
    Estimates estimates;
    for (const auto m : study_sizes_m) {
      std::vector<torch::Tensor> repeats;
      for (std::int64_t r = 0; r < size_.repeats; ++r) {
        const auto blocks = data.draw(0, m, streams_.rows, {r, 10 * number_ + m});
        const auto state =
            score::ratio_state(score::Queries(x_), blocks, noise_, score::Weights::none);
        repeats.push_back(score::estimate(state, x_, data.centre(), noise_, 0.0, {}).score);
      }
      estimates.push_back(torch::stack(repeats));
    }
    return estimates;
  }

  /// Of what belongs to this rank's states: the part at which draws are made.
  [[nodiscard]] torch::Tensor drawn_part(const torch::Tensor& of_states) const {
    return of_states.slice(0, 0, mine_.count, size_.draw_every);
  }

  /// The same numbers for any number of ranks: those of a state depend on its number.
  [[nodiscard]] Estimates drawn_estimates(const score::RatioData& data, Progress& progress) const {
    const auto x = drawn_part(x_).contiguous();
    Estimates estimates;
    for (std::size_t i = 0; i < study_sizes_m.size(); ++i)
      estimates.push_back(torch::empty({size_.repeats, x.size(0), 2}));
    for (std::int64_t first = 0; first < x.size(0); first += states_at_once) {
      const auto count = std::min(states_at_once, x.size(0) - first);
      const auto number = mine_.first / size_.draw_every + first;
      const auto means = means_of_draws(data, x.narrow(0, first, count), number);
      for (std::size_t i = 0; i < means.size(); ++i)
        estimates[i].narrow(1, first, count).copy_(means[i]);
      progress.update(number_ * x.size(0) + first + count);
    }
    return estimates;
  }

  /// (a xbar - x)/v of R sets of m draws, one [R, q, 2] per m.
  [[nodiscard]] Estimates means_of_draws(const score::RatioData& data, const torch::Tensor& x,
                                         std::int64_t number) const {
    const auto count = x.size(0);
    const auto of_all = std::accumulate(study_sizes_m.begin(), study_sizes_m.end(), std::int64_t{});
    const auto uniform = score::join_uniform(
        streams_.draws.uniform(number, number_, count, 2 * size_.repeats * of_all));
    const score::PosteriorDraws posterior(alone_, score::Scope::local, score::Queries(x),
                                          {{torch::arange(count, torch::kInt64), data.blocks(0)}},
                                          noise_);
    const auto drawn = posterior.draw(uniform);
    Estimates estimates;
    std::int64_t begin = 0;
    for (const auto m : study_sizes_m) {
      const auto sets =
          drawn.narrow(1, begin, size_.repeats * m).view({count, size_.repeats, m, 2});
      const auto mean = sets.mean(2).transpose(0, 1);
      estimates.push_back((mean * noise_.signal - x) / noise_.variance);
      begin += size_.repeats * m;
    }
    return estimates;
  }

  [[nodiscard]] StudyRow row_of(std::int64_t m, const torch::Tensor& ratio,
                                const torch::Tensor& draws, const torch::Tensor& rows) const {
    const auto of_m = 1.0 / static_cast<double>(m);
    const auto repeats = static_cast<double>(size_.repeats);
    const auto bias = theory_.bias_times_m * of_m, variance = theory_.variance_times_m * of_m,
               draw_variance = drawn_part(theory_.draw_variance) * of_m;
    const double trace = rows.to(torch::kFloat64).var(0).sum().item<double>();
    const auto over_states = [&](const torch::Tensor& t) { return mean_over_states(comm_, t); };
    return {.noise_time = time_,
            .m = m,
            .ratio = errors_of(comm_, ratio, theory_.score),
            .draws = errors_of(comm_, draws, drawn_part(theory_.score)),
            .predicted_bias = over_states(expected_l1(bias, variance, repeats)),
            .predicted_variance = over_states(variance),
            .predicted_bias_of_20 = over_states(expected_l1(bias, variance, 20.0)),
            .predicted_draws_bias = over_states(
                expected_l1(torch::zeros_like(drawn_part(bias)), draw_variance, repeats)),
            .predicted_draws_variance = over_states(draw_variance),
            .large_time_variance = std::pow(noise_.signal / noise_.variance, 2) * trace * of_m};
  }

  StudySize size_;
  const comm::Communicator& comm_;
  double time_;
  std::int64_t number_;
  comm::RowRange mine_;
  comm::Communicator alone_ = comm::Communicator::alone();
  Streams streams_;
  score::NoiseLevel noise_{};
  torch::Tensor x_;  // this rank's states
  EstimatorTheory theory_;
};

}  // namespace

std::vector<StudyRow> study_estimator(const StudySize& size, const std::vector<double>& noise_times,
                                      const comm::Communicator& comm, ProgressMode mode) {
  const auto rows = data::swiss_roll(size.rows, 0.0, seed).x;
  const auto mine = comm::split_rows(size.states, comm.size(), comm.rank(), size.draw_every);
  const auto of_time = (mine.count + size.draw_every - 1) / size.draw_every;
  const auto times = static_cast<std::int64_t>(noise_times.size());
  Progress progress(mode, std::max<std::int64_t>(1, times * of_time), "states with draws");
  std::vector<StudyRow> found;
  for (std::int64_t i = 0; i < times; ++i) {
    StudyAtTime study(size, comm, noise_times[static_cast<std::size_t>(i)], i);
    for (const auto& row : study.run(rows, progress)) found.push_back(row);
  }
  progress.finish();
  return found;
}

}  // namespace tropism::app
