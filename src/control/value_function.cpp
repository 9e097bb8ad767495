// SPDX-License-Identifier: MIT
#include <tropism/control/value_function.hpp>

#include <torch/csrc/autograd/autograd.h>

#include <numbers>

#include <tropism/base/error.hpp>

namespace tropism::control {
namespace {

/// d/dy sum_i values_i / 2; the graph is kept for the loss that follows.
torch::Tensor half_gradient(const torch::Tensor& values, const torch::Tensor& y) {
  return torch::autograd::grad({values.sum()}, {y}, {}, /*retain_graph=*/true)[0].mul_(0.5);
}

}  // namespace

ValueFunction::ValueFunction(const ValueConfig& config, double beta,
                             std::shared_ptr<const reward::Reward> reward,
                             std::shared_ptr<const network::NoisedGaussianFit> fit,
                             std::shared_ptr<const network::Field> field,
                             std::shared_ptr<const score::ScoreFunction> policy_mean)
    : form_(config.form == "plain"  ? Form::plain
            : config.form == "skip" ? Form::skip
                                    : Form::data),
      normalised_inputs_(config.inputs == "normalised"),
      beta_(beta),
      reward_(std::move(reward)),
      fit_(std::move(fit)),
      field_(std::move(field)),
      policy_mean_(std::move(policy_mean)) {
  base::expects(field_ != nullptr || form_ == Form::data,
                "a value network, except in the data form");
}

// pi tau / (2 T)
torch::Tensor ValueFunction::phase(const torch::Tensor& noise_time) const {
  return noise_time * (0.5 * std::numbers::pi / fit_->process().terminal_time());
}

torch::Tensor ValueFunction::field_output(const torch::Tensor& y,
                                          const torch::Tensor& noise_time) const {
  if (!normalised_inputs_) return field_->forward(fit_->time_passed(noise_time), y);
  const auto fit = fit_->at(noise_time);
  return field_->forward(fit.noise_level(), fit.normalise(y));
}

// F (plain) or sin(pi tau/2T) F
torch::Tensor ValueFunction::network_part(const torch::Tensor& y,
                                          const torch::Tensor& noise_time) const {
  const auto f = field_output(y, noise_time).squeeze(1);
  return form_ == Form::plain ? f : phase(noise_time).sin() * f;
}

// beta cos(pi tau/2T) h( (y + v mu)/a )
torch::Tensor ValueFunction::skip_part(const torch::Tensor& y,
                                       const torch::Tensor& noise_time) const {
  const auto& process = fit_->process();
  const auto v = process.variance(noise_time).unsqueeze(1),
             a = process.signal(noise_time).unsqueeze(1);
  const auto x0_hat = (y + v * policy_mean_->score(y, noise_time)) / a;
  return phase(noise_time).cos() * reward_->evaluate(x0_hat) * beta_;
}

ValueAnswer ValueFunction::evaluate(const ValueQuery& query, Gradient gradient) const {
  const bool wanted = gradient == Gradient::wanted;
  const auto y = query.y.detach().requires_grad_(wanted);
  ValueAnswer answer;
  answer.value = field_ ? network_part(y, query.noise_time) : torch::zeros({y.size(0)});
  if (form_ == Form::skip) {
    const auto skip = skip_part(y, query.noise_time);
    // The critic's loss must not train the policy through x0_hat: only J_y sees this graph.
    if (wanted) answer.half_gradient_learned = half_gradient(answer.value + skip, y);
    answer.value = answer.value + skip.detach();
  } else if (wanted && field_) {
    answer.half_gradient_learned = half_gradient(answer.value, y);
  }
  if (form_ == Form::data && query.log_tilt.defined()) {
    answer.value = answer.value + 2.0 * query.log_tilt;
    answer.half_gradient_known = query.tilt_gradient;
  }
  return answer;
}

}  // namespace tropism::control
