// SPDX-License-Identifier: MIT
#include <tropism/base/config_check.hpp>
#include <tropism/score/score_signal.hpp>

namespace tropism::score {

void ScoreConfig::validate() const {
  base::check_one_of("score", "kind", kind, {"ratio"});
  base::check_at_least("score", "samples", samples, 0);
  base::check_not_negative("score", "floor", floor);
  base::check_one_of("score", "scope", scope, {"local", "global"});
  base::check_one_of("score", "signal", signal, {"ratio", "posterior-draw", "product"});
  if (signal != "ratio" && floor > 0.0)
    base::refuse_value("score", "floor", base::config_text(floor),
                       "0 with signal = \"" + signal + "\", whose draws know no floor");
  base::check_one_of("score", "kernel", kernel, {"gaussian", "compact"});
  base::check_not_negative("score", "bandwidth", bandwidth);
  base::check_not_negative("score", "least_effective_rows", least_effective_rows);
  base::check_fraction("score", "pruning", pruning);
}

}  // namespace tropism::score
