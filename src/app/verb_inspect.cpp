// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>

#include <tropism/io/hdf5_file.hpp>
#include <tropism/io/run_directory.hpp>

#include "command_line.hpp"
#include "inspect_file.hpp"
#include "verb.hpp"

namespace tropism::app {
namespace {

namespace fs = std::filesystem;

/// A run directory is looked at by its newest checkpoint.
void inspect_directory(const std::string& path, Listing listing) {
  if (!fs::is_directory(fs::path(path) / "checkpoints")) return inspect_shards(path, listing);
  const auto checkpoints = io::RunDirectory::open(path).checkpoints();
  if (checkpoints.empty()) throw base::IoError(path + ": the run has no checkpoint yet.");
  inspect_file(checkpoints.front(), listing);
}

void inspect(const std::string& path, const std::string& text, Listing listing) {
  std::error_code ignored;
  if (!fs::exists(path, ignored))
    throw base::IoError(path + ": there is no such file or directory.");
  if (!text.empty()) {
    std::cout << io::Hdf5File::open(path).read_text(text);
  } else if (fs::is_directory(path)) {
    inspect_directory(path, listing);
  } else {
    inspect_file(path, listing);
  }
}

}  // namespace

base::ExitStatus run_inspect(const Arguments& arguments) {
  std::string path, text;
  bool everything = false;
  CLI::App app(
      "Shows what a shard, a directory of shards, a checkpoint, a run directory, a sample file or "
      "any HDF5 "
      "file holds.",
      "tropism inspect");
  app.add_option("path", path, "the file or directory")->required()->type_name("FILE|DIR");
  app.add_option("--text", text,
                 "print one text dataset as it is, for instance config; default: the listing")
      ->type_name("DATASET");
  app.add_flag("--all", everything, "list everything; default: a screenful");
  if (parse(app, arguments)) return base::ExitStatus::done;
  inspect(path, text, everything ? Listing::everything : Listing::screenful);
  std::cout << std::flush;
  return base::ExitStatus::done;
}

}  // namespace tropism::app
