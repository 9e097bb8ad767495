// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include <tropism/comm/collectives.hpp>

#include "support/temporary_directory.hpp"
#include "support/world.hpp"

namespace tropism::test {

/// One directory for all ranks; it stays until all are done with it.
class SharedDirectory {
 public:
  SharedDirectory() {
    if (world().is_root()) directory_ = std::make_unique<TemporaryDirectory>();
    if (directory_) path_ = directory_->path();
    comm::broadcast(world(), path_);
  }
  SharedDirectory(const SharedDirectory&) = delete;
  SharedDirectory& operator=(const SharedDirectory&) = delete;
  ~SharedDirectory() { world().barrier(); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::unique_ptr<TemporaryDirectory> directory_;
  std::string path_;
};

/// Root alone writes; the others wait.
template <class Write>
void on_root(Write write) {
  if (world().is_root()) write();
  world().barrier();
}

}  // namespace tropism::test
