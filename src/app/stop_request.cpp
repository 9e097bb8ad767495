// SPDX-License-Identifier: MIT
#include "stop_request.hpp"

#include <csignal>

namespace tropism::app {
namespace {

volatile std::sig_atomic_t stop_signal = 0;

void remember(int signal) {
  stop_signal = signal;
}

}  // namespace

void watch_for_stop_signals() {
  struct sigaction action = {};
  action.sa_handler = remember;
  action.sa_flags = SA_RESTART;  // a write in progress goes on
  for (const int signal : {SIGUSR1, SIGUSR2, SIGTERM}) sigaction(signal, &action, nullptr);
}

bool stop_signal_came() {
  return stop_signal != 0;
}

}  // namespace tropism::app
