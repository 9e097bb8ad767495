// SPDX-License-Identifier: MIT
#include <tropism/training/gradient_reducer.hpp>

#include <limits>

#include <tropism/base/error.hpp>
#include <tropism/base/fixed_point.hpp>
#include <tropism/comm/collectives.hpp>

namespace tropism::training {
namespace {

torch::Tensor largest_magnitude(const torch::Tensor& values) {
  const auto [least, most] = torch::aminmax(values);
  return torch::maximum(least.abs(), most.abs()).to(torch::kFloat64).view({1});
}

}  // namespace

GradientReducer::GradientReducer(const comm::Communicator& comm, Aggregate aggregate,
                                 bool reproducible, std::int64_t most_parts)
    : comm_(comm), aggregate_(aggregate), reproducible_(reproducible), most_parts_(most_parts) {}

void GradientReducer::add(const torch::Tensor& gradient) {
  const std::size_t place = reproducible_ ? num_parts_ : 0;
  if (place == parts_.size()) parts_.push_back(torch::empty_like(gradient));
  if (num_parts_ > place) {
    parts_[place] += gradient;
  } else {
    parts_[place].copy_(gradient);
  }
  ++num_parts_;
}

torch::Tensor GradientReducer::finish(std::int64_t size) {
  if (reproducible_) {
    sum_exactly(size);
  } else {
    sum_running(size);
  }
  num_parts_ = 0;
  return sum_;
}

void GradientReducer::reduce(torch::Tensor& values) const {
  if (aggregate_ == Aggregate::on_all) {
    comm::all_reduce_sum(comm_, values);
  } else {
    comm::reduce_sum_on_root(comm_, values);
  }
}

void GradientReducer::sum_running(std::int64_t size) {
  if (parts_.empty()) parts_.push_back(torch::empty({size}));
  sum_ = parts_.front();
  if (num_parts_ == 0) sum_.zero_();
  reduce(sum_);
}

int GradientReducer::common_exponent() const {
  auto largest = torch::zeros({1}, torch::kFloat64);
  for (std::size_t k = 0; k < num_parts_; ++k)
    largest = torch::maximum(largest, largest_magnitude(parts_[k]));
  largest.masked_fill_(largest.isnan(), std::numeric_limits<double>::infinity());
  comm::all_reduce_max(comm_, largest);  // which leaves the maximum of NaN open
  if (!largest.isfinite().all().item<bool>()) throw Diverged("A gradient is not finite.");
  return base::fixed_point_exponent(largest.item<double>() * static_cast<double>(most_parts_));
}

void GradientReducer::sum_exactly(std::int64_t size) {
  const int exponent = common_exponent();
  if (!sum_.defined()) {
    sum_ = torch::empty({size});
    fixed_sum_ = torch::empty({size}, torch::kInt64);
  }
  fixed_sum_.zero_();
  for (std::size_t k = 0; k < num_parts_; ++k)
    base::add_fixed_point(fixed_sum_, parts_[k], exponent);
  reduce(fixed_sum_);
  base::write_from_fixed_point(sum_, fixed_sum_, exponent);
}

}  // namespace tropism::training
