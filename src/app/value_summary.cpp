// SPDX-License-Identifier: MIT
#include "value_summary.hpp"

#include <algorithm>
#include <array>
#include <iostream>

namespace tropism::app {

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const auto size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

std::string count_text(std::int64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string number_text(double value) {
  std::array<char, 32> text = {};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

void ValueRange::add(const torch::Tensor& block) {
  const auto values = block.flatten().to(torch::kFloat64);
  const auto usable = values.masked_select(values.isfinite());
  not_finite_ += values.numel() - usable.numel();
  if (usable.numel() == 0) return;
  const double smallest = usable.min().item<double>();
  const double largest = usable.max().item<double>();
  smallest_ = finite_ == 0 ? smallest : std::min(smallest_, smallest);
  largest_ = finite_ == 0 ? largest : std::max(largest_, largest);
  finite_ += usable.numel();
}

std::string ValueRange::text() const {
  const std::string rest = not_finite_ == 0 ? "" : std::to_string(not_finite_) + " not finite";
  if (finite_ == 0) return not_finite_ == 0 ? "empty" : rest;
  const std::string range = smallest_ < largest_
                                ? number_text(smallest_) + " to " + number_text(largest_)
                                : "all " + number_text(smallest_);
  return rest.empty() ? range : range + ", " + rest;
}

std::string label_text(const torch::Tensor& labels) {
  const auto sorted = std::get<0>(labels.to(torch::kInt64).sort());
  const auto [values, unused, counts] = torch::unique_consecutive(sorted, false, true);
  constexpr std::int64_t most = 20;
  std::string text = count_text(values.numel(), "value");
  for (std::int64_t index = 0; index < std::min(values.numel(), most); ++index)
    text += (index == 0 ? ": " : ", ") + std::to_string(values[index].item<std::int64_t>()) + " (" +
            std::to_string(counts[index].item<std::int64_t>()) + ")";
  return values.numel() > most ? text + ", ..." : text;
}

std::string scaling_text(const data::Scaling& scaling) {
  const std::string name = data::name_of(scaling.kind);
  if (scaling.kind == data::ScalingKind::none) return name;
  if (scaling.offset.numel() > 1)
    return name + ": stored = (raw - offset) / factor, column by column";
  return name + ": stored = (raw - " + number_text(scaling.offset.item<double>()) + ") / " +
         number_text(scaling.factor.item<double>());
}

void print_columns(const data::Dataset& dataset) {
  ValueRange x;
  x.add(dataset.x);
  std::cout << "  x        rows of shape " << shape_text(dataset.shape) << ", " << x.text() << '\n'
            << "  scaling  " << scaling_text(dataset.scaling) << '\n';
  if (dataset.label) std::cout << "  label    " << label_text(*dataset.label) << '\n';
  ValueRange context, reward;
  if (dataset.context) context.add(*dataset.context);
  if (dataset.context)
    std::cout << "  context  " << count_text(dataset.context->size(1), "column") << ", "
              << context.text() << '\n';
  if (!dataset.reward) return;
  const auto unlabelled = dataset.reward->isnan();
  reward.add(dataset.reward->masked_select(unlabelled.logical_not()));
  std::cout << "  reward   " << reward.text() << " (" << unlabelled.sum().item<std::int64_t>()
            << " unlabelled)\n";
}

void print_written(const data::Dataset& dataset, const data::ShardWriterConfig& config) {
  std::cout << config.directory << ": " << count_text(dataset.rows(), "row") << " in "
            << count_text(config.shards, "shard") << '\n';
  print_columns(dataset);
  std::cout << std::flush;
}

}  // namespace tropism::app
