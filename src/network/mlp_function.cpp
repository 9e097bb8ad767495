// SPDX-License-Identifier: MIT
#include "mlp_function.hpp"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "mlp_kernel.hpp"

namespace tropism::network {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// A backward pass takes so many panels at a time that a layer's input and both deltas stay in the
// second-level cache, but enough for the sums of lanes at the end of each gradient to cost little.
constexpr std::size_t numbers_in_cache = 196608;
constexpr std::size_t fewest_panels = 8;

std::size_t size_of(const torch::Tensor& t, std::int64_t dimension) {
  return static_cast<std::size_t>(t.size(dimension));
}

KernelNetwork network_of(at::TensorList parameters, const std::vector<Activation>& activations) {
  std::vector<KernelLayer> layers;
  for (std::size_t l = 0; 2 * l < parameters.size(); ++l) {
    const auto &weight = parameters[2 * l], &bias = parameters[2 * l + 1];
    layers.push_back({.weight = weight.data_ptr<float>(),
                      .bias = bias.data_ptr<float>(),
                      .inputs = size_of(weight, 1),
                      .outputs = size_of(weight, 0),
                      .activation = l < activations.size() ? activations[l] : Activation::none});
  }
  return KernelNetwork(std::move(layers));
}

std::size_t panels_of(std::size_t rows) {
  return (rows + panel_rows() - 1) / panel_rows();
}

torch::Tensor numbers(std::size_t count) {
  return torch::empty({static_cast<std::int64_t>(count)});
}

/// Calls `use` with ranges of panels, some of them on each thread.
template <class Use>
void over_panels(std::size_t panels, Use&& use) {
  at::parallel_for(0, static_cast<std::int64_t>(panels), 4,
                   [&](std::int64_t begin, std::int64_t end) {
                     use(static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
                   });
}

/// @param tape   to be filled, or undefined
torch::Tensor forward(const KernelNetwork& network, const torch::Tensor& input,
                      const torch::Tensor& tape) {
  const std::size_t rows = size_of(input, 0), of_panel = network.lines() * panel_rows();
  auto output = torch::empty({input.size(0), static_cast<std::int64_t>(network.outputs())});
  over_panels(panels_of(rows), [&](std::size_t begin, std::size_t end) {
    const std::size_t first = begin * panel_rows();
    const auto scratch = tape.defined() ? torch::Tensor() : numbers(of_panel);
    float* into =
        tape.defined() ? tape.data_ptr<float>() + begin * of_panel : scratch.data_ptr<float>();
    forward_rows(network, input.data_ptr<float>() + first * network.inputs(),
                 std::min(rows, end * panel_rows()) - first,
                 output.data_ptr<float>() + first * network.outputs(), into, tape.defined());
  });
  return output;
}

/// Gradients of parameters [P] (added to) and input, each undefined if it is not wanted.
void backward(const KernelNetwork& network, const torch::Tensor& tape,
              const torch::Tensor& output_gradient, const torch::Tensor& of_parameters,
              const torch::Tensor& of_input) {
  const std::size_t rows = size_of(output_gradient, 0);
  const std::size_t at_once =
      std::max(fewest_panels, numbers_in_cache / (3 * network.widest() * panel_rows()));
  const auto scratch =
      numbers(network.scratch_lines() * panel_rows() * std::min(at_once, panels_of(rows)));
  for (std::size_t panel = 0; panel < panels_of(rows); panel += at_once) {
    const std::size_t first = panel * panel_rows();
    const std::size_t count = std::min(rows - first, at_once * panel_rows());
    backward_rows(
        network, tape.data_ptr<float>() + first * network.lines(), count,
        output_gradient.data_ptr<float>() + first * network.outputs(),
        {.parameters = of_parameters.defined() ? of_parameters.data_ptr<float>() : nullptr,
         .x = of_input.defined() ? of_input.data_ptr<float>() + first * network.inputs() : nullptr},
        scratch.data_ptr<float>());
  }
}

/// The operation: input and parameters in, output out.
struct MlpFunction : torch::autograd::Function<MlpFunction> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& input,
                               at::TensorList parameters,
                               const std::vector<Activation>& activations) {
    const auto network = network_of(parameters, activations);
    const auto tape = numbers(panels_of(size_of(input, 0)) * network.lines() * panel_rows());
    context->saved_data["tape"] = tape;
    context->save_for_backward(parameters.vec());
    std::vector<std::int64_t> codes;
    for (const auto activation : activations)
      codes.push_back(static_cast<std::int64_t>(activation));
    context->saved_data["activations"] = codes;
    return network::forward(network, input, tape);
  }

  static variable_list backward(AutogradContext* context, const variable_list& output_gradients) {
    const auto parameters = context->get_saved_variables();
    std::vector<Activation> activations;
    for (const auto code : context->saved_data["activations"].toIntVector())
      activations.push_back(static_cast<Activation>(code));
    const auto network = network_of(parameters, activations);
    const auto output_gradient = output_gradients[0].contiguous();
    torch::Tensor of_input, of_parameters;
    if (context->needs_input_grad(0))
      of_input =
          torch::empty({output_gradient.size(0), static_cast<std::int64_t>(network.inputs())});
    if (context->needs_input_grad(1))
      of_parameters = torch::zeros(
          {static_cast<std::int64_t>(network.first_parameter(network.layers().size()))});
    network::backward(network, context->saved_data["tape"].toTensor(), output_gradient,
                      of_parameters, of_input);
    variable_list gradients = {of_input};
    std::int64_t offset = 0;
    for (const auto& parameter : parameters) {
      gradients.push_back(
          of_parameters.defined()
              ? of_parameters.narrow(0, offset, parameter.numel()).view(parameter.sizes())
              : torch::Tensor());
      offset += parameter.numel();
    }
    gradients.emplace_back();  // the activations
    return gradients;
  }
};

}  // namespace

bool suits_kernel(const torch::Tensor& input) {
  return input.device().is_cpu() && input.scalar_type() == torch::kFloat32 && input.dim() == 2;
}

torch::Tensor mlp_by_kernel(const torch::Tensor& input,
                            const std::vector<torch::Tensor>& parameters,
                            const std::vector<Activation>& activations) {
  const auto rows = input.contiguous();
  const bool differentiable =
      torch::GradMode::is_enabled() &&
      (input.requires_grad() || std::any_of(parameters.begin(), parameters.end(),
                                            [](const auto& p) { return p.requires_grad(); }));
  if (!differentiable) return forward(network_of(parameters, activations), rows, {});
  return MlpFunction::apply(rows, at::TensorList(parameters), activations);
}

}  // namespace tropism::network
