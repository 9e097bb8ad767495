#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# From a bare machine to a picture: installs what is missing, builds Tropism, trains on handwritten
# digits without and with a reward for bright images, samples, evaluates and draws.
#   jobs/quickstart.sh            all of it, into runs/quickstart; a second run repeats no work
set -euo pipefail
cd "$(dirname "$0")/.."
source jobs/environment.sh

tropism=build/release/src/app/tropism
out=runs/quickstart
data=$out/data/digits
# `nproc` obeys OMP_NUM_THREADS, which is 1 here. More than 16 ranks have too little to do.
ranks=$(env -u OMP_NUM_THREADS nproc)
ranks=$((ranks < 16 ? ranks : 16))
times=()

# step "Sentence." COMMAND...: says what is done, does it, notes the time it took.
step() {
  local sentence=$1 start=$SECONDS
  shift
  printf '\n== %s\n' "$sentence"
  "$@"
  times+=("$(printf '%5d s  %s' $((SECONDS - start)) "$sentence")")
}

# is_newer FILE INPUT...: FILE is there and no input has changed since.
is_newer() {
  local file=$1 input
  shift
  for input in "$@"; do
    if [ ! -e "$file" ] || [ "$input" -nt "$file" ]; then return 1; fi
  done
}

build() {
  cmake --preset release >build/quickstart.log 2>&1 || { cat build/quickstart.log >&2; return 1; }
  cmake --build --preset release --target tropism
}

import_digits() {
  if is_newer "$data/manifest.json" jobs/data/digits.csv; then echo "Kept: $data"; return; fi
  "$tropism" import jobs/data/digits.csv --out "$data" --force \
    --label-column label --shape 8,8 --scale unit
}

# train NAME: goes on where an earlier run stopped; starts over if the config or the data changed.
train() {
  local config=jobs/configs/$1.toml run=$out/$1 start_over=()
  if [ -e "$run/config.toml" ] && ! is_newer "$run/config.toml" "$config" "$data/manifest.json"; then
    start_over=(--restart)
  fi
  mpirun -n "$ranks" "$tropism" train --config "$config" "${start_over[@]}" \
    run --directory "$run" data --path "$data" >"$out/$1.train.json"
}

# sample NAME NUMBER: that many of each digit.
sample() {
  local checkpoint=$out/$1/checkpoints/latest.h5 samples=$out/$1-$2.h5
  if is_newer "$samples" "$(realpath "$checkpoint")"; then echo "Kept: $samples"; return; fi
  mpirun -n "$ranks" "$tropism" sample --checkpoint "$checkpoint" --condition label=all \
    --samples "$2" --out "$samples"
}

evaluate() {
  local samples=$out/$1-100.h5 report=$out/$1.json
  if ! is_newer "$report" "$samples"; then
    "$tropism" evaluate --samples "$samples" --data "$data" >"$report.tmp"
    "$tropism" evaluate --samples "$samples" --data "$data" --table >"$out/$1.txt"
    mv "$report.tmp" "$report"
  fi
  cat "$out/$1.txt"
}

draw() {
  local plain=$out/digits-10.h5 bright=$out/digits-bright-10.h5
  if is_newer "$out/digits.png" "$plain" "$bright"; then echo "Kept: $out/digits.png"; return; fi
  "$tropism" plot "$plain" "$bright" --title "Without reward" --title "With a reward for brightness" \
    --out "$out/digits.png"
}

# number NAME SECTION KEY: the first KEY below the first SECTION of a report.
number() {
  awk -v section="\"$2\":" -v key="\"$3\":" \
    '$1 == section { found = 1 } found && $1 == key { print $2 + 0; exit }' "$out/$1.json"
}

summarise() {
  local name
  echo
  for name in digits digits-bright; do
    printf '%-14s label agreement %.3f, mean intensity %+.4f (data %+.4f), on a scale from -1 to 1\n' \
      "$name" "$(number "$name" label_agreement fraction)" \
      "$(number "$name" samples mean_intensity_scaled)" "$(number "$name" data mean_intensity_scaled)"
  done
  printf 'Times on %d ranks:\n' "$ranks"
  printf '%s\n' "${times[@]}"
  echo "The picture: $PWD/$out/digits.png"
}

mkdir -p build "$out"
step "Install the Debian packages that are missing." \
  install_packages <(sed '/^# test$/,$d' cmake/packages.txt)
step "Build Tropism; the first time takes a few minutes." build
step "Import the digits: 1,797 images of 8 x 8 pixels with their labels." import_digits
step "Train a model of the digits, conditional on the label." train digits
step "Train another one that also wants bright images." train digits-bright
for name in digits digits-bright; do
  step "Draw 10 of each digit from $name, for the picture." sample "$name" 10
  step "Draw 100 of each digit from $name, for the numbers." sample "$name" 100
  step "Compare the samples of $name with the data." evaluate "$name"
done
step "Draw the picture." draw
summarise
