// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

namespace tropism::base {

/// Calls use(d), where d is `dimension`: up to four a constant of the type, so that loops over the
/// coordinates of a point are unrolled and those over points can be vectorised.
template <class Integer, class Use>
void with_dimension(Integer dimension, Use&& use) {
  switch (dimension) {
    case 1:
      return use(std::integral_constant<Integer, 1>());
    case 2:
      return use(std::integral_constant<Integer, 2>());
    case 3:
      return use(std::integral_constant<Integer, 3>());
    case 4:
      return use(std::integral_constant<Integer, 4>());
    default:
      return use(dimension);
  }
}

}  // namespace tropism::base
