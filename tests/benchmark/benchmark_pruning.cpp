// SPDX-License-Identifier: MIT
// The pruned estimate beside the exact one over noise times: how much faster, and how much of the
// weight was left out. Run it in the root of the repository, for jobs/data/digits.csv.
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "best_time.hpp"

#include <tropism/base/random.hpp>
#include <tropism/data/synthetic.hpp>
#include <tropism/io/csv.hpp>
#include <tropism/score/ratio_state.hpp>

namespace {

using namespace tropism;
using benchmark::best_time;

struct Set {
  std::string name;
  torch::Tensor x;  // [M, D], unit variance on average
};

torch::Tensor standardised(const torch::Tensor& x) {
  return (x - x.mean(0)) / x.var(0).mean().sqrt();
}

/// Eight by eight pixels without the label.
torch::Tensor digits() {
  const auto values = io::read_csv("jobs/data/digits.csv").values;
  return values.narrow(1, 0, values.size(1) - 1).to(torch::kFloat32).contiguous();
}

/// A hundred clusters in the plane.
torch::Tensor many_points() {
  data::MixtureConfig config;
  for (int i = 0; i < 100; ++i) {
    config.weights.push_back(1.0);
    config.means.push_back({static_cast<double>(i % 10), static_cast<double>(i / 10)});
    config.stds.push_back(0.1);
  }
  return data::mixture(1000000, config, 1).x;
}

/// Queries from p_t: noised rows of the data.
torch::Tensor noised(const torch::Tensor& x, score::NoiseLevel noise, std::int64_t num_queries) {
  const auto rows =
      torch::arange(num_queries) * std::max<std::int64_t>(1, x.size(0) / num_queries) % x.size(0);
  const auto normal =
      base::RandomStream(1, base::Purpose::evaluation).normal(0, 0, num_queries, x.size(1));
  return noise.signal * x.index_select(0, rows) + std::sqrt(noise.variance) * normal;
}

nlohmann::ordered_json measure(const Set& set, const score::DataBlock& exact,
                               const score::DataBlock& pruned, double time,
                               std::int64_t num_queries) {
  const double a = std::exp(-time);
  const score::NoiseLevel noise = {a, 1.0 - a * a};
  const auto x = noised(exact.x, noise, num_queries);
  const auto state_of = [&](const score::DataBlock& block) {
    return score::ratio_state(x, block, noise, score::Weights::none);
  };
  const double all = best_time([&] { (void)state_of(exact); });
  const double some = best_time([&] { (void)state_of(pruned); });
  const auto state = state_of(pruned);
  return {{"benchmark", "pruning"},
          {"data", set.name},
          {"rows", set.x.size(0)},
          {"dimension", set.x.size(1)},
          {"queries", num_queries},
          {"noise_time", time},
          {"allowed_share", pruned.pruning},
          {"largest_share",
           state.pruned.defined() ? (state.pruned / state.weight).max().item<double>() : 0.0},
          {"exact_seconds", all},
          {"pruned_seconds", some},
          {"times_faster", all / some}};
}

}  // namespace

int main() {
  const torch::NoGradGuard no_grad;
  const std::vector<Set> sets = {{"swiss-roll", data::swiss_roll(300, 0.0, 1).x},
                                 {"swiss-roll", data::swiss_roll(100000, 0.5, 1).x},
                                 {"digits", digits()},
                                 {"mixture", many_points()}};
  for (const auto& set : sets) {
    const auto exact = score::DataBlock::make(standardised(set.x), torch::Tensor());
    const auto pruned = exact.pruned_to(1e-4);
    for (const std::int64_t queries : {300, 10000})
      for (const double time : {0.001, 0.01, 0.05, 0.2, 1.0})
        std::cout << measure(set, exact, pruned, time, queries) << std::endl;
  }
}
