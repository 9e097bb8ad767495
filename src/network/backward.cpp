// SPDX-License-Identifier: MIT
#include <tropism/network/backward.hpp>

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/accumulate_grad.h>

#include <algorithm>
#include <optional>

#include <tropism/base/elementwise.hpp>
#include <tropism/base/error.hpp>

namespace tropism::network {
namespace {

using torch::autograd::AccumulateGrad;
using torch::autograd::Edge;
using torch::autograd::Node;

AccumulateGrad* parameter_of(const Edge& edge) {
  return dynamic_cast<AccumulateGrad*>(edge.function.get());
}

bool is_plain(const torch::Tensor& t) {
  return t.defined() && base::suits_loop(t) && t.is_contiguous();
}

/// Adds to a parameter's gradient: by a loop once it has one, as a dozen small tensors are many
/// operators.
void accumulate(AccumulateGrad& parameter, const torch::Tensor& gradient) {
  const auto& sum = parameter.variable.grad();
  if (!is_plain(sum) || !is_plain(gradient)) {
    parameter({gradient});
    return;
  }
  const auto* from = gradient.data_ptr<float>();
  auto* to = sum.data_ptr<float>();
  for (std::int64_t i = 0, count = gradient.numel(); i < count; ++i) to[i] += from[i];
}

/// The place of the only argument of an operation that another one made; none where parameters are
/// all that it has.
struct Argument {
  std::optional<std::size_t> place;
  bool only = true;
};

Argument argument_of(const Node& node) {
  Argument found;
  for (std::size_t i = 0; i < node.next_edges().size(); ++i) {
    const auto& edge = node.next_edges()[i];
    if (!edge.is_valid() || parameter_of(edge) != nullptr) continue;
    if (found.place || edge.function->num_inputs() != 1) return {{}, false};
    found.place = i;
  }
  return found;
}

bool is_chain(const Node* node) {
  while (true) {
    const auto argument = argument_of(*node);
    if (!argument.only || !argument.place) return argument.only;
    node = node->next_edges()[*argument.place].function.get();
  }
}

/// The gradient of an argument, summed over what the operation broadcast it to.
torch::Tensor of_shape(const Edge& edge, torch::Tensor gradient) {
  const auto& argument = edge.function->input_metadata(edge.input_nr);
  return argument.is_same_shape(gradient) ? gradient : argument.reduce_grad(gradient);
}

void walk(Node* node, torch::Tensor gradient) {
  while (gradient.defined()) {
    auto of_arguments = (*node)({std::move(gradient)});
    for (std::size_t i = 0; i < node->next_edges().size(); ++i) {
      const auto& edge = node->next_edges()[i];
      if (!edge.is_valid() || !of_arguments[i].defined()) continue;
      if (auto* parameter = parameter_of(edge))
        accumulate(*parameter, of_shape(edge, of_arguments[i]));
    }
    const auto argument = argument_of(*node).place;
    if (!argument) return;
    const auto& edge = node->next_edges()[*argument];
    gradient = of_arguments[*argument];
    if (gradient.defined()) gradient = of_shape(edge, gradient);
    node = edge.function.get();
  }
}

bool begins_chain(const torch::Tensor& output) {
  const auto& node = output.grad_fn();
  return node != nullptr && node->num_inputs() == 1 && is_chain(node.get());
}

}  // namespace

void backward(const std::vector<torch::Tensor>& outputs,
              const std::vector<torch::Tensor>& gradients) {
  base::expects(outputs.size() == gradients.size(), "a gradient for each output");
  if (!std::all_of(outputs.begin(), outputs.end(), begins_chain))
    return torch::autograd::backward(outputs, gradients);
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    base::expects(outputs[i].sizes() == gradients[i].sizes(), "a gradient of the output's shape");
    walk(outputs[i].grad_fn().get(), gradients[i]);
  }
}

}  // namespace tropism::network
