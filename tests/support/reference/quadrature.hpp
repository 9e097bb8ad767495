// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

namespace tropism::test::reference {

/// int_from^to f, by Simpson's rule on `cells` pairs of intervals.
inline double integral(const std::function<double(double)>& f, double from, double to,
                       int cells = 2000) {
  const double h = (to - from) / (2.0 * cells);
  double sum = f(from) + f(to);
  for (int i = 1; i < 2 * cells; ++i) sum += (i % 2 == 1 ? 4.0 : 2.0) * f(from + h * i);
  return sum * h / 3.0;
}

/// f'(x), by central differences of fourth order.
inline double derivative(const std::function<double(double)>& f, double x, double h = 1e-3) {
  return (8.0 * (f(x + h) - f(x - h)) - (f(x + 2.0 * h) - f(x - 2.0 * h))) / (12.0 * h);
}

}  // namespace tropism::test::reference
