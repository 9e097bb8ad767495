// SPDX-License-Identifier: MIT
// Pairs (query, row of data) per second of score::ratio_state, beside LibTorch's operators and what
// the machine could do at best. How to build and run it: CMakeLists.txt in this folder.
#include <ATen/Parallel.h>
#include <torch/types.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "best_time.hpp"

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

/// A yardstick: what LibTorch gets out of one thread. A better exponential can beat it.
struct Peak {
  double exponentials;   // e^x in float32 per second, operands in the first-level cache
  double multiply_adds;  // float32 fused multiply-adds per second, in a product of matrices
};

Peak measure_peak() {
  const auto few = points(1, 4096, 3);
  auto results = torch::empty_like(few);
  const double exp_seconds = best_time([&] { torch::exp_out(results, few); });
  constexpr std::int64_t n = 768;
  const auto a = points(n, n, 4), b = points(n, n, 5);
  auto product = torch::empty({n, n});
  const double mm_seconds = best_time([&] { torch::mm_out(product, a, b); });
  return {4096.0 / exp_seconds, static_cast<double>(n * n * n) / mm_seconds};
}

/// One exponential and at least 2 D multiply-adds a pair: the distance, and the weighted sum.
double pairs_at_best(const Peak& peak, std::int64_t dimension) {
  return 1.0 /
         (1.0 / peak.exponentials + 2.0 * static_cast<double>(dimension) / peak.multiply_adds);
}

nlohmann::ordered_json measure(std::int64_t dimension, std::int64_t rows, const Peak& peak) {
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
          {"million_exponentials_per_second", peak.exponentials / 1e6},
          {"million_multiply_adds_per_second", peak.multiply_adds / 1e6},
          {"times_yardstick", ours / pairs_at_best(peak, dimension)},
          {"largest_difference", (mean - by_operators(x, data, bias)).abs().max().item<double>()}};
}

}  // namespace

/// The dimensions given on the command line, or those of our targets.
int main(int num_arguments, char** arguments) {
  const torch::NoGradGuard no_grad;
  const auto peak = measure_peak();
  std::vector<std::int64_t> dimensions;
  for (int i = 1; i < num_arguments; ++i) dimensions.push_back(std::stoll(arguments[i]));
  if (dimensions.empty()) dimensions = {1, 2, 8, 64, 784};
  for (const auto dimension : dimensions)
    for (const std::int64_t rows : {300, 1797, 16384, 65536, 1000000})
      if (dimension * rows <= 64000000) std::cout << measure(dimension, rows, peak) << std::endl;
}
