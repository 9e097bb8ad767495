// SPDX-License-Identifier: MIT
#include <hdf5.h>

#include <tropism/io/hdf5_version.hpp>

namespace tropism::io {

std::string hdf5_version() {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned release = 0;
  H5get_libversion(&major, &minor, &release);
#ifdef H5_HAVE_PARALLEL
  const std::string kind = " (parallel)";
#else
  const std::string kind = " (serial)";
#endif
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(release) + kind;
}

}  // namespace tropism::io
