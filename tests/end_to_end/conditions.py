# SPDX-License-Identifier: MIT
"""`tropism sample --condition` with lists of conditions in files."""
import unittest

import h5py
import numpy

from program import ProgramTest, arrays

CONFIG = """
[run]
directory = "{name}"
episodes = 2
batch = 8
[data]
path = "{data}"
[policy]
width = 8
[context]
kind = "{kind}"
"""
LABELS = [7, 3, 3, 5]
CONTEXTS = [[6.0], [9.5], [13.25]]


class Conditions(ProgramTest):
    @classmethod
    def prepare(cls, folder):
        rows = "".join(f"{i % 5 + 3},{i * 0.1:.1f},{i * i * 0.01:.2f}\n" for i in range(40))
        folder.write("rows.csv", "kind,a,b\n" + rows)
        folder.tropism("import", "rows.csv", "--label-column", "kind", "--out", "labelled")
        folder.tropism("make", "swiss-roll", "--samples", 40, "--out", "roll")
        for name, data, kind in (("labels", "labelled", "label"), ("contexts", "roll", "vector")):
            folder.write("run.toml", CONFIG.format(name=name, data=data, kind=kind))
            folder.tropism("train", "--config", "run.toml", "--progress", "none")
        folder.write("label.csv", "index,label\n" + "".join(f"9,{label}\n" for label in LABELS))
        folder.write("context.csv", "".join(f"{context[0]}\n" for context in CONTEXTS))
        for name, values in (("label", numpy.array(LABELS)), ("context", numpy.array(CONTEXTS))):
            numpy.save(str(folder / f"{name}.npy"), values)
            with h5py.File(folder / f"{name}.h5", "w") as file:
                file[name] = values

    def sample(self, kind, *conditions, ranks=0):
        arguments = [part for condition in conditions for part in ("--condition", condition)]
        self.warning = self.tropism(
            "sample", "--checkpoint", f"{kind}s/checkpoints/latest.h5", "--samples", 3, "--out",
            "drawn.h5", "--progress", "none", *arguments, ranks=ranks).stderr
        return arrays(self.folder / "drawn.h5")

    def check_files(self, kind, typed):
        expected = self.sample(kind, *typed)
        for ending in ("csv", "npy", "h5"):
            for ranks in (0, 2) if ending == "h5" else (0,):
                with self.subTest(ending=ending, ranks=ranks):
                    found = self.sample(kind, f"{kind}=@{kind}.{ending}", ranks=ranks)
                    for name in ("x", kind):
                        numpy.testing.assert_array_equal(found[name], expected[name])

    def test_labels_in_a_file_are_those_typed_one_by_one(self):
        self.check_files("label", [f"label={label}" for label in LABELS])

    def test_contexts_in_a_file_are_those_typed_one_by_one(self):
        self.check_files("context", [f"context={context[0]}" for context in CONTEXTS])

    def test_a_file_of_samples_gives_new_samples_under_the_same_conditions(self):
        first = self.sample("label", "label=4", "label=@label.csv")["label"]
        (self.folder / "drawn.h5").rename(self.folder / "first.h5")

        again = self.sample("label", "label=@first.h5")["label"]

        numpy.testing.assert_array_equal(again, numpy.repeat(first, 3))

    def test_a_file_with_contexts_outside_the_range_of_the_data_brings_a_warning(self):
        self.sample("context", "context=@context.csv")
        inside = self.warning
        numpy.save(str(self.folder / "far.npy"), numpy.array([6.0, 99.0, -99.0]))
        self.sample("context", "context=@far.npy")

        self.assertEqual(inside, "")
        self.assertIn("the contexts of 6 samples are outside the range", self.warning)


if __name__ == "__main__":
    unittest.main()
