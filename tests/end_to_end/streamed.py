# SPDX-License-Identifier: MIT
"""Data that are read block by block whenever they are needed train the same model as data in memory."""
import subprocess
import time
import unittest

from program import DIGITS, TIMEOUT_SECONDS, command
from training import TrainingTest

STREAMED = ("data", "--placement", "streamed", "--block_megabytes", "0.05",  # ten blocks of digits
            "score", "--scope", "global")


class Streamed(TrainingTest):
    @classmethod
    def prepare(cls, folder):
        folder.import_digits()
        folder.write("run.toml", DIGITS)

    def test_with_labels_and_a_reward_the_curve_is_the_same_up_to_round_off(self):
        self.check_same_curve((1, 2, 4), otherwise=STREAMED)

    def test_without_labels_and_a_reward_the_curve_is_the_same_up_to_round_off(self):
        self.check_same_curve((2,), "context", "--kind", "none", "reward", "--kind", "none",
                              "--beta", "0", "run", "--episodes", "6", otherwise=STREAMED)

    def test_with_rows_drawn_afresh_the_curve_is_the_same_up_to_round_off(self):
        self.check_same_curve((2,), "score", "--samples", "50", "run", "--episodes", "6",
                              otherwise=STREAMED)

    def test_a_reproducible_run_has_the_bits_of_the_run_in_memory(self):
        self.check_same_bits((3,), "run", "--episodes", "6", otherwise=STREAMED)

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
