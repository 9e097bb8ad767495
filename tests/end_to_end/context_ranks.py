# SPDX-License-Identifier: MIT
"""The number of ranks changes the speed and nothing else, also with continuous contexts."""
import unittest

from contexts import CONFIG, write_data
from program import arrays, same_bits
from training import SHARDED, TrainingTest

REWARD = ("reward", "--kind", "linear", "--weights", "1", "--beta", "1")
CONSTANT_RATE = ("optimizer", "--schedule", "constant")


class Ranks(TrainingTest):
    @classmethod
    def prepare(cls, folder):
        write_data(folder, rows=1300)  # three blocks of a reproducible run
        folder.write("run.toml", CONFIG.replace("steps = 40", "steps = 6"))

    def test_sharded_data_with_global_scores_give_the_same_curve_up_to_round_off(self):
        self.check_same_curve((2, 4), *SHARDED, *REWARD)

    def test_a_reproducible_run_over_sharded_data_has_the_same_bits(self):
        self.check_same_bits((2, 4), *SHARDED, *REWARD)

    def test_a_reproducible_run_with_a_compact_kernel_has_the_same_bits(self):
        self.check_same_bits((3,), *SHARDED, "score", "--kernel", "compact")

    def test_a_reproducible_run_with_uniform_contexts_and_few_rows_has_the_same_bits(self):
        self.check_same_bits((3,), "context", "--prior", "uniform", "score", "--samples", "100")

    def test_samples_are_the_same_bytes(self):
        self.train("run", 2, "run", "--episodes", "2")
        for conditions in ((), ("--condition", "context=-0.5", "--condition", "context=0.75")):
            drawn = []
            for ranks in (1, 3):
                self.tropism("sample", "--checkpoint", "run/checkpoints/latest.h5", "--samples", 550,
                             *conditions, "--out", f"{ranks}.h5", ranks=ranks)
                drawn.append(arrays(self.folder / f"{ranks}.h5"))
            for other in drawn[1:]:
                self.assertEqual(same_bits(drawn[0], other), [])

    def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(self):
        _, whole = self.train("whole", 1, *CONSTANT_RATE)
        self.train("parts", 1, *CONSTANT_RATE, "run", "--episodes", "5")
        _, parts = self.train("parts", 1, *CONSTANT_RATE)
        self.assertEqual(same_bits(whole, parts), [])


if __name__ == "__main__":
    unittest.main()
