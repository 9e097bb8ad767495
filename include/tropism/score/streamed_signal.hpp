// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <tropism/score/ratio_signal.hpp>
#include <tropism/score/streamed_data.hpp>

namespace tropism::score {

/// The ratio estimator (18) over rows that are too many to hold, as the environment's score signal:
/// every observation reads this rank's rows block by block and forms the plain and the
/// reward-weighted state of each block while the next one is read. The same as RatioSignal over the
/// same rows in memory: up to round-off, and with Summation::exact to the last bit if the blocks of
/// the source are multiples of `reproducible_block_rows` (exact sums take two passes).
///
/// With score.samples = m > 0 only the m rows drawn for the step are read. Neither pruning nor
/// signals other than "ratio" are offered.
/// @throws IoError   where a block cannot be read; on all ranks if the scope is global
[[nodiscard]] std::shared_ptr<const ScoreSignal> make_streamed_signal(
    std::shared_ptr<const RatioSetting> setting, const Binding& binding);

/// The signal of these queries: over the rows in memory, or over those that are streamed if the
/// setting has such. Collective if the scope is global.
[[nodiscard]] std::shared_ptr<const ScoreSignal> make_signal(
    std::shared_ptr<const RatioSetting> setting, const Binding& binding);

}  // namespace tropism::score
