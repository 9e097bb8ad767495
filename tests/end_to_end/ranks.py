# SPDX-License-Identifier: MIT
"""The number of ranks changes the speed and nothing else."""
import unittest

from program import DIGITS, arrays, same_bits
from training import SHARDED, TrainingTest

FEW_ROWS = ("score", "--samples", "50")  # drawn afresh at each step
ONLINE = ("algorithm", "--learning", "online", "--updates", "0", "value", "--network", "mlp",
          "--target", "temporal-difference")
DRAWN = ("score", "--signal", "product")


class Ranks(TrainingTest):
    @classmethod
    def prepare(cls, folder):
        folder.import_digits()
        # Five micro-batches, the last a partial one; the value enters the policy within six episodes.
        folder.write("run.toml", DIGITS.replace("episodes = 12", "episodes = 7")
                     .replace("batch = 200", "batch = 170"))

    def test_replicated_data_give_the_same_curve_up_to_round_off(self):
        self.check_same_curve((2, 3, 4))

    def test_sharded_data_with_global_scores_give_the_same_curve_up_to_round_off(self):
        self.check_same_curve((2, 3, 4), *SHARDED)

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

    def test_a_reproducible_run_that_learns_after_every_step_has_the_same_bits(self):
        self.check_same_bits((2, 3), *ONLINE)

    def test_a_run_with_more_ranks_than_trajectories_has_the_same_bits(self):
        self.check_same_bits((4,), "run", "--batch", "3")

    def test_a_reproducible_run_in_each_kind_of_solver_has_the_same_bits(self):
        for kind in ("heun", "deis"):
            with self.subTest(kind=kind):
                self.check_same_bits((3,), "simulator", "--kind", kind, "process", "--kind",
                                     "vp-cosine", "time_grid", "--kind", "log-snr")

    def test_samples_of_each_solver_are_the_same_bytes(self):
        self.train("run", 2, "run", "--episodes", "2")
        for solver in (("--sampler", "ddim", "--eta", "0.5"),
                       ("--sampler", "dpm-solver++2m", "--time-grid", "karras", "--steps", "5")):
            with self.subTest(solver=solver):
                drawn = []
                for ranks in (1, 3):  # two blocks, the last one partial
                    self.tropism("sample", "--checkpoint", "run/checkpoints/latest.h5", "--samples",
                                 50, "--condition", "label=all", "--out", f"{ranks}.h5", *solver,
                                 ranks=ranks)
                    drawn.append(arrays(self.folder / f"{ranks}.h5"))
                self.assertEqual(same_bits(*drawn), [])

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


if __name__ == "__main__":
    unittest.main()
