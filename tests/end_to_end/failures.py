# SPDX-License-Identifier: MIT
"""A failure of one rank ends all of them at once, with the reason."""
import os
import pathlib
import signal
import subprocess
import time
import unittest

import h5py
import numpy

from program import TIMEOUT_SECONDS, ProgramTest, command, ranks_of

ROWS = 300
CONFIG = """
[run]
directory = "run"
episodes = 1000000
batch = 12
[data]
path = "data.h5"
placement = "sharded"
[score]
scope = "global"
[policy]
width = 4
depth = 1
"""


class Failures(ProgramTest):
    def setUp(self):
        super().setUp()
        self.x = numpy.random.default_rng(1).normal(size=(ROWS, 2)).astype("f4")
        self.folder.write("run.toml", CONFIG)

    def write_data(self):
        with h5py.File(self.folder / "data.h5", "w") as file:
            file["x"] = self.x

    def train(self, *settings, status):
        start = time.monotonic()
        done = self.tropism("train", "--config", "run.toml", "--progress", "none", *settings,
                            ranks=3, status=status)
        self.assertLess(time.monotonic() - start, 10.0, "the start of three ranks included")
        return done.stderr

    def test_a_row_that_one_rank_alone_reads_ends_the_run_with_its_place(self):
        self.x[250] = numpy.nan  # of the last third
        self.write_data()
        message = self.train(status=3)
        self.assertIn("tropism: rank 2: data.h5: row 250 of `x` holds NaN", message)
        self.assertFalse((self.folder / "run").exists())

    def test_weights_that_are_ruined_end_the_run_with_the_episode(self):
        self.write_data()
        message = self.train("optimizer", "--learning_rate", "1e30", status=4)
        self.assertRegex(message, r"Episode \d+: .*not finite.* learning_rate")

    def test_a_killed_rank_takes_the_others_along(self):
        self.write_data()
        launcher = subprocess.Popen(command(["train", "--config", "run.toml"], 3), cwd=self.folder,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(launcher.kill)
        metrics = self.folder / "run/metrics.jsonl"
        while not (metrics.exists() and metrics.stat().st_size) and launcher.poll() is None:
            time.sleep(0.01)
        ranks = ranks_of(launcher)
        self.assertEqual(len(ranks), 3)

        start = time.monotonic()
        os.kill(ranks[1], signal.SIGKILL)
        status = launcher.wait(TIMEOUT_SECONDS)

        self.assertEqual(status, 128 + signal.SIGKILL)
        while any(is_running(pid) for pid in ranks) and time.monotonic() - start < 5.0:
            time.sleep(0.01)
        self.assertEqual([pid for pid in ranks if is_running(pid)], [])


def is_running(pid):
    """Whether a process is there and is more than an entry that nobody has asked about."""
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


if __name__ == "__main__":
    unittest.main()
