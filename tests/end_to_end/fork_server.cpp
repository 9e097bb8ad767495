// SPDX-License-Identifier: MIT
// Runs the program again and again, each time in a process of its own that is forked from this one:
// loading LibTorch, most of what a short run takes, is then done once. Reads lines of fields with
// tabs between them: working directory, files for standard output and error, arguments. Answers
// each line with the exit status, or 128 + the signal that ended the run.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <app/program.hpp>

namespace {

constexpr unsigned most_seconds = 120;  // a hang ends by SIGALRM

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, '\t');) fields.push_back(field);
  return fields;
}

[[noreturn]] void run(std::vector<std::string> fields) {
  alarm(most_seconds);
  if (chdir(fields.at(0).c_str()) != 0 || !std::freopen(fields.at(1).c_str(), "w", stdout) ||
      !std::freopen(fields.at(2).c_str(), "w", stderr))
    std::_Exit(127);
  fields.erase(fields.begin(), fields.begin() + 2);
  fields.front() = "tropism";
  std::vector<char*> arguments;
  for (auto& field : fields) arguments.push_back(field.data());
  arguments.push_back(nullptr);
  const int status = tropism::app::run(static_cast<int>(fields.size()), arguments.data());
  std::cout.flush();
  std::fflush(nullptr);
  std::_Exit(status);
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const auto child = fork();
    if (child == 0) run(fields_of(line));
    int status = 0;
    waitpid(child, &status, 0);
    std::cout << (WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)) << std::endl;
  }
}
