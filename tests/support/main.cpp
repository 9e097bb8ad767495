// SPDX-License-Identifier: MIT
#define CATCH_CONFIG_RUNNER
#include <tropism/base/memory.hpp>

#include "support/catch.hpp"

int main(int argc, char** argv) {
  tropism::base::keep_freed_memory();
  return Catch::Session().run(argc, argv);
}
