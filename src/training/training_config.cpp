// SPDX-License-Identifier: MIT
#include <tropism/base/config_check.hpp>
#include <tropism/training/training_config.hpp>

namespace tropism::training {

void RunConfig::validate() const {
  if (directory.empty()) {
    base::refuse_value("run", "directory", base::config_text(directory),
                       "the path of the directory that this run writes to");
  }
  base::check_at_least("run", "seed", seed, 0);
  base::check_at_least("run", "episodes", episodes, 1);
  base::check_at_least("run", "batch", batch, 1);
  base::check_one_of("run", "aggregate", aggregate, {"root", "all"});
  base::check_one_of("run", "device", device, {"cpu", "cuda"});
  base::check_at_least("run", "report_every", report_every, 1);
  base::check_at_least("run", "check_every", check_every, 0);
}

void OptimizerConfig::validate() const {
  base::check_positive("optimizer", "learning_rate", learning_rate);
  base::check_positive("optimizer", "value_learning_rate", value_learning_rate);
  base::check_fraction("optimizer", "beta1", beta1);
  base::check_fraction("optimizer", "beta2", beta2);
  base::check_positive("optimizer", "epsilon", epsilon);
  base::check_one_of("optimizer", "schedule", schedule, {"constant", "cosine"});
  base::check_not_negative("optimizer", "clip_norm", clip_norm);
}

void AverageConfig::validate() const {
  base::check_fraction("average", "decay", decay);
}

void CheckpointConfig::validate() const {
  base::check_at_least("checkpoint", "every", every, 0);
  base::check_at_least("checkpoint", "keep", keep, 1);
}

}  // namespace tropism::training
