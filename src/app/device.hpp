// SPDX-License-Identifier: MIT
#pragma once

#include <c10/core/Device.h>

#include <string>

#include <tropism/comm/communicator.hpp>

namespace tropism::app {

/// Collective. With "cuda" each rank takes a GPU of its host, in turn where there are more ranks
/// than GPUs.
/// @throws ConfigError   on all ranks if LibTorch finds no GPU on one of them
[[nodiscard]] c10::Device take_device(const std::string& name, const comm::Communicator& comm);

}  // namespace tropism::app
