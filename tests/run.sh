#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ./tests/run.sh [ctest arguments]: installs missing packages, builds, runs every test.
# For instance `./tests/run.sh -L unit` or `./tests/run.sh -R comm`. A second run repeats no work.
set -euo pipefail
cd "$(dirname "$0")/.."
source jobs/environment.sh

install_packages cmake/packages.txt
cmake --preset release -DTROPISM_BUILD_TESTS=ON
cmake --build --preset release
ctest --preset release --output-on-failure "$@"
