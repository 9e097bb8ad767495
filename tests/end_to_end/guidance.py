# SPDX-License-Identifier: MIT
"""`tropism sample --guide FILE --guidance W`: two checkpoints, on labels and without a context."""
import unittest

import h5py
import numpy

from program import DIGITS, SOURCE, ProgramTest, arrays

SMALL = DIGITS.replace("batch = 200", "batch = 20").replace("episodes = 12", "episodes = 3")


class Guidance(ProgramTest):
    @classmethod
    def prepare(cls, folder):
        folder.import_digits()
        folder.write("run.toml", SMALL)
        for name, kind in (("digits", "label"), ("free", "none")):
            folder.tropism("train", "--config", "run.toml", "--progress", "none", "run", "--directory",
                           name, "context", "--kind", kind)

    def sample(self, *arguments, name="digits", ranks=0):
        self.tropism("sample", "--checkpoint", f"{name}/checkpoints/latest.h5", "--samples", 20,
                     "--out", "drawn.h5", "--progress", "none", *arguments, ranks=ranks)
        return arrays(self.folder / "drawn.h5")["x"].astype("float64")

    def guided(self, weight, *arguments, guide="free", ranks=0):
        return self.sample("--guide", f"{guide}/checkpoints/latest.h5", "--guidance", weight,
                           "--condition", "label=7", *arguments, ranks=ranks)

    def test_after_one_step_the_samples_are_the_combination_of_those_of_both_checkpoints(self):
        # One step without noise from the same start is linear in the score.
        step = ("--steps", 1)
        sevens = self.sample("--condition", "label=7", *step)
        free = self.sample(*step, name="free")

        self.assertGreater(numpy.abs(sevens - free).max(), 0.1)
        for weight in (-0.5, 0.4, 2.5):
            with self.subTest(weight=weight):
                expected = free + weight * (sevens - free)
                self.assertLess(numpy.abs(self.guided(weight, *step) - expected).max(), 1e-3)

    def test_weight_one_is_the_checkpoint_alone(self):
        self.assertTrue(numpy.array_equal(self.guided(1.0), self.sample("--condition", "label=7")))

    def test_a_guide_on_the_same_labels_is_given_the_same_label(self):
        own = self.guided(3.0, "--steps", 1, guide="digits")
        alone = self.sample("--condition", "label=7", "--steps", 1)

        self.assertLess(numpy.abs(own - alone).max(), 1e-3)

    def test_guided_samples_are_the_same_on_any_number_of_ranks_and_say_how_they_were_drawn(self):
        alone = self.guided(2.0)

        self.assertTrue(numpy.array_equal(self.guided(2.0, ranks=2), alone))
        with h5py.File(self.folder / "drawn.h5") as file:
            self.assertEqual(file.attrs["guidance"], b"2")
            self.assertEqual(file.attrs["guide"], b"free/checkpoints/latest.h5")

    def test_a_guide_of_another_problem_is_refused(self):
        self.tropism("import", SOURCE / "jobs/data/digits.csv", "--out", "wide", "--label-column", "label",
                     "--shape", "8,8")
        self.tropism("make", "swiss-roll", "--samples", 30, "--out", "roll")
        for name, settings, reason in (
                ("other", ("process", "--terminal_time", 2), "[process]"),
                ("wide", ("data", "--path", "wide"), "scaled otherwise"),
                ("roll", ("data", "--path", "roll"), "another shape")):
            with self.subTest(guide=name):
                self.tropism("train", "--config", "run.toml", "--progress", "none", "run",
                             "--directory", f"runs/{name}", "--episodes", 1, "context", "--kind", "none",
                             *settings)
                done = self.tropism(
                    "sample", "--checkpoint", "digits/checkpoints/latest.h5", "--samples", 2, "--out",
                    "new.h5", "--guide", f"runs/{name}/checkpoints/latest.h5", "--guidance", 2, status=2)
                self.assertIn(reason, done.stderr)
                self.assertFalse((self.folder / "new.h5").exists())


if __name__ == "__main__":
    unittest.main()
