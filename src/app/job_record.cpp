// SPDX-License-Identifier: MIT
#include "job_record.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <vector>

#include <tropism/base/error.hpp>
#include <tropism/io/atomic_file.hpp>

#include "environment.hpp"

namespace tropism::app {
namespace {

namespace fs = std::filesystem;

/// Not all variables: some hold passwords.
bool is_worth_keeping(std::string_view variable) {
  constexpr std::array<std::string_view, 12> beginnings = {
      "SLURM_", "OMPI_", "PMIX_MCA_", "UCX_",     "OMP_",   "OPENBLAS_",
      "ATEN_",  "HDF5_", "CUDA_",     "TROPISM_", "LD_LIB", "LOADEDMODULES"};
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view beginning) { return variable.starts_with(beginning); });
}

std::string environment_text() {
  std::vector<std::string> lines;
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (is_worth_keeping(*variable)) lines.emplace_back(*variable);
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

void make_directory(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error)
    throw base::IoError(path.string() + ": the directory cannot be made (" + error.message() +
                        "). It is for the record of the Slurm job.");
}

}  // namespace

void record_job(const std::string& run_directory) {
  const std::string id = environment("SLURM_JOB_ID");
  if (id.empty()) return;
  const auto directory = fs::path(run_directory) / "job";
  make_directory(directory);
  io::write_text_atomically(directory / (id + ".environment"), environment_text());
  const std::string script = environment("TROPISM_JOB_SCRIPT");
  if (!script.empty())
    io::write_text_atomically(directory / (id + ".script"), io::read_text_file(script));
}

}  // namespace tropism::app
