// SPDX-License-Identifier: MIT
#include <tropism/conditional/vector_family.hpp>

#include <tropism/conditional/context_field.hpp>

#include "support/alone.hpp"
#include "support/catch.hpp"
#include "support/reference/ratio_estimator.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;
using conditional::ContextPrior;
using conditional::Contexts;
using conditional::VectorFamily;
using score::ContextKernel;
using test::alone;

constexpr std::int64_t num_rows = 400, batch = 30;
constexpr double bandwidth = 0.3, noise_time = 0.7;

/// Points of the plane that follow their context, of two numbers.
struct ContextData {
  torch::Tensor context = 0.2 * test::normal_points(num_rows, 2, 4) + 5.0;
  torch::Tensor x = 3.0 * context + test::normal_points(num_rows, 2, 0);
  torch::Tensor log_weights = -0.1 * (x - 14.0).square().sum(1);
};

Contexts contexts_of(const ContextData& data) {
  auto dataset = data::whole_dataset(data.x);
  dataset.context = data.context;
  return Contexts(training::summarise_contexts(alone(), dataset));
}

VectorFamily family(const ContextData& data, ContextKernel kernel) {
  const auto contexts = contexts_of(data);
  const auto rows = std::make_shared<score::RatioData>(
      alone(), score::Scope::local,
      score::DataRows{.x = data.x,
                      .log_weights = data.log_weights,
                      .contexts = contexts.in_bandwidths(data.context, bandwidth),
                      .context_kernel = kernel},
      data.x.mean(0), 0);
  const score::ScoreConfig config;
  const score::RatioSetting setting = {
      &alone(), test::toy_process(), rows, config, {1, base::Purpose::estimator_rows}};
  return {std::make_shared<score::RatioSetting>(setting), contexts, bandwidth, ContextPrior::data,
          8};
}

torch::Tensor drawn(const ContextData& data, control::Trajectories trajectories) {
  return contexts_of(data).draw({8, base::Purpose::condition}, ContextPrior::data, trajectories);
}

TEST_CASE("A trajectory's signal weighs each row by the kernel between their contexts") {
  const ContextData data;
  const auto kernel = GENERATE(ContextKernel::gaussian, ContextKernel::compact);
  const control::Trajectories trajectories = {500, batch};
  const auto y = test::normal_points(batch, 2, 1) + 7.0;
  const auto process = test::toy_process();

  const auto seen = family(data, kernel).signal(trajectories)->observe(y, noise_time, {0, 0});

  const auto scale = data.context.to(torch::kFloat64).std(0, /*unbiased=*/false) * bandwidth;
  test::reference::RatioProblem problem = {y, data.x, torch::Tensor(), process->signal(noise_time),
                                           process->variance(noise_time)};
  problem.kernel = kernel == ContextKernel::gaussian ? test::reference::Kernel::gaussian
                                                     : test::reference::Kernel::compact;
  problem.query_contexts = drawn(data, trajectories).to(torch::kFloat64) / scale;
  problem.row_contexts = data.context.to(torch::kFloat64) / scale;
  const auto plain = test::reference::ratio_estimate(problem);
  problem.log_weights = data.log_weights;
  const auto tilted = test::reference::ratio_estimate(problem);
  CHECK(test::largest_difference(seen.score, plain.score) < 1e-4);
  CHECK(test::largest_difference(seen.score + seen.tilt_gradient, tilted.score) < 1e-4);
  CHECK(test::largest_difference(seen.log_tilt, tilted.log_density_sum - plain.log_density_sum) <
        1e-4);
}

TEST_CASE("Networks see the standardised contexts that the score signal uses") {
  const ContextData data;
  const control::Trajectories trajectories = {500, batch};
  const auto mlp = std::make_shared<network::Mlp>(
      1 + 2 + 2, 2, network::MlpConfig{.width = 8, .depth = 1, .activation = "tanh"},
      network::LastLayer::random, 1, 0);
  const auto t = torch::full({batch}, 0.5), z = test::normal_points(batch, 2, 1);

  const auto output =
      family(data, ContextKernel::gaussian).fields(trajectories)(mlp)->forward(t, z);

  const auto features = contexts_of(data).features(drawn(data, trajectories));
  const auto expected = mlp->forward(torch::cat({t.unsqueeze(1), z, features}, 1));
  CHECK(torch::equal(output, expected));
}

TEST_CASE("The contexts of trajectories do not depend on how they are dealt out") {
  const ContextData data;
  const auto y = test::normal_points(batch, 2, 1);
  const auto observe = [&](std::int64_t first, std::int64_t count) {
    return family(data, ContextKernel::gaussian)
        .signal({500 + first, count})
        ->observe(y.narrow(0, first, count), noise_time, {0, 0})
        .score;
  };

  const auto whole = observe(0, batch);

  CHECK(test::largest_difference(torch::cat({observe(0, 13), observe(13, 17)}), whole) < 1e-5);
}

}  // namespace
