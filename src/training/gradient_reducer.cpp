// SPDX-License-Identifier: MIT
#include <tropism/training/gradient_reducer.hpp>

#include <limits>

#include <tropism/base/error.hpp>
#include <tropism/base/fixed_point.hpp>
#include <tropism/comm/collectives.hpp>

namespace tropism::training {

GradientReducer::GradientReducer(const comm::Communicator& comm, Aggregate aggregate,
                                 bool reproducible, std::int64_t most_parts)
    : comm_(comm), aggregate_(aggregate), reproducible_(reproducible), most_parts_(most_parts) {}

void GradientReducer::add(const torch::Tensor& gradient) {
  if (reproducible_ || parts_.empty()) {
    parts_.push_back(gradient.clone());
  } else {
    parts_.front() += gradient;
  }
}

torch::Tensor GradientReducer::finish(std::int64_t size) {
  auto sum = reproducible_ ? sum_exactly(size) : sum_running(size);
  parts_.clear();
  return sum;
}

void GradientReducer::reduce(torch::Tensor& values) const {
  if (aggregate_ == Aggregate::on_all) {
    comm::all_reduce_sum(comm_, values);
  } else {
    comm::reduce_sum_on_root(comm_, values);
  }
}

torch::Tensor GradientReducer::sum_running(std::int64_t size) {
  auto sum = parts_.empty() ? torch::zeros({size}) : parts_.front();
  reduce(sum);
  return sum;
}

torch::Tensor GradientReducer::sum_exactly(std::int64_t size) {
  auto largest = torch::zeros({1}, torch::kFloat64);
  for (const auto& part : parts_)
    largest = torch::maximum(largest, part.abs().max().to(torch::kFloat64).view({1}));
  largest.masked_fill_(largest.isnan(), std::numeric_limits<double>::infinity());
  comm::all_reduce_max(comm_, largest);  // which leaves the maximum of NaN open
  if (!largest.isfinite().all().item<bool>())
    throw base::NumericalError("A gradient is not finite.");
  const int exponent =
      base::fixed_point_exponent(largest.item<double>() * static_cast<double>(most_parts_));
  auto sum = torch::zeros({size}, torch::kInt64);
  for (const auto& part : parts_) sum += base::to_fixed_point(part, exponent);
  reduce(sum);
  return base::from_fixed_point(sum, exponent).to(torch::kFloat32);
}

}  // namespace tropism::training
