# SPDX-License-Identifier: MIT
"""The verbs import, make and inspect against h5py and NumPy."""
import gzip
import os
import tempfile
import unittest

import h5py
import numpy

from program import SOURCE, start

DIGITS = SOURCE / "jobs/data/digits.csv"


class DataVerbs(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.generator = numpy.random.default_rng(1)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def tropism(self, *arguments, status=0):
        """Standard output of a run that succeeds, standard error of one that must not."""
        run = start(arguments, self.folder.name)
        self.assertEqual(run.returncode, status, run.stderr)
        return run.stderr if status else run.stdout

    def column(self, directory, name):
        """One column of a shard set, as h5py reads it."""
        parts = []
        for file_name in sorted(os.listdir(self.path(directory))):
            if file_name.endswith(".h5"):
                with h5py.File(os.path.join(self.path(directory), file_name)) as file:
                    parts.append(file[name][()])
        return numpy.concatenate(parts)

    def test_h5py_reads_the_imported_digits(self):
        self.tropism("import", DIGITS, "--out", self.path("digits"), "--label-column", "label", "--shape", "8,8",
                     "--scale", "unit", "--shards", "3")
        table = numpy.loadtxt(DIGITS, delimiter=",", skiprows=1)
        numpy.testing.assert_array_equal(self.column("digits", "x"), table[:, :64].reshape(-1, 8, 8) / 8 - 1)
        numpy.testing.assert_array_equal(self.column("digits", "label"), table[:, 64])
        with h5py.File(self.path("digits/data-00000-of-00003.h5")) as file:
            self.assertEqual(file.attrs["format"], b"tropism.shard")
            self.assertEqual((file["scaling/offset"][0], file["scaling/factor"][0]), (8, 8))

    def test_compressed_parts_with_contexts_and_rewards_are_joined(self):
        with gzip.open(self.path("a.csv.gz"), "wt") as file:
            file.write("u,v,c,r\n1,2,3,\n4,5,6,0.5\n")
        with open(self.path("b.csv"), "w") as file:
            file.write("u,v,c,r\n7,8,9,-1\n")
        self.tropism("import", self.path("a.csv.gz"), self.path("b.csv"), "--out", self.path("d"),
                     "--context-columns", "c", "--reward-column", "3")
        numpy.testing.assert_array_equal(self.column("d", "x"), [[1, 2], [4, 5], [7, 8]])
        numpy.testing.assert_array_equal(self.column("d", "context"), [[3], [6], [9]])
        numpy.testing.assert_array_equal(self.column("d", "reward"), numpy.float32([numpy.nan, 0.5, -1]))

    def test_numpy_arrays_and_their_labels_are_imported(self):
        x = self.generator.normal(size=(20, 3, 4))
        label = self.generator.integers(-5, 5, size=20)
        numpy.save(self.path("x.npy"), x)
        numpy.save(self.path("label.npy"), label)
        self.tropism("import", self.path("x.npy"), "--label", self.path("label.npy"), "--out", self.path("d"))
        numpy.testing.assert_array_equal(self.column("d", "x"), x.astype(numpy.float32))
        numpy.testing.assert_array_equal(self.column("d", "label"), label)

    def test_foreign_types_and_filters_are_read(self):
        os.mkdir(self.path("foreign"))
        for index, rows in enumerate([5, 0, 3]):
            with h5py.File(self.path(f"foreign/part{index}.h5"), "w") as file:
                file.create_dataset("x", data=numpy.full((rows, 2, 2), index, ">f8"), chunks=(2, 2, 2),
                                    maxshape=(None, 2, 2), compression="gzip", shuffle=True)
                file["label"] = numpy.full(rows, 7 + index, "u2")
                file["reward"] = numpy.full(rows, 0.25, "f2")
        listing = self.tropism("inspect", self.path("foreign"))
        self.assertIn("8 rows in 3 shards; no manifest.json", listing)
        self.assertIn("rows of shape [2, 2], 0 to 2", listing)
        self.assertIn("2 values: 7 (5), 9 (3)", listing)
        self.assertIn("all 0.25 (0 unlabelled)", listing)

    def test_inspect_shows_what_h5py_wrote(self):
        with h5py.File(self.path("a.h5"), "w") as file:
            file.attrs["variable"] = "text"
            file.attrs["fixed"] = numpy.bytes_("bytes")
            file.attrs["step"] = 12
            file["config"] = "seed = 1\nrows = 2\n"
            file["flags"] = numpy.array([True, False])
            file["empty"] = h5py.Empty("f4")
            file["nothing"] = h5py.SoftLink("/nowhere")
        listing = self.tropism("inspect", self.path("a.h5"))
        for line in ["variable = text", "fixed = bytes", "step = 12", "/config  text, 2 lines", "/flags", "/empty",
                     "/nothing  a link to nothing"]:
            self.assertIn(line, listing)
        self.assertEqual(self.tropism("inspect", self.path("a.h5"), "--text", "config"), "seed = 1\nrows = 2\n")

    def test_inspect_lists_what_it_can_of_a_file_with_an_unreadable_dataset(self):
        with h5py.File(self.path("a.h5"), "w") as file:
            file["wide"] = numpy.array([2**63], "u8")
            file["x"] = numpy.ones(3)
        run = start(["inspect", "a.h5"], self.folder.name)
        self.assertEqual(run.returncode, 3)
        self.assertIn("1 dataset cannot be read", run.stderr)
        self.assertIn("an integer above 2^63 - 1", run.stdout)
        self.assertIn("/x  float64 [3], all 1", run.stdout)

    def test_a_mixture_comes_from_options_or_from_a_file(self):
        with open(self.path("mixture.toml"), "w") as file:
            file.write('[mixture]\nweights = [0.3, 0.7]\nmeans = "-3,0; 3,1"\nstds = [1, 0.5]\n')
        self.tropism("make", "mixture", "--samples", "50", "--out", self.path("a"), "--config",
                     self.path("mixture.toml"))
        self.tropism("make", "mixture", "--samples", "50", "--out", self.path("b"), "--means", "-3,0;3,1",
                     "--weights", "0.3,0.7", "--stds", "1,0.5", "--shards", "4")
        numpy.testing.assert_array_equal(self.column("a", "x"), self.column("b", "x"))
        numpy.testing.assert_array_equal(self.column("a", "label"), self.column("b", "label"))

    def test_mistakes_end_with_a_sentence_and_the_documented_status(self):
        out = self.path("out")
        self.assertIn("no column \"digit\"", self.tropism("import", DIGITS, "--out", out, "--label-column", "digit",
                                                          status=3))
        self.assertIn("--shape [8, 9] does not fit", self.tropism("import", DIGITS, "--out", out, "--label-column",
                                                                  "label", "--shape", "8,9", status=2))
        self.assertIn("not an integer", self.tropism("import", self.rows("1,0.5\n"), "--out", out, "--label-column",
                                                     "1", status=3))
        self.assertIn("named twice", self.tropism("import", self.rows("1,2\n"), "--out", out, "--label-column", "1",
                                                  "--reward-column", "1", status=2))
        self.assertIn("no column is left", self.tropism("import", self.rows("1\n"), "--out", out, "--label-column",
                                                        "0", status=2))
        self.assertIn("cubic", self.tropism("make", "mixture-1d", "--samples", "5", "--out", out, "--scale", "cubic",
                                            status=2))
        self.assertIn("no synthetic set", self.tropism("make", "roll", "--samples", "5", "--out", out, status=2))
        self.assertIn("--out is required", self.tropism("make", "swiss-roll", "--samples", "5", status=2))
        self.assertIn("no such file", self.tropism("inspect", out, status=3))
        self.assertFalse(os.path.exists(out))

    def rows(self, text):
        with open(self.path("rows.csv"), "w") as file:
            file.write(text)
        return self.path("rows.csv")

    def test_help_names_every_option(self):
        for verb, options in {"import": ["--label-column", "--scale", "--shape", "--force"],
                              "make": ["--samples", "--noise", "--means", "--seed"],
                              "inspect": ["--all", "--text"]}.items():
            text = self.tropism(verb, "--help")
            for option in options:
                self.assertIn(option, text)


if __name__ == "__main__":
    unittest.main()
