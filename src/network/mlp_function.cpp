// SPDX-License-Identifier: MIT
#include "mlp_function.hpp"

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include <tropism/base/unwritten.hpp>

namespace tropism::network {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// A flat buffer as gradients of the parameters, in their shapes; undefined if it is undefined.
variable_list in_shapes(const torch::Tensor& flat, const variable_list& parameters) {
  variable_list gradients(parameters.size());
  std::int64_t offset = 0;
  for (std::size_t i = 0; flat.defined() && i < parameters.size(); ++i) {
    gradients[i] = flat.as_strided(parameters[i].sizes(), parameters[i].strides(), offset);
    offset += parameters[i].numel();
  }
  return gradients;
}

std::int64_t size_of(const variable_list& parameters) {
  std::int64_t size = 0;
  for (const auto& parameter : parameters) size += parameter.numel();
  return size;
}

/// Output of a full tape as a function of its input and its parameters.
struct PassOfTape : torch::autograd::Function<PassOfTape> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& input,
                               at::TensorList parameters, const torch::Tensor& output,
                               const c10::intrusive_ptr<Tape>& tape) {
    context->saved_data["tape"] = c10::IValue::make_capsule(tape);
    context->saved_data["input_size"] = input.sizes();
    context->save_for_backward(parameters.vec());
    return output.view_as(output);
  }

  static variable_list backward(AutogradContext* context, const variable_list& output_gradients) {
    const auto parameters = context->get_saved_variables();  // throws if they were changed since
    const auto tape =
        c10::static_intrusive_pointer_cast<Tape>(context->saved_data["tape"].toCapsule());
    PassGradients wanted;
    if (context->needs_input_grad(0))
      wanted.input = base::unwritten(context->saved_data["input_size"].toIntVector());
    if (context->needs_input_grad(1)) wanted.parameters = torch::zeros({size_of(parameters)});
    tape->backward(output_gradients[0].contiguous(), wanted);
    variable_list gradients = {wanted.input};
    for (auto& gradient : in_shapes(wanted.parameters, parameters))
      gradients.push_back(std::move(gradient));
    gradients.insert(gradients.end(), {torch::Tensor(), torch::Tensor()});  // output and tape
    return gradients;
  }
};

bool differentiable(const torch::Tensor& input, const MlpWeights& weights) {
  return torch::GradMode::is_enabled() &&
         (input.requires_grad() ||
          std::any_of(weights.parameters.begin(), weights.parameters.end(),
                      [](const auto& parameter) { return parameter.requires_grad(); }));
}

}  // namespace

bool suits_kernel(const torch::Tensor& input) {
  return input.is_cpu() && input.scalar_type() == torch::kFloat32 && input.dim() == 2;
}

torch::Tensor mlp_by_kernel(const torch::Tensor& input, const MlpWeights& weights) {
  const auto rows = input.contiguous();
  if (!differentiable(rows, weights)) return pass(weights, rows);
  auto tape = c10::make_intrusive<Tape>(weights, rows.size(0));
  const auto output = base::unwritten({rows.size(0), weights.outputs()});
  tape->append(rows, output);
  return mlp_from_tape(rows, output, std::move(tape));
}

torch::Tensor mlp_from_tape(const torch::Tensor& input, const torch::Tensor& output,
                            c10::intrusive_ptr<Tape> tape) {
  const at::TensorList parameters = tape->weights().parameters;
  return PassOfTape::apply(input, parameters, output, tape);
}

}  // namespace tropism::network
