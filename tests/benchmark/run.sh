#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tests/benchmark/run.sh [NAME...]: builds the benchmarks, runs those named (or all), and prints one
# JSON object per line; all else goes to standard error. `--help` lists the names. Where a python3
# has PyTorch, the same work done by PyTorch stands below ours. Let nothing else run meanwhile.
set -euo pipefail
cd "$(dirname "$0")/../.."
source jobs/environment.sh

names=(score pruning ranks episode sampling reduction streaming io)
binaries=build/release/benchmark
peers=tests/benchmark/peers

usage() {
  echo "Usage: tests/benchmark/run.sh [NAME...]"
  echo "Names, all by default: ${names[*]}"
}

# The processor's widest kernels, for PyTorch and for us: OpenBLAS does not know every processor that
# has AVX-512, and ATen uses it only when asked to.
choose_kernels() {
  unset OPENBLAS_CORETYPE
  if grep -qw avx512f /proc/cpuinfo 2>/dev/null; then
    export OPENBLAS_CORETYPE=SkylakeX ATEN_CPU_CAPABILITY=avx512
  fi
}

# The first python3 that can import torch; nothing if there is none.
find_python() {
  local candidate
  for candidate in python3 /usr/bin/python3; do
    if "$candidate" -c "import torch" >/dev/null 2>&1; then
      echo "$candidate"
      return
    fi
  done
}

build() {
  cmake --preset release -DTROPISM_BUILD_BENCHMARKS=ON
  cmake --build --preset release --target "${@/#/benchmark_}"
}

# peer NUMBER SCRIPT: on so many ranks; nothing where there is no PyTorch. Its C library keeps freed
# memory as ours does (base/memory.hpp): without that it takes a fifth to a third longer.
peer() {
  if [ -n "$python" ]; then
    MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TRIM_THRESHOLD_=1073741824 MALLOC_TOP_PAD_=16777216 \
      mpirun -n "$1" "$python" "$peers/$2" ||
      echo "PyTorch's $2 failed on $1 ranks: its lines are missing. Run it again." >&2
  fi
}

run() {
  local ranks
  case $1 in
    ranks) for ranks in 1 2; do mpirun -n "$ranks" "$binaries/benchmark_ranks"; done ;;
    reduction)
      for ranks in 1 2 4; do mpirun -n "$ranks" "$binaries/benchmark_reduction"; done
      for ranks in 2 4; do peer "$ranks" reduction.py; done ;;
    episode | sampling)
      "$binaries/benchmark_$1"
      peer 1 q_learning.py | grep "\"benchmark\": \"$1\"" || true ;;
    *) "$binaries/benchmark_$1" ;;
  esac
}

chosen=()
for name in "$@"; do
  if [ "$name" = --help ] || [ "$name" = -h ]; then usage; exit 0; fi
  if [[ " ${names[*]} " != *" $name "* ]]; then
    echo "There is no benchmark \"$name\"." >&2
    usage >&2
    exit 2
  fi
  chosen+=("$name")
done
[ "${#chosen[@]}" -gt 0 ] || chosen=("${names[@]}")

build "${chosen[@]}" >&2
choose_kernels
python=$(find_python)
[ -n "$python" ] || echo "No python3 here has PyTorch: its figures are left out." >&2
for name in "${chosen[@]}"; do run "$name"; done
