// SPDX-License-Identifier: MIT
#include "blas_library.hpp"

#include <dlfcn.h>

#include <array>
#include <fstream>
#include <utility>

namespace tropism::app {
namespace {

// In the order of preference: Debian's libblas.so.3 may be a shell around libopenblas.
constexpr std::array<std::pair<const char*, const char*>, 5> known = {{
    {"/libopenblas", "OpenBLAS"},
    {"/libmkl_", "MKL"},
    {"/libblis", "BLIS"},
    {"/libatlas", "ATLAS"},
    {"/libblas", "reference BLAS"},
}};

std::string path_of_mapping(const std::string& line) {
  const auto first = line.find('/');
  return first == std::string::npos ? "" : line.substr(first);
}

std::string loaded_file_with(const std::string& part) {
  std::ifstream mappings("/proc/self/maps");
  for (std::string line; std::getline(mappings, line);) {
    if (line.find(part) != std::string::npos) return path_of_mapping(line);
  }
  return "";
}

std::string openblas_core() {
  using CoreName = const char* (*)();
  void* symbol = dlsym(RTLD_DEFAULT, "openblas_get_corename");
  return symbol == nullptr ? "" : reinterpret_cast<CoreName>(symbol)();
}

}  // namespace

BlasLibrary loaded_blas() {
  for (const auto& [part, name] : known) {
    const std::string path = loaded_file_with(part);
    if (!path.empty()) return {path, name, openblas_core()};
  }
  return {"", "unknown", openblas_core()};
}

}  // namespace tropism::app
