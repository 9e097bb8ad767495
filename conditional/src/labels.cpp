// SPDX-License-Identifier: MIT
#include <tropism/conditional/labels.hpp>

#include <algorithm>
#include <string>

#include <tropism/base/error.hpp>

namespace tropism::conditional {
namespace {

constexpr std::size_t most_labels_named = 20;

std::string list(const std::vector<std::int64_t>& values) {
  std::string text;
  for (std::size_t i = 0; i < std::min(values.size(), most_labels_named); ++i)
    text += (i > 0 ? ", " : "") + std::to_string(values[i]);
  return values.size() > most_labels_named ? text + ", ..." : text;
}

}  // namespace

Labels::Labels(std::vector<std::int64_t> values, const std::vector<std::int64_t>& counts)
    : values_(std::move(values)) {
  if (values_.empty())
    throw base::IoError(
        "The data have no labels, but [context] kind = \"label\" asks for them. Name the dataset "
        "with [data] label, or "
        "set [context] kind = \"none\".");
  base::expects(values_.size() == counts.size() && std::is_sorted(values_.begin(), values_.end()),
                "a count for each label, and labels in rising order");
  const auto weights = torch::tensor(counts, torch::kFloat64);
  cumulative_ = weights.cumsum(0) / weights.sum();
}

torch::Tensor Labels::places(const torch::Tensor& labels) const {
  const auto wanted = labels.to(torch::kInt64).contiguous();
  auto places = torch::empty_like(wanted);
  for (std::int64_t i = 0; i < wanted.numel(); ++i) {
    const auto label = wanted.data_ptr<std::int64_t>()[i];
    const auto found = std::lower_bound(values_.begin(), values_.end(), label);
    if (found == values_.end() || *found != label)
      throw base::ConfigError("Label " + std::to_string(label) +
                              " is not in the data, whose labels are " + list(values_) + ".");
    places.data_ptr<std::int64_t>()[i] = found - values_.begin();
  }
  return places;
}

torch::Tensor Labels::labels(const torch::Tensor& places) const {
  return torch::tensor(values_, torch::kInt64).index_select(0, places);
}

torch::Tensor Labels::draw_places(const base::RandomStream& stream, LabelPrior prior,
                                  control::Trajectories trajectories) const {
  const auto u = stream.uniform(trajectories.first, 0, trajectories.count, 1).squeeze(1);
  const auto drawn = prior == LabelPrior::uniform
                         ? (u * static_cast<double>(size())).to(torch::kInt64)
                         : torch::searchsorted(cumulative_, u);
  return drawn.clamp_max(size() - 1);
}

}  // namespace tropism::conditional
