# SPDX-License-Identifier: MIT
"""`train --check` foretells how much memory the largest rank of a run takes."""
import json
import re
import unittest

import h5py
import numpy

import program
from program import ProgramTest

program.loads_anew = True  # memory that is shared with a server is not a run's own

TOLERANCE = 0.2  # of the peak, and of what it is above that of a run of almost nothing

TINY = """
[run]
directory = "run"
episodes = 2
batch = 8
report_every = 1
[data]
path = "few"
[time_grid]
steps = 4
[policy]
width = 16
depth = 1
[value]
network = "mlp"
width = 16
depth = 1
warmup = 0
ramp = 0
[algorithm]
updates = 1
"""

STATES = "run --batch 2500 time_grid --steps 40 policy --width 32 value --width 16"
LARGE_STATES = "run --batch 7000 time_grid --steps 40 policy --width 32 value --network none"
TRAJECTORIES = "run --batch 600 time_grid --steps 40 "
WEIGHTS = "run --batch 2 time_grid --steps 2 policy --width 2400 --depth 3"
ROWS = "time_grid --steps 2 data --path many "


class MemoryTest(ProgramTest):
    @classmethod
    def prepare(cls, folder):
        folder.write("run.toml", TINY)
        cls.write_rows(folder, "few", 100, 32)
        cls.tiny = cls.predicted(folder, [], 0)["all"], cls.measured(folder, [], 0)

    @staticmethod
    def write_rows(folder, name, rows, dimension):
        (folder / name).mkdir()
        with h5py.File(folder / name / "data.h5", "w") as file:
            file["x"] = numpy.random.default_rng(1).standard_normal((rows, dimension), numpy.float32)
            file["label"] = numpy.arange(rows) % 4

    @staticmethod
    def predicted(folder, arguments, ranks):
        """The lines of the table, in MB."""
        plan = folder.tropism("train", "--config", "run.toml", "--check", *arguments, ranks=ranks)
        table = plan.stdout.partition("# peak memory of the largest rank")[2]
        return {what: int(megabytes)
                for what, megabytes in re.findall(r"^# ([a-z][^\d\n]*?) +(\d+)$", table, re.MULTILINE)}

    @staticmethod
    def measured(folder, arguments, ranks):
        done = folder.tropism("train", "--config", "run.toml", "--progress", "none", "--restart",
                              *arguments, ranks=ranks)
        return json.loads(done.stdout.splitlines()[-1])["peak_memory_megabytes"]

    def check(self, arguments, largest, ranks=0):
        """Holds the prediction, whose largest term must be `largest`, against a run."""
        terms = self.predicted(self.folder, arguments.split(), ranks)
        peak = self.measured(self.folder, arguments.split(), ranks)
        with self.subTest(arguments, terms=terms, peak=peak, tiny=self.tiny):
            total = terms.pop("all")
            del terms["program and libraries"]
            self.assertEqual(max(terms, key=terms.get), largest)
            increment = peak - self.tiny[1]
            self.assertGreater(increment, 120)
            self.assertLess(abs(total - peak), TOLERANCE * peak)
            self.assertLess(abs(total - self.tiny[0] - increment), TOLERANCE * increment)

    def test_of_many_states(self):
        self.check(STATES, "losses")
        self.check(LARGE_STATES, "passes of the policy")  # of tensors whose memory is not kept

    def test_of_steps_that_are_learned_from_one_by_one(self):
        self.check("run --batch 80000 time_grid --steps 12 policy --width 32 value --network none "
                   "algorithm --updates 0 --learning online", "passes of the policy")

    def test_of_policy_gradients(self):
        self.folder.tropism("train", "--config", "run.toml", "--progress", "none", "run",
                            "--directory", "pretrained", "--episodes", 1)
        for name in ("ddpo", "dpok"):
            self.check("run --batch 8000 time_grid --steps 40 value --network none reward --kind "
                       f"quadratic --target 1 --beta 1 algorithm --updates 10 --name {name} "
                       "--pretrained pretrained/checkpoints/latest.h5", "episode")

    def test_of_wide_networks(self):
        self.check(TRAJECTORIES + "policy --width 256 --depth 2", "passes of the policy")
        self.check(TRAJECTORIES + "value --width 512", "passes of the value network")
        self.check("run --reproducible true --batch 960 time_grid --steps 40 policy --width 256",
                   "passes of the policy")

    def test_of_many_weights(self):
        self.check(WEIGHTS, "weights, gradients, moments")

    def test_of_many_rows(self):
        self.write_rows(self.folder, "many", 250000, 128)
        self.check(ROWS, "rows of the data")
        self.check(ROWS + "context --kind label", "rows of the data while they are loaded")
        self.check(ROWS + "--placement sharded", "rows of the data", ranks=2)

    def test_the_plan_says_what_to_change(self):
        for arguments, remedy in ((STATES, "lower [run] batch or [time_grid] steps."),
                                  (WEIGHTS, "lower [policy] width.")):
            plan = self.tropism("train", "--config", "run.toml", "--check", *arguments.split())
            self.assertIn("# If that is more than a rank can have", plan.stdout)
            self.assertTrue(plan.stdout.strip().endswith(remedy), plan.stdout)


if __name__ == "__main__":
    unittest.main()
