// SPDX-License-Identifier: MIT
// Microseconds that a training step takes to gather the gradients of all ranks and to give every
// rank what it needs to go on: a sum on rank 0 and a broadcast of as many numbers ("root"), or a
// sum on all ranks ("all"). Beside them what every rank needs to copy as many bytes at the same
// time. For instance mpirun -n 2 build/release/benchmark/benchmark_reduction
#include <torch/types.h>

#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>

#include "slowest_time.hpp"

#include <tropism/base/memory.hpp>
#include <tropism/comm/launch.hpp>
#include <tropism/training/gradient_reducer.hpp>

namespace {

using namespace tropism;
using benchmark::slowest_best_time;
using training::Aggregate;

constexpr std::int64_t micro_batches = 8;  // of all ranks together, in reproducible sums

struct Problem {
  std::int64_t parameters;
  Aggregate aggregate;
  bool reproducible;

  [[nodiscard]] std::int64_t parts_of_rank(const comm::Communicator& comm) const {
    return reproducible ? micro_batches / comm.size() : 1;
  }
};

/// As Trainer::learn and Trainer::step_weights do it.
double seconds_of_reduction(const comm::Communicator& comm, const Problem& problem) {
  training::GradientReducer reducer(comm, problem.aggregate, problem.reproducible, micro_batches);
  const auto gradient = torch::full({problem.parameters}, 1e-3F * static_cast<float>(comm.rank()));
  auto values = torch::zeros({problem.parameters});
  return slowest_best_time(comm, [&] {
    for (std::int64_t i = 0; i < problem.parts_of_rank(comm); ++i) reducer.add(gradient);
    (void)reducer.finish(problem.parameters);
    if (problem.aggregate == Aggregate::on_root) comm::broadcast(comm, values);
  });
}

double seconds_of_copy(const comm::Communicator& comm, std::int64_t parameters) {
  const auto from = torch::ones({parameters});
  auto to = torch::zeros({parameters});
  return slowest_best_time(comm,
                           [&] { std::memcpy(to.data_ptr(), from.data_ptr(), from.nbytes()); });
}

nlohmann::ordered_json measure(const comm::Communicator& comm, const Problem& problem) {
  const double seconds = seconds_of_reduction(comm, problem);
  const double copy = seconds_of_copy(comm, problem.parameters);
  const auto bytes = static_cast<double>(problem.parameters * 4);
  return {{"benchmark", "reduction"},
          {"ranks", comm.size()},
          {"parameters", problem.parameters},
          {"aggregate", problem.aggregate == Aggregate::on_root ? "root" : "all"},
          {"sums", problem.reproducible ? "reproducible" : "running"},
          {"micro_batches_of_rank", problem.parts_of_rank(comm)},
          {"microseconds", 1e6 * seconds},
          {"megabytes_per_second", 1e-6 * bytes / seconds},
          {"microseconds_of_copy", 1e6 * copy},
          {"megabytes_per_second_of_copy", 1e-6 * bytes / copy},
          {"times_copy", seconds / copy}};
}

base::ExitStatus run(const comm::Communicator& comm) {
  const torch::NoGradGuard no_grad;
  for (const std::int64_t parameters : {1000, 10000, 100000, 1000000})
    for (const auto aggregate : {Aggregate::on_root, Aggregate::on_all})
      for (const bool reproducible : {false, true}) {
        const auto line = measure(comm, {parameters, aggregate, reproducible});
        if (comm.is_root()) std::cout << line << std::endl;
      }
  return base::ExitStatus::done;
}

}  // namespace

int main(int argc, char** argv) {
  base::keep_freed_memory();  // as the program does
  return comm::launch(argc, argv, run);
}
