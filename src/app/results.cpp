// SPDX-License-Identifier: MIT
#include "results.hpp"

#include <filesystem>
#include <iostream>

#include <tropism/base/error.hpp>
#include <tropism/io/atomic_file.hpp>

namespace tropism::app {

namespace fs = std::filesystem;

std::string command_of(const std::string& verb, const Arguments& arguments, int ranks) {
  std::string text = ranks > 1 ? "mpirun -n " + std::to_string(ranks) + " " : "";
  text += "tropism " + verb;
  for (const auto& argument : arguments) text += " " + argument;
  return text;
}

void make_results_directory(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error)
    throw base::IoError(path + ": the directory of the results cannot be made (" + error.message() +
                        "). Name another with --out.");
}

void write_results(const std::string& directory, const std::string& name, const Results& results) {
  const auto base = (fs::path(directory) / name).string();
  io::write_text_atomically(base + ".txt", results.table);
  io::write_text_atomically(base + ".json", results.json.dump(2) + "\n");
  draw_png(results.plot, base + ".png");
  std::cout << "\n" << base << ".json, " << base << ".png" << std::endl;
}

}  // namespace tropism::app
