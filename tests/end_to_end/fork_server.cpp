// SPDX-License-Identifier: MIT
// Runs the program again and again, each time in a process of its own that is forked from this one:
// loading LibTorch, most of what a short run takes, is then done once. Each connection to the
// socket that the argument names is one run (forked.cpp), told its process id and its exit status.
#include <fcntl.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "connection.hpp"

#include <app/program.hpp>
#include <tropism/base/memory.hpp>

namespace {

using namespace tropism::test;

constexpr unsigned most_seconds = 120;  // a hang ends by SIGALRM

std::vector<char*> pointers_to(std::vector<std::string>::iterator begin,
                               std::vector<std::string>::iterator end) {
  std::vector<char*> pointers;
  for (; begin != end; ++begin) pointers.push_back(begin->data());
  pointers.push_back(nullptr);
  return pointers;
}

/// The run ends with its stand-in: whatever happens to the connection kills it.
void end_with(int connection) {
  checked(fcntl(connection, F_SETOWN, getpid()), "F_SETOWN");
  checked(fcntl(connection, F_SETSIG, SIGKILL), "F_SETSIG");
  checked(fcntl(connection, F_SETFL, O_ASYNC), "O_ASYNC");
}

/// Working directory and open files of the run. @return   the other lines of its request
std::vector<std::string> move_to(const Message& request) {
  std::istringstream text(request.text);
  std::string folder, line;
  std::getline(text, folder, '\0');
  checked(chdir(folder.c_str()), "chdir");
  for (int file = 0; file < 3; ++file) {
    checked(dup2(request.files.at(static_cast<size_t>(file)), file), "dup2");
    close(request.files.at(static_cast<size_t>(file)));
  }
  std::vector<std::string> lines;
  while (std::getline(text, line, '\0')) lines.push_back(line);
  return lines;
}

[[noreturn]] void run(int connection) {
  std::signal(SIGCHLD, SIG_DFL);
  alarm(most_seconds);
  auto lines = move_to(receive(connection));
  const int count = std::stoi(lines.front());
  auto arguments = pointers_to(lines.begin() + 1, lines.begin() + 1 + count);
  auto environment = pointers_to(lines.begin() + 1 + count, lines.end());
  environ = environment.data();
  send(connection, {std::to_string(getpid()), {}});
  end_with(connection);
  const int status = tropism::app::run(count, arguments.data());
  std::cout.flush();
  std::fflush(nullptr);
  send(connection, {std::to_string(status), {}});
  std::_Exit(status);
}

}  // namespace

int main(int, char** argv) {
  tropism::base::keep_freed_memory();
  std::signal(SIGCHLD, SIG_IGN);  // nobody asks how a run ended
  const int server = new_socket();
  const auto address = address_of(argv[1]);
  checked(bind(server, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  checked(listen(server, 64), "listen");
  std::cout << "ready" << std::endl;
  for (;;) {
    const int connection = checked(accept4(server, nullptr, nullptr, SOCK_CLOEXEC), "accept");
    if (fork() == 0) run(connection);
    close(connection);
  }
}
