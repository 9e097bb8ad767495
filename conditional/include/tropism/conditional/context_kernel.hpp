// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

#include <tropism/comm/communicator.hpp>
#include <tropism/score/ratio_data.hpp>

namespace tropism::conditional {

/// The bandwidth for M rows and C coordinates, in standard deviations of each: M^(-1/(C+4)),
/// Scott's rule for the Gaussian kernel (Scott, Multivariate Density Estimation, 2nd ed. 2015,
/// section 6.3); for the compact one that times the ratio of canonical bandwidths, at which both
/// kernels smooth alike: (2^(C+1) (C+2) (C+4) Gamma(C/2+1))^(1/(C+4)), from Silverman, Density
/// Estimation for Statistics and Data Analysis (1986), table 4.1; 2.214 for C = 1.
/// @param rows   M >= 1
/// @param size   C >= 1
[[nodiscard]] double rule_bandwidth(score::ContextKernel kernel, std::int64_t rows,
                                    std::int64_t size);

/// Effective sample size of the kernel, (sum_j kappa_j)^2 / sum_j kappa_j^2 with
/// kappa_j = kappa(c, c_j), over the rows within the scope: how many rows the estimate at the
/// context c would rest on if all noised data were equally near. 0 where no row is within reach.
/// Collective if the scope is global: every rank passes the same queries.
/// @param queries   c, divided by the bandwidth, [q, C]
/// @param rows      c_j of this rank, likewise, [M, C]
/// @return          float64 [q]
[[nodiscard]] torch::Tensor effective_rows(const comm::Communicator& comm, score::Scope scope,
                                           const torch::Tensor& queries, const torch::Tensor& rows,
                                           score::ContextKernel kernel);

}  // namespace tropism::conditional
