// SPDX-License-Identifier: MIT
#include "hdf5_handle.hpp"

#include <vector>

#include <tropism/base/error.hpp>

namespace tropism::io {
namespace {

extern "C" herr_t tropism_collect_reason(unsigned, const H5E_error2_t* error, void* reasons) {
  if (error->desc != nullptr && *error->desc != '\0')
    static_cast<std::vector<std::string>*>(reasons)->emplace_back(error->desc);
  return 0;
}

bool is_lock_failure(const std::string& reason) {
  return reason.find("lock file") != std::string::npos ||
         reason.find("file lock") != std::string::npos;
}

const char* const lock_advice =
    " Another process may have the file open for writing; if it lies on a file system without locks"
    " (some Lustre and NFS mounts) and is only read, set HDF5_USE_FILE_LOCKING=FALSE.";

}  // namespace

void silence_hdf5() {
  static const herr_t silenced = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  static_cast<void>(silenced);
}

std::string take_hdf5_reason() {
  std::vector<std::string> reasons;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, tropism_collect_reason, &reasons);
  H5Eclear2(H5E_DEFAULT);
  if (reasons.empty()) return "no reason given";
  if (reasons.size() == 1 || reasons.front() == reasons.back()) return reasons.front();
  return reasons.front() + " (" + reasons.back() + ")";
}

void fail(const Hdf5Action& action) {
  fail(action, "HDF5 says: " + take_hdf5_reason());
}

void fail(const Hdf5Action& action, const std::string& reason) {
  const std::string object = action.object.empty() ? "" : " `" + action.object + "`";
  throw base::IoError(action.path + ": cannot " + action.verb + object + ". " + reason + "." +
                      (is_lock_failure(reason) ? lock_advice : ""));
}

}  // namespace tropism::io
