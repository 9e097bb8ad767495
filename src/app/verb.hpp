// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <tropism/base/error.hpp>
#include <tropism/comm/communicator.hpp>

namespace tropism::app {

using Arguments = std::vector<std::string>;  // what follows the verb on the command line

/// Each verb is one file, verb_<name>.cpp. It builds its own CLI11 app (so that config sections can
/// be sub-commands of it), writes results to standard output and everything else to standard error,
/// and throws base::Error. Those that take a communicator are collective.
base::ExitStatus run_import(const Arguments& arguments);
base::ExitStatus run_make(const Arguments& arguments);
base::ExitStatus run_inspect(const Arguments& arguments);
base::ExitStatus run_plot(const Arguments& arguments);
base::ExitStatus run_train(const Arguments& arguments, const comm::Communicator& comm);
base::ExitStatus run_sample(const Arguments& arguments, const comm::Communicator& comm);
base::ExitStatus run_evaluate(const Arguments& arguments, const comm::Communicator& comm);
base::ExitStatus run_reproduce(const Arguments& arguments, const comm::Communicator& comm);
base::ExitStatus run_bench(const Arguments& arguments, const comm::Communicator& comm);
base::ExitStatus run_doctor(const Arguments& arguments, const comm::Communicator& comm);

}  // namespace tropism::app
