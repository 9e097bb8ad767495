// SPDX-License-Identifier: MIT
#include "conditions.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <tropism/base/error.hpp>
#include <tropism/base/random.hpp>
#include <tropism/conditional/context_field.hpp>
#include <tropism/control/family.hpp>

#include "condition_file.hpp"
#include "sample_file.hpp"
#include "value_summary.hpp"

namespace tropism::app {
namespace {

[[noreturn]] void refuse(const std::string& condition, const std::string& reason) {
  throw base::ConfigError("--condition " + condition + reason);
}

bool names(const std::string& condition, const std::string& kind) {
  return condition.starts_with(kind + "=");
}

base::RandomStream condition_stream(const DrawOptions& options) {
  return {static_cast<std::uint64_t>(options.seed), base::Purpose::condition};
}

template <class Number>
bool parse_number(const std::string& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool names_file(const std::string& condition, const std::string& kind) {
  return condition.starts_with(kind + "=@");
}

torch::Tensor rows_in_file(const std::string& condition, const std::string& kind) {
  return read_conditions(condition.substr(kind.size() + 2), kind);
}

std::vector<std::int64_t> labels_in_file(const std::string& condition) {
  const auto rows = rows_in_file(condition, "label");
  if (rows.size(1) != 1)
    refuse(condition, ": the file has " + count_text(rows.size(1), "column") +
                          ", but a label is one number: name its column \"label\".");
  const auto labels = as_labels(condition.substr(7), rows).contiguous();
  const auto* values = labels.data_ptr<std::int64_t>();
  return {values, values + labels.numel()};
}

/// The labels that a condition names.
std::vector<std::int64_t> labels_of(const std::string& condition,
                                    const conditional::Labels& known) {
  if (names(condition, "context"))
    refuse(condition,
           ": this model was trained on labels ([context] kind = \"label\"), not on contexts: "
           "write label=" +
               std::to_string(known.values().front()) + ", or label=all for every label.");
  std::int64_t label = 0;
  if (condition == "label=all") return known.values();
  if (names_file(condition, "label")) return labels_in_file(condition);
  if (names(condition, "label") && parse_number(condition.substr(6), label)) return {label};
  refuse(condition,
         " is not understood: write label=7, label=all for every label, or label=@FILE for the "
         "labels in a file.");
}

/// "0.2,1.5" for a model of two numbers: the mean of its data.
std::string example_of(const conditional::Contexts& known) {
  std::string text;
  for (std::int64_t i = 0; i < known.size(); ++i)
    text += (i == 0 ? "context=" : ",") + number_text(known.summary().mean[i].item<double>());
  return text;
}

[[noreturn]] void refuse_with_example(const std::string& condition, const std::string& reason,
                                      const conditional::Contexts& known) {
  refuse(condition, reason + ": write " + example_of(known) + ", for instance.");
}

/// The numbers of a list "0.2,1.5".
std::vector<float> numbers_of(const std::string& condition, const std::string& list,
                              const conditional::Contexts& known) {
  std::vector<float> numbers;
  for (std::size_t begin = 0, end = 0; begin <= list.size(); begin = end + 1) {
    end = std::min(list.find(',', begin), list.size());
    const auto text = list.substr(begin, end - begin);
    double number = 0.0;
    if (!parse_number(text, number) || !std::isfinite(static_cast<float>(number)))
      refuse_with_example(condition, ": \"" + text + "\" is not a finite number", known);
    numbers.push_back(static_cast<float>(number));
  }
  return numbers;
}

void check_size(const std::string& condition, std::int64_t size,
                const conditional::Contexts& known) {
  if (size != known.size())
    refuse_with_example(condition,
                        " has " + count_text(size, "number") +
                            ", but the contexts of this model have " + std::to_string(known.size()),
                        known);
}

/// The contexts that a condition names, float32 [n, C].
torch::Tensor named_contexts(const std::string& condition, const conditional::Contexts& known) {
  if (names(condition, "label"))
    refuse_with_example(
        condition,
        ": this model was trained on contexts ([context] kind = \"vector\"), not on labels", known);
  if (!names(condition, "context")) refuse_with_example(condition, " is not understood", known);
  auto rows = names_file(condition, "context")
                  ? rows_in_file(condition, "context")
                  : torch::tensor(numbers_of(condition, condition.substr(8), known)).unsqueeze(0);
  check_size(condition, rows.size(1), known);
  return rows.to(torch::kFloat32);
}

torch::Tensor places_of(const DrawOptions& options, const conditional::Labels& known) {
  if (options.conditions.empty())
    return known.draw_places(condition_stream(options), conditional::LabelPrior::data,
                             {0, options.samples});
  std::vector<std::int64_t> labels;
  for (const auto& condition : options.conditions) {
    const auto some = labels_of(condition, known);
    labels.insert(labels.end(), some.begin(), some.end());
  }
  return known.places(torch::tensor(labels, torch::kInt64)).repeat_interleave(options.samples);
}

torch::Tensor contexts_of(const DrawOptions& options, const conditional::Contexts& known) {
  if (options.conditions.empty())
    return known.draw(condition_stream(options), conditional::ContextPrior::data,
                      {0, options.samples});
  std::vector<torch::Tensor> contexts;
  for (const auto& condition : options.conditions)
    contexts.push_back(named_contexts(condition, known));
  return torch::cat(contexts).repeat_interleave(options.samples, 0);
}

std::string range_text(const torch::Tensor& low, const torch::Tensor& high) {
  std::string text;
  for (std::int64_t i = 0; i < low.size(0); ++i)
    text += (i == 0 ? "" : ", ") + number_text(low[i].item<double>()) + " to " +
            number_text(high[i].item<double>());
  return text;
}

}  // namespace

Conditions conditions_of(const DrawOptions& options, const Model& model) {
  if (model.labels) {
    const auto places = places_of(options, *model.labels);
    return {.count = places.size(0), .places = places};
  }
  if (model.contexts) {
    const auto contexts = contexts_of(options, *model.contexts);
    return {.count = contexts.size(0), .contexts = contexts};
  }
  if (!options.conditions.empty())
    refuse(options.conditions.front(),
           ": this model was trained without a context ([context] kind = \"none\").");
  return {.count = options.samples};
}

control::FieldOf fields_of(const Model& model, const Conditions& conditions,
                           comm::RowRange samples) {
  const auto numbers = torch::arange(samples.first, samples.first + samples.count, torch::kInt64)
                           .clamp_max(conditions.count - 1);
  if (model.labels)
    return conditional::with_labels(conditions.places.index_select(0, numbers),
                                    model.labels->size());
  if (model.contexts)
    return conditional::with_features(
        model.contexts->features(conditions.contexts.index_select(0, numbers)));
  return control::without_context();
}

std::string warning_about_range(const Model& model, const Conditions& conditions) {
  if (!model.contexts) return "";
  const auto outside = model.contexts->outside(conditions.contexts).sum().item<std::int64_t>();
  if (outside == 0) return "";
  const auto& summary = model.contexts->summary();
  return "the contexts of " + count_text(outside, "sample") +
         " are outside the range of the training data (" + range_text(summary.low, summary.high) +
         "), where the model has seen nothing and extrapolates.";
}

}  // namespace tropism::app
