// SPDX-License-Identifier: MIT
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/cuda.h>
#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "blas_library.hpp"
#include "doctor_checks.hpp"
#include "environment.hpp"

#include <tropism/score/ratio_state.hpp>

namespace tropism::app {
namespace {

#if defined(__x86_64__)
bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
}
#else
bool has_avx512() {
  return false;
}
#endif

double seconds_of_product(const torch::Tensor& a, const torch::Tensor& b) {
  const auto start = std::chrono::steady_clock::now();
  const auto product = a.mm(b);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Best of ten: other processes only ever make it slower.
double measured_gflops() {
  constexpr std::int64_t size = 512;
  const auto a = torch::ones({size, size});
  double best = seconds_of_product(a, a);
  for (int repeat = 0; repeat < 10; ++repeat) best = std::min(best, seconds_of_product(a, a));
  return 2.0 * std::pow(static_cast<double>(size), 3) / best * 1e-9;
}

bool is_avx512_core(const std::string& core) {
  return core == "SkylakeX" || core == "Cooperlake" || core == "Sapphirerapids";
}

std::string blas_fact(const BlasLibrary& blas) {
  const std::string core = blas.core.empty() ? "" : ", kernels for " + blas.core;
  const std::string speed = std::to_string(std::llround(measured_gflops()));
  return blas.name + core + ", " + speed + " GFLOP/s in one 512 x 512 x 512 product (" + blas.path +
         ")";
}

Finding check_blas() {
  const BlasLibrary blas = loaded_blas();
  const std::string fact = blas_fact(blas);
  if (blas.name == "reference BLAS") {
    return {"BLAS", Health::warning, fact + ": 20 to 30 times slower than OpenBLAS",
            "apt-get install libopenblas0-pthread"};
  }
  if (blas.core.empty() || !has_avx512() || is_avx512_core(blas.core))
    return {"BLAS", Health::good, fact, ""};
  const bool forced = !environment("OPENBLAS_CORETYPE").empty();
  return {"BLAS", Health::warning,
          fact + ": this processor has AVX-512, which is about twice as fast" +
              (forced ? ", but OPENBLAS_CORETYPE forbids it" : ""),
          forced ? "unset OPENBLAS_CORETYPE" : "export OPENBLAS_CORETYPE=SkylakeX"};
}

/// From LibTorch's own description of itself: "CPU capability usage: AVX2".
std::string aten_capability() {
  const std::string config = at::show_config();
  const std::string label = "CPU capability usage: ";
  const auto start = config.find(label);
  if (start == std::string::npos) return "unknown";
  const auto first = start + label.size();
  return config.substr(first, config.find('\n', first) - first);
}

Finding check_elementwise() {
  const std::string capability = aten_capability();
  const std::string fact = "LibTorch's elementwise functions use " + capability;
  if (!has_avx512() || capability == "AVX512") return {"SIMD", Health::good, fact, ""};
  return {"SIMD", Health::warning, fact + ": this processor has AVX-512, up to twice as fast",
          "export ATEN_CPU_CAPABILITY=avx512"};
}

/// Of queries and rows in the plane, as many as in the training of a small set.
double measured_pairs_per_second() {
  constexpr std::int64_t queries = 256, rows = 4096;
  const auto x = torch::rand({queries, 2});
  const auto block = score::DataBlock::make(torch::rand({rows, 2}), torch::Tensor());
  double best = std::numeric_limits<double>::infinity();
  for (int repeat = 0; repeat < 10; ++repeat) {
    const auto start = std::chrono::steady_clock::now();
    const auto state = score::ratio_state(x, block, {0.6, 0.64}, score::Weights::none);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    best = std::min(best, seconds.count());
  }
  return static_cast<double>(queries * rows) / best;
}

Finding check_estimator() {
  const std::string speed = std::to_string(std::llround(measured_pairs_per_second() * 1e-6));
  return {"estimator", Health::good,
          std::string("kernels for ") + score::kernel_target() + ", " + speed +
              " million pairs a second in two dimensions",
          ""};
}

Finding check_gpus() {
  const auto count = torch::cuda::device_count();
  return {"GPU", Health::good,
          count == 0 ? "LibTorch finds none: the processor computes"
                     : "LibTorch finds " + std::to_string(count) +
                           "; [run] device = \"cuda\" has them compute",
          ""};
}

Finding check_threads(const comm::Communicator& comm) {
  const int threads = at::get_num_threads();
  const std::string fact = std::to_string(threads) + " per rank";
  if (threads == 1 || comm.size() == 1) return {"threads", Health::good, fact, ""};
  return {"threads", Health::warning,
          fact + " with " + std::to_string(comm.size()) + " ranks: they compete for the cores",
          "export OMP_NUM_THREADS=1"};
}

}  // namespace

std::vector<Finding> check_arithmetic(const comm::Communicator& comm) {
  return {check_blas(), check_elementwise(), check_estimator(), check_gpus(), check_threads(comm)};
}

}  // namespace tropism::app
