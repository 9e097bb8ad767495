# SPDX-License-Identifier: MIT
"""Data that are read block by block whenever they are needed train the same model as data in memory."""
import subprocess
import time
import unittest

import numpy

from program import DIGITS, TIMEOUT_SECONDS, ProgramTest, arrays, command, metrics, same_bits

# As in ranks.py: float32 sums in another order, amplified by 12 steps of Adam.
ROUND_OFF = 1e-5

STREAMED = ("data", "--placement", "streamed", "--block_megabytes", "0.05",  # ten blocks of digits
            "score", "--scope", "global")
NUMBERS = ("policy_loss", "value_loss", "reward_mean", "policy_norm", "gradient_norm",
           "effective_sample_size")


class Streamed(ProgramTest):
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

    def check_same_curve(self, all_ranks, *settings):
        in_memory, _ = self.train("in-memory", 1, *settings)
        for ranks in all_ranks:
            lines, _ = self.train(f"ranks-{ranks}", ranks, *STREAMED, *settings)
            self.assertEqual([line["step"] for line in lines],
                             [line["step"] for line in in_memory])
            for key in NUMBERS:
                numpy.testing.assert_allclose([line[key] for line in lines],
                                              [line[key] for line in in_memory], rtol=ROUND_OFF,
                                              err_msg=f"{key} on {ranks} ranks")

    def test_with_labels_and_a_reward_the_curve_is_the_same_up_to_round_off(self):
        self.check_same_curve((1, 2, 4))

    def test_without_labels_and_a_reward_the_curve_is_the_same_up_to_round_off(self):
        self.check_same_curve((2,), "context", "--kind", "none", "reward", "--kind", "none",
                              "--beta", "0", "run", "--episodes", "6")

    def test_with_rows_drawn_afresh_the_curve_is_the_same_up_to_round_off(self):
        self.check_same_curve((2,), "score", "--samples", "50", "run", "--episodes", "6")

    def test_a_reproducible_run_has_the_bits_of_the_run_in_memory(self):
        settings = ("run", "--reproducible", "true", "--episodes", "6")
        _, in_memory = self.train("in-memory", 1, *settings)
        _, streamed = self.train("streamed", 3, *STREAMED, *settings)
        self.assertEqual(same_bits(in_memory, streamed), [])

    def test_the_plan_names_the_blocks(self):
        done = self.tropism("train", "--config", "run.toml", "--check", *STREAMED)
        self.assertIn("streamed, two blocks of 195 rows (0.04992 MB each) at a time", done.stdout)

    def test_a_shard_that_goes_away_ends_all_ranks_with_its_name(self):
        arguments = ["train", "--config", "run.toml", "--progress", "none", *STREAMED,
                     "run", "--episodes", "1000000"]
        run = subprocess.Popen(command(arguments, ranks=3), cwd=self.folder, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with run:
            self.wait_for_a_report(run)
            (self.folder / "data/data-00002-of-00003.h5").unlink()
            _, errors = run.communicate(timeout=TIMEOUT_SECONDS)
        self.assertEqual(run.returncode, 3, errors)
        self.assertRegex(errors, r"rank \d: data/data-00002-of-00003.h5: cannot open the HDF5 file")

    def wait_for_a_report(self, run):
        report = self.folder / "run/metrics.jsonl"
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline and run.poll() is None:
            if report.exists() and report.stat().st_size > 0:
                return
            time.sleep(0.05)
        run.kill()
        self.fail("no report came: " + run.stderr.read())


if __name__ == "__main__":
    unittest.main()
