// SPDX-License-Identifier: MIT
#include <tropism/data/synthetic.hpp>

#include <cmath>
#include <numbers>
#include <numeric>

#include <tropism/base/error.hpp>
#include <tropism/base/random.hpp>

namespace tropism::data {
namespace {

/// What the random numbers of one row are for: the `step` of the stream. Part of the definition of
/// a set.
enum Draw : std::int64_t {
  position = 0,
  noise_draw = 1,
  reward_noise = 2,
  basis_draw = 3,
  direction = 4
};

base::RandomStream stream(std::uint64_t seed) {
  return {seed, base::Purpose::synthetic_data};
}

torch::Tensor uniform(std::uint64_t seed, std::int64_t rows) {
  return stream(seed).uniform(0, Draw::position, rows, 1).select(1, 0);
}

torch::Tensor normal(std::uint64_t seed, Draw draw, std::int64_t rows, std::int64_t columns) {
  return stream(seed).normal(0, draw, rows, columns).to(torch::kFloat64);
}

void require(bool holds, const std::string& sentence) {
  if (!holds) throw base::ConfigError(sentence);
}

torch::Tensor means_of(const MixtureConfig& config) {
  std::vector<double> flat;
  for (const auto& mean : config.means) flat.insert(flat.end(), mean.begin(), mean.end());
  return torch::tensor(flat, torch::kFloat64)
      .reshape({static_cast<std::int64_t>(config.means.size()), -1});
}

/// Component k for u in [c_{k-1}, c_k), c the cumulated weights.
torch::Tensor choose_components(const torch::Tensor& u, const std::vector<double>& weights) {
  const auto cumulated = torch::tensor(weights, torch::kFloat64).cumsum(0);
  const auto inner = cumulated.narrow(0, 0, cumulated.size(0) - 1) / cumulated[-1];
  return torch::bucketize(u, inner, /*out_int32=*/false, /*right=*/true);
}

}  // namespace

Dataset swiss_roll(std::int64_t rows, double noise, std::uint64_t seed) {
  require(rows >= 1,
          "The number of samples is " + std::to_string(rows) + "; at least 1 was expected.");
  require(noise >= 0 && std::isfinite(noise),
          "The noise of a swiss roll is a standard deviation: 0 or more.");
  const auto t = 1.5 * std::numbers::pi * (1.0 + 2.0 * uniform(seed, rows));
  const auto spiral = torch::stack({t * t.cos(), t * t.sin()}, 1);
  auto dataset = whole_dataset(spiral + noise * normal(seed, Draw::noise_draw, rows, 2));
  dataset.context = t.unsqueeze(1).to(torch::kFloat32);
  return dataset;
}

Dataset mixture_1d(std::int64_t rows, std::uint64_t seed) {
  auto dataset =
      mixture(rows, {.weights = {0.5, 0.5}, .means = {{-3.0}, {3.0}}, .stds = {1.0, 1.0}}, seed);
  dataset.label.reset();
  return dataset;
}

void MixtureConfig::validate() const {
  require(!weights.empty() && weights.size() == means.size() && weights.size() == stds.size(),
          "A mixture needs as many weights, means and stds as components; there are " +
              std::to_string(weights.size()) + " weights, " + std::to_string(means.size()) +
              " means and " + std::to_string(stds.size()) + " stds.");
  for (std::size_t component = 0; component < weights.size(); ++component) {
    const std::string which = " of component " + std::to_string(component);
    require(weights[component] > 0 && std::isfinite(weights[component]),
            "The weight" + which + " must be positive.");
    require(stds[component] >= 0 && std::isfinite(stds[component]),
            "The std" + which + " must be 0 or more.");
    require(!means[component].empty() && means[component].size() == means[0].size(),
            "The mean" + which + " must have as many coordinates as the others.");
    for (const double coordinate : means[component])
      require(std::isfinite(coordinate), "The mean" + which + " must be finite.");
  }
}

Dataset mixture(std::int64_t rows, const MixtureConfig& config, std::uint64_t seed) {
  config.validate();
  require(rows >= 1,
          "The number of samples is " + std::to_string(rows) + "; at least 1 was expected.");
  const auto component = choose_components(uniform(seed, rows), config.weights);
  const auto means = means_of(config);
  const auto std =
      torch::tensor(config.stds, torch::kFloat64).index_select(0, component).unsqueeze(1);
  const auto noise = normal(seed, Draw::noise_draw, rows, means.size(1));
  auto dataset = whole_dataset(means.index_select(0, component) + std * noise);
  dataset.label = component;
  return dataset;
}

void SubspaceConfig::validate() const {
  require(latent >= 1 && dimension >= latent, "A subspace of dimension " + std::to_string(latent) +
                                                  " does not fit in " + std::to_string(dimension) +
                                                  " dimensions.");
  require(labelled_rows >= -1, "The number of labelled rows is 0 or more, or -1 for all.");
  require(label_noise >= 0 && std::isfinite(label_noise),
          "The noise of the labels is a standard deviation: 0 or more.");
}

SubspaceTruth subspace_truth(const SubspaceConfig& config, std::uint64_t seed) {
  config.validate();
  const auto gaussian = normal(seed, Draw::basis_draw, config.dimension, config.latent);
  const auto [q, r] = torch::linalg_qr(gaussian);
  const auto basis = q * r.diagonal().sign();  // makes Q unique, hence Haar distributed
  const auto beta = normal(seed, Draw::direction, 1, config.latent)[0];
  return {basis, basis.mv(beta / beta.norm())};
}

Dataset subspace(std::int64_t rows, const SubspaceConfig& config, std::uint64_t seed) {
  require(rows >= 1,
          "The number of samples is " + std::to_string(rows) + "; at least 1 was expected.");
  const auto truth = subspace_truth(config, seed);
  const auto x = normal(seed, Draw::noise_draw, rows, config.latent).matmul(truth.basis.t());
  const auto noise = normal(seed, Draw::reward_noise, rows, 1).select(1, 0);
  auto reward = x.mv(truth.theta) + config.label_noise * noise;
  if (config.labelled_rows >= 0 && config.labelled_rows < rows)
    reward.narrow(0, config.labelled_rows, rows - config.labelled_rows).fill_(std::nan(""));
  auto dataset = whole_dataset(x);
  dataset.reward = reward.to(torch::kFloat32);
  return dataset;
}

}  // namespace tropism::data
