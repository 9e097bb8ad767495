// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "plot_gnuplot.hpp"
#include "verb.hpp"

namespace tropism::app {

/// What a verb that measures found. Complete on rank 0; empty elsewhere.
struct Results {
  std::string table;    // for people
  nlohmann::json json;  // the same numbers
  Plot plot;
};

/// The command line that a person types for a verb with these arguments.
[[nodiscard]] std::string command_of(const std::string& verb, const Arguments& arguments,
                                     int ranks);

/// @throws IoError
void make_results_directory(const std::string& path);

/// Writes name.txt, name.json and name.png, and says so on standard output.
/// @throws IoError   also where gnuplot is not installed; text and JSON are written by then
void write_results(const std::string& directory, const std::string& name, const Results& results);

}  // namespace tropism::app
