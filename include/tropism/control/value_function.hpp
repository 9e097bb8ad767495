// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <memory>

#include <tropism/control/control_config.hpp>
#include <tropism/network/field.hpp>
#include <tropism/network/preconditioning.hpp>
#include <tropism/reward/reward.hpp>
#include <tropism/score/score_function.hpp>

namespace tropism::control {

/// States at which a value function is asked, and what the environment saw there.
struct ValueQuery {
  torch::Tensor y;              // [n, D]
  torch::Tensor noise_time;     // tau, [n]
  torch::Tensor log_tilt;       // [n]; undefined without a reward (only the data form looks)
  torch::Tensor tilt_gradient;  // tilted score - plain score, [n, D]; likewise
};

/// A value function's answer. J_y/2 is what the optimal policy mean adds to the score in the SDE,
/// eq. (22); in the ODE it adds half as much (q_learning.hpp).
struct ValueAnswer {
  torch::Tensor value;                  // J, [n], with a graph to the network's parameters
  torch::Tensor half_gradient_known;    // the part of J_y/2 that the data give in closed form, [n,
                                        // D], or undefined
  torch::Tensor half_gradient_learned;  // the part that is learned, [n, D], or undefined; no graph
};

enum class Gradient { wanted, not_wanted };

/// Value function J^Theta(t, y) of [GZZ24, eq. (15)], beta h(y) at the end. Forms:
///   plain   J = F                                                           (published)
///   skip    J = beta cos(pi tau/2T) h(x0_hat) + sin(pi tau/2T) F,  x0_hat = (y + v mu)/a [ZCZYT24]
///   data    J = 2 log( sum_i e^{beta h(x_i)/2} p_tau(y|x_i) / sum_i p_tau(y|x_i) ) + sin(pi
///   tau/2T) F:
///           D2 on the empirical law, whose gradient is known in closed form; F learns what the
///           data do not say
/// F is the network on (t, y), or on (log(v/a^2)/4, y normalised by the Gaussian fit to the noised
/// data). Only in the plain form does J hold its entropy part (D1), which depends on time alone.
class ValueFunction {
 public:
  /// @param field         the network, or null (data form only): F = 0
  /// @param policy_mean   for x0_hat of the skip form
  ValueFunction(const ValueConfig& config, double beta,
                std::shared_ptr<const reward::Reward> reward,
                std::shared_ptr<const network::NoisedGaussianFit> fit,
                std::shared_ptr<const network::Field> field,
                std::shared_ptr<const score::ScoreFunction> policy_mean);

  [[nodiscard]] ValueAnswer evaluate(const ValueQuery& query, Gradient gradient) const;
  [[nodiscard]] bool has_network() const { return field_ != nullptr; }
  [[nodiscard]] bool holds_entropy() const { return form_ == Form::plain; }

 private:
  enum class Form { plain, skip, data };
  [[nodiscard]] torch::Tensor field_output(const torch::Tensor& y,
                                           const torch::Tensor& noise_time) const;
  [[nodiscard]] torch::Tensor network_part(const torch::Tensor& y,
                                           const torch::Tensor& noise_time) const;
  [[nodiscard]] torch::Tensor skip_part(const torch::Tensor& y,
                                        const torch::Tensor& noise_time) const;
  [[nodiscard]] torch::Tensor phase(const torch::Tensor& noise_time) const;

  Form form_;
  bool normalised_inputs_;
  double beta_;
  std::shared_ptr<const reward::Reward> reward_;
  std::shared_ptr<const network::NoisedGaussianFit> fit_;
  std::shared_ptr<const network::Field> field_;
  std::shared_ptr<const score::ScoreFunction> policy_mean_;
};

}  // namespace tropism::control
