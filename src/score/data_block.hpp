// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include <tropism/score/ratio_state.hpp>

namespace tropism::score {

/// @throws ContractError   names what does not fit: the noise level, the queries, or the blocks
void check_question(const Queries& queries, std::span<const DataBlock> blocks, NoiseLevel noise);

}  // namespace tropism::score
