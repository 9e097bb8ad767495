// SPDX-License-Identifier: MIT
#include <iostream>

#include <tropism/comm/launch.hpp>
#include <tropism/conditional/labels.hpp>
#include <tropism/diffusion/time_grid.hpp>

int main(int argc, char** argv) {
  return tropism::comm::launch(argc, argv, [](const tropism::comm::Communicator& comm) {
    const tropism::conditional::Labels labels({3, 7}, {10, 20});
    const tropism::diffusion::TimeGrid grid({1.0, 0.25, 0.0});
    const auto label = labels.labels(torch::ones({1}, torch::kInt64)).item<std::int64_t>();
    std::cout << comm.size() << " rank, label " << label << ", step " << grid.step_size(1) << "\n";
    return tropism::base::ExitStatus::done;
  });
}
