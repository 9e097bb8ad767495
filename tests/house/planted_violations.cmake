# SPDX-License-Identifier: MIT
# cmake -DCHECK=CheckHouseRules.cmake -DTREE=scratch folder -P planted_violations.cmake
# A check that cannot fail proves nothing: each rule must catch the one file that breaks it.
cmake_minimum_required(VERSION 3.25)

# Runs the check on a tree of one file; sets `status` and `errors`.
function(check_tree_with path text)
  file(REMOVE_RECURSE ${TREE})
  file(WRITE ${TREE}/${path} "${text}")
  execute_process(COMMAND ${CMAKE_COMMAND} -DROOT=${TREE} -P ${CHECK} RESULT_VARIABLE status
                  OUTPUT_VARIABLE errors ERROR_VARIABLE errors)
  set(status ${status} PARENT_SCOPE)
  set(errors "${errors}" PARENT_SCOPE)
endfunction()

function(must_catch path text reason)
  check_tree_with(${path} "${text}")
  string(REGEX REPLACE "[ \n]+" " " errors "${errors}") # CMake wraps long messages
  string(FIND "${errors}" "${reason}" found)
  if(status EQUAL 0 OR found EQUAL -1)
    message(FATAL_ERROR "`${reason}` was not caught in ${path}:\n${text}\n${errors}")
  endif()
endfunction()

set(source "// SPDX-License-Identifier: MIT\n")
set(header "${source}#pragma once\n")
check_tree_with(src/score/good.cpp "${source}#include <tropism/diffusion/forward_process.hpp>\n")
if(NOT status EQUAL 0)
  message(FATAL_ERROR "A clean tree was refused:\n${errors}")
endif()

must_catch(src/diffusion/a.cpp "${source}#include <tropism/score/b.hpp>\n" "`diffusion` may not include `score`")
must_catch(include/tropism/io/a.hpp "${header}#include <tropism/data/b.hpp>\n" "`io` may not include `data`")
must_catch(src/drawer/a.cpp "${source}#include <tropism/base/error.hpp>\n" "`drawer` is not in")
must_catch(src/control/a.cpp "${source}#include <tropism/conditional/b.hpp>\n" "does not know the conditional library")
must_catch(src/control/a.cpp "${source}namespace conditional::b {}\n" "names the conditional library")
must_catch(src/io/a.cpp "${source}#include <mpi.h>\n" "mpi.h belongs to src/comm")
must_catch(include/tropism/comm/a.hpp "${header}#include <mpi.h>\n" "mpi.h belongs to src/comm")
must_catch(src/data/a.cpp "${source}  #  include \"hdf5.h\"\n" "hdf5.h belongs to src/io")
must_catch(src/training/a.cpp "${source}#include <CLI/CLI.hpp>\n" "CLI11 belongs to src/app")
must_catch(tests/unit/a.cpp "${source}#include <catch2/catch.hpp>\n" "Catch2 comes by support/catch.hpp")
must_catch(src/network/a.cpp "${source}#include <hwy/highway.h>\n" "Highway belongs to kernels")
must_catch(src/data/a.cpp "${source}#include <Random123/philox.h>\n" "Random123 belongs to src/base")
must_catch(conditional/include/tropism/conditional/a.hpp "${header}#include <torch/torch.h>\n" "<torch/types.h> at most")
set(unfinished "TO" "DO") # in two pieces, or this file would break the rule
list(JOIN unfinished "" unfinished)
must_catch(src/data/a.cpp "${source}// ${unfinished}: later\n" "unfinished work")
must_catch(src/data/a.cpp "#include <tropism/base/error.hpp>\n" "does not start with the SPDX line")
must_catch(include/tropism/data/a.hpp "${source}// words\n#pragma once\n" "is not its second line")
must_catch(include/tropism/data/a.hpp "${header}torch::Tensor x()\n" "includes no <torch/...> itself")
must_catch(include/tropism/data/a.hpp "${header}#include <torch/types.h>\ntorch::nn::Module x()\n" "no <torch/nn/...> itself")
string(REPEAT "\n" 400 many_lines)
must_catch(src/data/a.cpp "${source}${many_lines}" "has 401 lines")
file(REMOVE_RECURSE ${TREE})
