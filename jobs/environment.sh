# SPDX-License-Identifier: MIT
# Source this: what every script of ours runs under, and the installation of Debian packages.

export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"            # one thread per rank: ranks are the parallelism
export OPENBLAS_NUM_THREADS="${OPENBLAS_NUM_THREADS:-1}"  # else OpenBLAS starts a thread per core in every rank
export OMPI_MCA_mpi_yield_when_idle=1                     # 300 times faster where ranks exceed cores
export OMPI_MCA_rmaps_base_oversubscribe=1                # more ranks than cores are allowed
export CCACHE_SLOPPINESS=pch_defines,time_macros          # else ccache cannot keep what uses a precompiled header
if [ "$(id -u)" -eq 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

# missing_packages FILE: the Debian packages of the list that are not installed; comments are skipped.
missing_packages() {
  local package
  while read -r package; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done < <(sed 's/#.*//' "$1" | awk 'NF { print $1 }')
}

# install_packages FILE: installs what is missing of the list, after saying what; silent if nothing is.
install_packages() {
  local missing as_root=()
  mapfile -t missing < <(missing_packages "$1")
  [ "${#missing[@]}" -gt 0 ] || return 0
  if ! command -v apt-get >/dev/null; then
    echo "No apt-get here: the packages of $1 must come from modules, Spack or CMAKE_PREFIX_PATH." >&2
    return 0
  fi
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  echo "Installing Debian packages: ${missing[*]}" >&2
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}"
}
