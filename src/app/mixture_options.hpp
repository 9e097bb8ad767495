// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <tropism/data/synthetic.hpp>

namespace tropism::app {

/// How a user writes a mixture: `--weights 0.3,0.7 --means "-3,0;3,1" --stds 1,0.5`, or the same
/// keys in section [mixture] of a file.
struct MixtureText {
  std::vector<double> weights;  // empty: all components alike
  std::string means;            // coordinates separated by commas, components by semicolons
  std::vector<double> stds;     // one for all, or one per component
};

/// Keys of section [mixture] in a TOML file: weights and stds are lists of numbers, means is a
/// text. Other sections are left alone.
/// @throws ConfigError   names file, line and key
[[nodiscard]] MixtureText read_mixture_file(const std::string& path);

/// @throws ConfigError   names the part that cannot be understood
[[nodiscard]] data::MixtureConfig parse_mixture(const MixtureText& text);

}  // namespace tropism::app
