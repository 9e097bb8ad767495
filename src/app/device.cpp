// SPDX-License-Identifier: MIT
#include "device.hpp"

#include <torch/cuda.h>

#include <tropism/base/error.hpp>
#include <tropism/comm/agreement.hpp>

namespace tropism::app {

torch::Device take_device(const std::string& name, const comm::Communicator& comm) {
  if (name == "cpu") return torch::kCPU;
  const auto place = comm.split_by_host().rank();
  return comm::together(comm, [&] {
    const auto count = static_cast<int>(torch::cuda::device_count());
    if (count == 0)
      throw base::ConfigError(
          "The device cuda was asked for, but LibTorch finds no GPU here. Start on a host with one "
          "and with a LibTorch that has CUDA, or ask for the device cpu.");
    return torch::Device(torch::kCUDA, static_cast<c10::DeviceIndex>(place % count));
  });
}

}  // namespace tropism::app
