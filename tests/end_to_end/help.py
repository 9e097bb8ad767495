# SPDX-License-Identifier: MIT
"""--help is complete: every verb has one, and every option that a verb knows is in it."""
import re
import unittest

from program import ProgramTest

OPTIONS = {
    "import": ["--out", "--name", "--shards", "--scale", "--label-column", "--context-columns",
               "--reward-column", "--label", "--context", "--reward", "--shape", "--force"],
    "make": ["--samples", "--out", "--seed", "--shards", "--scale", "--noise", "--means", "--stds",
             "--weights", "--config", "--dimension", "--latent", "--labelled", "--label-noise",
             "--force"],
    "train": ["--config", "--check", "--restart", "--progress"],
    "sample": ["--checkpoint", "--samples", "--out", "--condition", "--sampler", "--eta", "--time-grid",
               "--smallest-time", "--steps", "--seed", "--weights", "--last-step", "--guide",
               "--guidance", "--progress"],
    "evaluate": ["--samples", "--checkpoint", "--data", "--table", "--reward", "--beta",
                 "--neighbours", "--metrics", "--kl-form", "--batch-size", "--batches", "--projections"],
    "plot": ["--out", "--data", "--title", "--columns", "--shape"],
    "reproduce": ["--out", "--quick", "--progress"],
    "bench": ["--config", "--out", "--seconds", "--latency", "--bandwidth", "--variants", "--episodes",
              "--target", "--samples", "--last-step", "--seeds"],
    "inspect": ["--text", "--all"],
    "doctor": ["--json"],
}


class Help(ProgramTest):
    def verbs(self):
        listing = self.tropism("--help").stdout.partition("verbs:\n")[2].partition("\n\n")[0]
        return re.findall(r"^  (\S+)", listing, re.MULTILINE)

    def test_every_verb_explains_each_of_its_options(self):
        self.assertLessEqual(set(OPTIONS), set(self.verbs()))

        for verb in self.verbs():
            with self.subTest(verb=verb):
                text = self.tropism(verb, "--help").stdout
                self.assertIn(f"tropism {verb}", text)
                for option in OPTIONS.get(verb, []):
                    self.assertRegex(text, rf"(?m)^  (-\w,)?[-\w,]*{option}[ ,]", option)
                bare = re.findall(r"(?m)^  -\S+ *$(?!\n {20})", text)
                self.assertEqual(bare, [], "options without an explanation")

    def test_the_help_of_train_explains_every_key_of_an_effective_config(self):
        self.tropism("make", "swiss-roll", "--samples", 9, "--out", "data")
        effective = self.tropism("train", "--check", "run", "--directory", "run", "data", "--path",
                                 "data").stdout.partition("# plan")[0]
        help_text = self.tropism("train", "--help").stdout

        keys = re.findall(r"^(\w+) = ", effective, re.MULTILINE)
        self.assertGreater(len(keys), 50)
        missing = [key for key in keys if not re.search(rf"(?m)^  {key} .*\[.*\]$", help_text)]
        self.assertEqual(missing, [])

    def test_the_version_names_the_libraries(self):
        versions = self.tropism("--version").stdout
        for library in ("Tropism", "LibTorch", "MPI", "HDF5", "CLI11"):
            self.assertIn(library, versions)

    def test_no_verb_at_all_prints_the_help(self):
        self.assertIn("verbs:", self.tropism().stdout)


if __name__ == "__main__":
    unittest.main()
