// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace tropism::training {

/// The numbers of a step of Adam that all parameters share.
struct AdamStep {
  float factor;  // of the gradient
  float beta1, beta2;
  float rest1, rest2;  // 1 - beta1, 1 - beta2
  float rate;          // learning rate/(1 - beta1^t)
  float of_v;          // 1/(1 - beta2^t)
  float epsilon;
};

/// In one pass, where LibTorch's operators would make ten: gradient, moments m and v, and
/// parameters theta, each [count].
void take_step(const AdamStep& by, const float* gradient, std::int64_t count, float* m, float* v,
               float* theta);

/// average += weight (theta - average), [count].
void move_average(float weight, const float* theta, std::int64_t count, float* average);

}  // namespace tropism::training
