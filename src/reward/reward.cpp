// SPDX-License-Identifier: MIT
#include <tropism/reward/reward.hpp>

#include <tropism/base/elementwise.hpp>
#include <tropism/base/error.hpp>
#include <tropism/base/unwritten.hpp>

namespace tropism::reward {
namespace {

class NoReward final : public Reward {
 public:
  [[nodiscard]] torch::Tensor evaluate(const torch::Tensor& x) const override {
    return x.select(1, 0) * 0.0;
  }
};

/// h(x) = -|x - target|^2, eq. (34).
class QuadraticReward final : public Reward {
 public:
  explicit QuadraticReward(torch::Tensor target) : target_(std::move(target)) {}
  [[nodiscard]] torch::Tensor evaluate(const torch::Tensor& x) const override {
    return -(x - target_).square().sum(1);
  }

 private:
  torch::Tensor target_;
};

/// h(x) = weights . x
class LinearReward final : public Reward {
 public:
  explicit LinearReward(torch::Tensor weights) : weights_(std::move(weights)) {}
  [[nodiscard]] torch::Tensor evaluate(const torch::Tensor& x) const override {
    return (x * weights_).sum(1);
  }

 private:
  torch::Tensor weights_;
};

/// h(x) = 1 where low <= x <= high in the first coordinates, else 0.
class BoxReward final : public Reward {
 public:
  BoxReward(torch::Tensor low, torch::Tensor high) : low_(std::move(low)), high_(std::move(high)) {}
  [[nodiscard]] torch::Tensor evaluate(const torch::Tensor& x) const override {
    if (base::suits_loop(x)) return by_loop(x.contiguous());
    const auto bounded = x.narrow(1, 0, low_.size(0));
    return bounded.ge(low_).logical_and(bounded.le(high_)).all(1).to(x.dtype());
  }

 private:
  [[nodiscard]] torch::Tensor by_loop(const torch::Tensor& x) const {
    auto result = base::unwritten({x.size(0)});
    const auto* row = x.data_ptr<float>();
    const auto *low = low_.data_ptr<float>(), *high = high_.data_ptr<float>();
    auto* value = result.data_ptr<float>();
    for (std::int64_t i = 0; i < x.size(0); ++i, row += x.size(1)) {
      bool inside = true;
      for (std::int64_t k = 0; k < low_.size(0); ++k)
        inside = inside && row[k] >= low[k] && row[k] <= high[k];
      value[i] = inside ? 1.0F : 0.0F;
    }
    return result;
  }

  torch::Tensor low_;
  torch::Tensor high_;
};

class ScaledReward final : public Reward {
 public:
  ScaledReward(std::shared_ptr<const Reward> reward, torch::Tensor offset, torch::Tensor factor)
      : reward_(std::move(reward)), offset_(std::move(offset)), factor_(std::move(factor)) {}
  [[nodiscard]] torch::Tensor evaluate(const torch::Tensor& x) const override {
    return reward_->evaluate(offset_ + factor_ * x);
  }

 private:
  std::shared_ptr<const Reward> reward_;
  torch::Tensor offset_;
  torch::Tensor factor_;
};

torch::Tensor to_tensor(const std::vector<double>& numbers) {
  return torch::tensor(numbers, torch::kFloat32);
}

/// One number for all coordinates, or one each.
torch::Tensor one_per_coordinate(const std::vector<double>& numbers, const char* key,
                                 std::int64_t dimension) {
  const auto count = static_cast<std::int64_t>(numbers.size());
  if (count == 1 || count == dimension) return to_tensor(numbers).expand({dimension}).contiguous();
  throw base::ConfigError("[reward] " + std::string(key) + " has " + std::to_string(count) +
                          " numbers, but the data have " + std::to_string(dimension) +
                          " coordinates: give one number per coordinate, or one for all.");
}

std::shared_ptr<const Reward> make_box(const RewardConfig& config, std::int64_t dimension) {
  const auto bounds = static_cast<std::int64_t>(config.low.size());
  if (bounds <= dimension)
    return std::make_shared<BoxReward>(to_tensor(config.low), to_tensor(config.high));
  throw base::ConfigError("[reward] low and high bound the first " + std::to_string(bounds) +
                          " coordinates, but the data have only " + std::to_string(dimension) +
                          ".");
}

}  // namespace

std::shared_ptr<const Reward> make_reward(const RewardConfig& config, std::int64_t dimension) {
  config.validate();
  if (config.kind == "quadratic")
    return std::make_shared<QuadraticReward>(
        one_per_coordinate(config.target, "target", dimension));
  if (config.kind == "linear")
    return std::make_shared<LinearReward>(one_per_coordinate(config.weights, "weights", dimension));
  if (config.kind == "mean-intensity")
    return std::make_shared<LinearReward>(
        torch::full({dimension}, 1.0 / static_cast<double>(dimension)));
  if (config.kind == "box") return make_box(config, dimension);
  return std::make_shared<NoReward>();
}

std::shared_ptr<const Reward> in_scaled_units(std::shared_ptr<const Reward> reward,
                                              torch::Tensor offset, torch::Tensor factor) {
  return std::make_shared<ScaledReward>(std::move(reward), std::move(offset), std::move(factor));
}

}  // namespace tropism::reward
