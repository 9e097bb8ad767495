// SPDX-License-Identifier: MIT
// Pairs (query, row of data) per second of score::ratio_state, beside LibTorch's operators and what
// the machine could do at best. How to build and run it: CMakeLists.txt in this folder.
#include <ATen/Parallel.h>
#include <torch/types.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "best_time.hpp"
#include "machine_peak.hpp"

#include <tropism/base/random.hpp>
#include <tropism/score/ratio_state.hpp>

namespace {

using namespace tropism;
using benchmark::best_time;

constexpr std::int64_t num_queries = 256;
constexpr score::NoiseLevel noise = {0.6, 0.64};  // noise time 0.51 of dx = -x dt + sqrt(2) dB

torch::Tensor points(std::int64_t rows, std::int64_t dimension, std::int64_t set) {
  return base::RandomStream(1, base::Purpose::evaluation).normal(0, set, rows, dimension);
}

/// The estimate by LibTorch's operators. It forms less than ratio_state: neither the logarithm of
/// the density nor the sum of squares; and the terms of the rows alone are given.
torch::Tensor by_operators(const torch::Tensor& x, const torch::Tensor& data,
                           const torch::Tensor& bias) {
  const auto logits = torch::addmm(bias, x, data.t(), 1.0, noise.signal / noise.variance);
  return torch::softmax(logits, 1).mm(data);
}

/// What a pair costs in multiply-adds (and products, which take the same unit): D for the distance,
/// D for the weighted sum, 1 for the logit, 5 for the exponential, 1 for the sum of squares.
double multiply_adds_of_pair(std::int64_t dimension) {
  return 2.0 * static_cast<double>(dimension) + 7.0;
}

nlohmann::ordered_json measure(std::int64_t dimension, std::int64_t rows, double peak) {
  const auto x = points(num_queries, dimension, 1), data = points(rows, dimension, 2);
  const auto block = score::DataBlock::make(data, torch::Tensor());
  const auto bias = data.square().sum(1) * (-0.5 * noise.signal * noise.signal / noise.variance);
  const auto pairs = static_cast<double>(num_queries * rows);
  const auto state = [&] { return ratio_state(x, block, noise, score::Weights::none); };
  const auto found = state();
  const auto mean = found.weighted_sum / found.weight.unsqueeze(1);
  const double ours = pairs / best_time(state);
  const double theirs = pairs / best_time([&] { return by_operators(x, data, bias); });
  return {{"benchmark", "score"},
          {"dimension", dimension},
          {"rows", rows},
          {"queries", num_queries},
          {"threads", at::get_num_threads()},
          {"million_pairs_per_second", ours / 1e6},
          {"million_pairs_per_second_of_operators", theirs / 1e6},
          {"times_operators", ours / theirs},
          {"million_multiply_adds_per_second_at_best", peak / 1e6},
          {"share_of_peak", ours * multiply_adds_of_pair(dimension) / peak},
          {"largest_difference", (mean - by_operators(x, data, bias)).abs().max().item<double>()}};
}

}  // namespace

/// The dimensions given on the command line, or those of our targets.
int main(int num_arguments, char** arguments) {
  const torch::NoGradGuard no_grad;
  const double peak = benchmark::multiply_adds_per_second();
  std::vector<std::int64_t> dimensions;
  for (int i = 1; i < num_arguments; ++i) dimensions.push_back(std::stoll(arguments[i]));
  if (dimensions.empty()) dimensions = {1, 2, 8, 64, 784};
  for (const auto dimension : dimensions)
    for (const std::int64_t rows : {300, 1797, 16384, 65536, 1000000})
      if (dimension * rows <= 64000000) std::cout << measure(dimension, rows, peak) << std::endl;
}
