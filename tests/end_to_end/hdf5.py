# SPDX-License-Identifier: MIT
"""Files are exchanged with other people's tools: h5py, h5dump, HDF5 with names of its own."""
import pathlib
import subprocess
import sys
import unittest

import h5py
import numpy

from program import SOURCE, ProgramTest

HERE = pathlib.Path(__file__).parent
FOREIGN = """
[run]
directory = "runs/digits"
episodes = 2
batch = 10
[data]
path = "foreign.h5"
x = "images"
label = "digit"
[policy]
width = 8
depth = 1
[context]
kind = "label"
"""


class Hdf5(ProgramTest):
    """A model of images in bytes, whose datasets have names of their own."""

    @classmethod
    def prepare(cls, folder):
        generator = numpy.random.default_rng(1)
        with h5py.File(folder / "foreign.h5", "w") as file:
            file["images"] = generator.integers(0, 256, (60, 8, 8), dtype="u1")
            file["digit"] = generator.integers(3, 6, 60, dtype="u1")
        folder.write("run.toml", FOREIGN)
        folder.tropism("train", "--config", "run.toml", ranks=2)

    def setUp(self):
        super().setUp()
        self.checkpoint = self.folder / "runs/digits/checkpoints/latest.h5"

    def test_samples_have_the_shape_and_the_labels_of_the_data(self):
        self.tropism("sample", "--checkpoint", self.checkpoint, "--samples", 4, "--condition",
                     "label=5", "--condition", "label=3", "--out", "samples.h5")

        with h5py.File(self.folder / "samples.h5") as file:
            self.assertEqual(file["x"].shape, (8, 8, 8))
            self.assertEqual(file["x"].dtype, numpy.float32)
            self.assertEqual(list(file["label"]), [5] * 4 + [3] * 4)
            self.assertEqual(list(file["index"]), list(range(8)))
            self.assertEqual(file.attrs["sampler"], b"euler-maruyama")

    def test_samples_as_npy_and_csv_are_those_of_hdf5(self):
        for ending in ("h5", "npy", "csv"):
            self.tropism("sample", "--checkpoint", self.checkpoint, "--samples", 5, "--out",
                         f"samples.{ending}")

        with h5py.File(self.folder / "samples.h5") as file:
            x, label = file["x"][...], file["label"][...]
        numpy.testing.assert_array_equal(numpy.load(self.folder / "samples.npy"), x)
        table = numpy.genfromtxt(self.folder / "samples.csv", delimiter=",", names=True)
        numpy.testing.assert_array_equal(table["label"], label)
        numpy.testing.assert_array_equal(table["x63"].astype("f4"), x.reshape(5, 64)[:, 63])

    def test_h5py_reads_a_checkpoint(self):
        done = subprocess.run([sys.executable, HERE / "read_checkpoint.py"], cwd=self.folder,
                              capture_output=True, text=True, timeout=60)

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("episode 2 seed 1", done.stdout)
        self.assertIn("layer1.weight", done.stdout)
        self.assertIn('x = "images"', done.stdout)

    def test_the_readme_quotes_that_snippet(self):
        snippet = (HERE / "read_checkpoint.py").read_text()
        self.assertIn(snippet, (SOURCE / "README.md").read_text())

    def test_h5dump_reads_a_checkpoint(self):
        done = subprocess.run(["h5dump", "-d", "/policy/layer1.weight", self.checkpoint],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("H5T_IEEE_F32LE", done.stdout)

    def test_a_config_in_a_checkpoint_trains_the_same_model_again(self):
        text = self.tropism("inspect", self.checkpoint, "--text", "config").stdout
        self.folder.write("again.toml", text)
        self.tropism("train", "--config", "again.toml", "run", "--directory", "again", ranks=2)

        with h5py.File(self.checkpoint) as first, \
             h5py.File(self.folder / "again/checkpoints/latest.h5") as second:
            for name in first["policy"]:
                numpy.testing.assert_array_equal(first["policy"][name], second["policy"][name])


if __name__ == "__main__":
    unittest.main()
