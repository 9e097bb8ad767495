// SPDX-License-Identifier: MIT
#include "command_line.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace tropism::app {
namespace {

std::string as_sentence(const CLI::App& app, std::string reason) {
  while (!reason.empty() && (reason.back() == '\n' || reason.back() == '.')) reason.pop_back();
  return app.get_name() + " does not understand its arguments: " + reason + ". `" + app.get_name() +
         " --help` lists what it takes.";
}

}  // namespace

bool parse(CLI::App& app, const Arguments& arguments) {
  try {
    app.parse(Arguments(arguments.rbegin(), arguments.rend()));  // CLI11 takes them last first
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help() << std::flush;
    return true;
  } catch (const CLI::CallForAllHelp&) {
    std::cout << app.help("", CLI::AppFormatMode::All) << std::flush;
    return true;
  } catch (const CLI::ParseError& error) {
    throw base::ConfigError(as_sentence(app, error.what()));
  }
  return false;
}

}  // namespace tropism::app
