# SPDX-License-Identifier: MIT
"""`tropism evaluate`: what it says of samples from a checkpoint and from files, on any number of
ranks."""
import json
import unittest

import h5py
import numpy

from program import DIGITS, ProgramTest

SMALL = DIGITS.replace("batch = 200", "batch = 20").replace("episodes = 12", "episodes = 2")
DISTANCES = ("kl", "mmd_squared", "energy_distance", "sliced_wasserstein_1", "sliced_wasserstein_2")


class Evaluate(ProgramTest):
    @classmethod
    def prepare(cls, folder):
        folder.import_digits()
        folder.write("run.toml", SMALL)
        folder.tropism("train", "--config", "run.toml", "--progress", "none")

    def evaluate(self, *arguments, ranks=0):
        return self.tropism("evaluate", "--checkpoint", "run/checkpoints/latest.h5", "--data", "data",
                            "--condition", "label=3", "--condition", "label=8", *arguments,
                            ranks=ranks).stdout

    def points(self, name, x, label):
        with h5py.File(self.folder / name, "w") as file:
            file["x"] = x.astype("float32")
            file["label"] = label.astype("int32")

    def test_the_report_is_the_same_on_any_number_of_ranks(self):
        alone = self.evaluate("--batches", 3, "--batch-size", 20)

        report = json.loads(alone)
        self.assertEqual([group["label"] for group in report["conditions"]], [3, 8])
        for group in report["conditions"]:
            self.assertEqual(group["samples"]["count"], 60, "batches times their size are drawn")
            for name in DISTANCES:
                self.assertEqual(group[name]["batches"], 3)
                self.assertIsNotNone(group[name]["batch_interval_95"])
            self.assertIsNotNone(group["samples"]["reward"]["interval_95"])
        for ranks in (2, 3):
            with self.subTest(ranks=ranks):
                self.assertEqual(
                    self.evaluate("--batches", 3, "--batch-size", 20, ranks=ranks), alone)

    def test_shifted_points_are_at_the_distances_of_their_closed_forms(self):
        x = numpy.random.default_rng(1).normal(size=(4000, 1))
        label = numpy.arange(4000) % 2
        self.points("data.h5", x, label)
        self.points("moved.h5", x + 2.0 * label[:, None], label)

        still, moved = json.loads(self.tropism(
            "evaluate", "--samples", "moved.h5", "--data", "data.h5", "--metrics",
            "energy,sliced-wasserstein").stdout)["conditions"]

        # Along a line W_p is the shift; 2 E|X - Y| - 2 E|X - X'| of N(2, 1) and N(0, 1) is 1.944.
        self.assertAlmostEqual(still["sliced_wasserstein_1"]["value"], 0.0, 6)
        self.assertAlmostEqual(moved["sliced_wasserstein_1"]["value"], 2.0, 5)
        self.assertAlmostEqual(moved["sliced_wasserstein_2"]["value"], 2.0, 5)
        self.assertLess(abs(still["energy_distance"]["value"]), 0.01)
        self.assertAlmostEqual(moved["energy_distance"]["value"], 1.944, delta=0.06)
        self.assertIsNone(moved["kl"])

    def test_the_table_has_a_line_for_each_label_and_only_what_was_asked_for(self):
        table = self.evaluate("--samples", 40, "--metrics", "energy,memorisation", "--table")

        self.assertEqual(table.count("\nlabel 3 "), 2)
        self.assertEqual(table.count("\nlabel 8 "), 2)
        for column in ("energy distance", "nearest/data"):
            self.assertIn(column, table)
        for column in ("KL", "MMD", "sliced", "reward", "agreement"):
            self.assertNotIn(column, table)


if __name__ == "__main__":
    unittest.main()
