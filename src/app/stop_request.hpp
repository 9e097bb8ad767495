// SPDX-License-Identifier: MIT
#pragma once

namespace tropism::app {

/// From here on SIGUSR1, SIGUSR2 and SIGTERM only set a flag: the run itself asks for it between
/// two episodes, saves, and stops.
void watch_for_stop_signals();

/// Whether one of them has come to this process.
[[nodiscard]] bool stop_signal_came();

}  // namespace tropism::app
