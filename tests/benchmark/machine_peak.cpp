// SPDX-License-Identifier: MIT
#include "machine_peak.hpp"

#include <cstddef>

#include "best_time.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "machine_peak.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway demands.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tropism::benchmark::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Makes `rounds` multiply-adds in each of 16 vectors; returns how many that is, lane by lane.
std::size_t multiply_add(std::size_t rounds, float* HWY_RESTRICT numbers) {
  constexpr std::size_t chains = 16;
  const hn::ScalableTag<float> d;
  const std::size_t width = hn::Lanes(d);
  const auto factor = hn::Set(d, 0.999F), term = hn::Set(d, 1e-3F);
  hn::Vec<hn::ScalableTag<float>> sum[chains];
  for (std::size_t i = 0; i < chains; ++i) sum[i] = hn::LoadU(d, numbers + i * width);
  for (std::size_t round = 0; round < rounds; ++round)
    for (std::size_t i = 0; i < chains; ++i) sum[i] = hn::MulAdd(sum[i], factor, term);
  for (std::size_t i = 0; i < chains; ++i) hn::StoreU(sum[i], d, numbers + i * width);
  return rounds * chains * width;
}

}  // namespace tropism::benchmark::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tropism::benchmark {

HWY_EXPORT(multiply_add);

double multiply_adds_per_second() {
  constexpr std::size_t rounds = 100000;
  static float numbers[16 * 64] = {};
  std::size_t count = 0;
  const double seconds =
      best_time([&] { count = HWY_DYNAMIC_DISPATCH(multiply_add)(rounds, numbers); });
  return static_cast<double>(count) / seconds;
}

}  // namespace tropism::benchmark
#endif
