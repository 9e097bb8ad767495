# SPDX-License-Identifier: MIT
"""The number of ranks changes the speed and nothing else."""
import unittest

import numpy

from program import DIGITS, ProgramTest, arrays, metrics, same_bits

# Float32 sums in another order: 1e-7 each, amplified by 12 steps of Adam (3e-7 was measured).
ROUND_OFF = 1e-5

SHARDED = ("data", "--placement", "sharded", "score", "--scope", "global")
REPRODUCIBLE = ("run", "--reproducible", "true")
FEW_ROWS = ("score", "--samples", "50")  # drawn afresh at each step
DRAWN = ("score", "--signal", "product")
NUMBERS = ("policy_loss", "value_loss", "reward_mean", "policy_norm", "gradient_norm",
           "effective_sample_size")


class Ranks(ProgramTest):
    @classmethod
    def prepare(cls, folder):
        folder.import_digits()
        folder.write("run.toml", DIGITS)

    def train(self, name, ranks, *settings):
        """Trains into a run directory of this name; its metrics and its last checkpoint."""
        self.tropism("train", "--config", "run.toml", "--progress", "none", *settings,
                     "run", "--directory", name, ranks=ranks)
        run = self.folder / name
        return metrics(run), arrays(run / "checkpoints/latest.h5")

    def check_same_curve(self, *settings):
        alone, _ = self.train("ranks-1", 1, *settings)
        for ranks in (2, 3, 4):
            lines, _ = self.train(f"ranks-{ranks}", ranks, *settings)
            self.assertEqual([line["step"] for line in lines], [line["step"] for line in alone])
            for key in NUMBERS:
                numpy.testing.assert_allclose([line[key] for line in lines],
                                              [line[key] for line in alone], rtol=ROUND_OFF,
                                              err_msg=f"{key} on {ranks} ranks")

    def check_same_bits(self, all_ranks, *settings):
        settings = REPRODUCIBLE + settings
        alone, checkpoint = self.train("ranks-1", 1, *settings)
        for ranks in all_ranks:
            lines, other = self.train(f"ranks-{ranks}", ranks, *settings)
            self.assertEqual(same_bits(checkpoint, other), [], f"on {ranks} ranks")
            self.assertEqual([without_times(line) for line in lines],
                             [without_times(line) for line in alone], f"on {ranks} ranks")

    def test_replicated_data_give_the_same_curve_up_to_round_off(self):
        self.check_same_curve()

    def test_sharded_data_with_global_scores_give_the_same_curve_up_to_round_off(self):
        self.check_same_curve(*SHARDED)

    def test_a_reproducible_run_has_the_same_bits(self):
        self.check_same_bits((2, 3, 4))

    def test_a_reproducible_run_over_sharded_data_has_the_same_bits(self):
        self.check_same_bits((2, 3, 4), *SHARDED)

    def test_a_reproducible_run_that_draws_rows_of_sharded_data_has_the_same_bits(self):
        self.check_same_bits((3,), *FEW_ROWS, *SHARDED)

    def test_a_reproducible_run_that_draws_from_sharded_data_has_the_same_bits(self):
        self.check_same_bits((3,), *DRAWN, *SHARDED)

    def test_a_reproducible_run_has_the_same_bits_where_every_rank_steps(self):
        self.check_same_bits((3,), "run", "--aggregate", "all")

    def test_a_run_with_more_ranks_than_trajectories_has_the_same_bits(self):
        self.check_same_bits((4,), "run", "--batch", "3")

    def test_samples_are_the_same_bytes(self):
        self.train("run", 2, "run", "--episodes", "2")
        drawn = []
        for ranks in (1, 2, 3, 4):  # 1,100 samples: three blocks, the last one partial
            self.tropism("sample", "--checkpoint", "run/checkpoints/latest.h5", "--samples", 110,
                         "--condition", "label=all", "--out", f"{ranks}.h5", ranks=ranks)
            drawn.append(arrays(self.folder / f"{ranks}.h5"))
        self.assertEqual(drawn[0]["x"].shape, (1100, 8, 8))
        for other in drawn[1:]:
            self.assertEqual(same_bits(drawn[0], other), [])

    def test_a_few_samples_can_be_drawn_on_many_ranks(self):
        self.train("run", 1, "run", "--episodes", "2")
        for ranks in (1, 4):
            self.tropism("sample", "--checkpoint", "run/checkpoints/latest.h5", "--samples", 3,
                         "--out", f"{ranks}.h5", ranks=ranks)
        self.assertEqual(same_bits(arrays(self.folder / "1.h5"), arrays(self.folder / "4.h5")), [])


def without_times(line):
    times = ("seconds", "episodes_per_second", "time")
    return {key: value for key, value in line.items() if key not in times}


if __name__ == "__main__":
    unittest.main()
