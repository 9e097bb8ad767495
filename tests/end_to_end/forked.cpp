// SPDX-License-Identifier: MIT
// Stands for the program where tests start it: hands its arguments, environment, working directory
// and open files to fork_server.cpp, passes signals on, and ends as the run ends. Under a launcher
// the run is the rank, for its environment says so.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "connection.hpp"

namespace {

pid_t run = 0;

/// Working directory, number of arguments, arguments, environment, each with a zero after it.
std::string request_of(int count, char** arguments) {
  std::string text = std::filesystem::current_path().string() + '\0' + std::to_string(count) + '\0';
  for (char** argument = arguments; *argument; ++argument) text.append(*argument) += '\0';
  for (char** variable = environ; *variable; ++variable) text.append(*variable) += '\0';
  return text;
}

void pass_signals_on() {
  for (const int number : {SIGINT, SIGTERM, SIGUSR1, SIGUSR2})
    std::signal(number, [](int signal) { kill(run, signal); });
}

}  // namespace

int main(int argc, char** argv) {
  using namespace tropism::test;
  const int server = new_socket();
  const auto address = address_of(std::getenv("FORK_SERVER_SOCKET"));
  checked(connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address), "connect");
  send(server, {request_of(argc, argv), {0, 1, 2}}, true);
  run = std::stoi(receive(server).text);
  pass_signals_on();
  const std::string status = receive(server).text;
  if (status.empty()) std::raise(SIGKILL);  // as the run, which ended without a word
  return std::stoi(status);
}
