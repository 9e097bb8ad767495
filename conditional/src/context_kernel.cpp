// SPDX-License-Identifier: MIT
#include <tropism/conditional/context_kernel.hpp>

#include <cmath>

#include <tropism/base/error.hpp>
#include <tropism/comm/collectives.hpp>

namespace tropism::conditional {

double rule_bandwidth(score::ContextKernel kernel, std::int64_t rows, std::int64_t size) {
  base::expects(kernel != score::ContextKernel::none, "a kernel");
  base::expects(rows >= 1 && size >= 1, "rows and coordinates");
  const auto c = static_cast<double>(size);
  const double scott = std::pow(static_cast<double>(rows), -1.0 / (c + 4.0));
  if (kernel == score::ContextKernel::gaussian) return scott;
  // (R(E) / mu_2(E)^2 / (R(G) / mu_2(G)^2))^(1/(C+4)), R = integral of K^2, mu_2 the variance of K:
  // R(G) = (4 pi)^(-C/2), mu_2(G) = 1; R(E) = 2 (C+2) / ((C+4) V_C), mu_2(E) = 1/(C+4)
  const double ratio = std::pow(2.0, c + 1.0) * (c + 2.0) * (c + 4.0) * std::tgamma(0.5 * c + 1.0);
  return scott * std::pow(ratio, 1.0 / (c + 4.0));
}

torch::Tensor effective_rows(const comm::Communicator& comm, score::Scope scope,
                             const torch::Tensor& queries, const torch::Tensor& rows,
                             score::ContextKernel kernel) {
  // With all x at one point the weights of the ratio estimator are those of the context alone.
  const auto block = score::DataBlock::make(torch::zeros({rows.size(0), 1}), {}, rows, kernel);
  const auto state = score::ratio_state({torch::zeros({queries.size(0), 1}), queries}, block,
                                        {.signal = 1.0, .variance = 1.0}, score::Weights::none);
  const auto largest = state.log_max.exp();
  auto sums = torch::stack({state.weight * largest, state.squared_weight * largest.square()});
  if (scope == score::Scope::global) comm::all_reduce_sum(comm, sums);
  return torch::where(sums[1] > 0.0, sums[0].square() / sums[1], torch::zeros_like(sums[1]));
}

}  // namespace tropism::conditional
