// SPDX-License-Identifier: MIT
#include "adam_step.hpp"

#include <cmath>

#include <tropism/base/wide_loops.hpp>

namespace tropism::training {

TROPISM_WIDE_LOOPS void take_step(const AdamStep& by, const float* gradient, std::int64_t count,
                                  float* m, float* v, float* theta) {
  for (std::int64_t i = 0; i < count; ++i) {
    const float g = gradient[i] * by.factor;
    m[i] = by.beta1 * m[i] + by.rest1 * g;
    v[i] = by.beta2 * v[i] + by.rest2 * g * g;
    // theta -= rate * m_hat / (sqrt(v_hat) + epsilon)
    theta[i] -= by.rate * m[i] / (std::sqrt(v[i] * by.of_v) + by.epsilon);
  }
}

TROPISM_WIDE_LOOPS void move_average(float weight, const float* theta, std::int64_t count,
                                     float* average) {
  for (std::int64_t i = 0; i < count; ++i) average[i] += weight * (theta[i] - average[i]);
}

}  // namespace tropism::training
