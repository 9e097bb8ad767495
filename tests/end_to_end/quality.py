# SPDX-License-Identifier: MIT
"""`tropism bench quality`: seconds of training until samples are good, of a config and its variants."""
import json
import unittest

from program import DIGITS, ProgramTest, metrics

SMALL = DIGITS.replace("batch = 200", "batch = 64")


class Quality(ProgramTest):
    @classmethod
    def prepare(cls, folder):
        folder.import_digits()
        folder.write("run.toml", SMALL)

    def bench(self, *arguments, ranks=0):
        done = self.tropism("bench", "quality", "--config", "run.toml", "--out", "found", *arguments,
                            ranks=ranks)
        self.found = json.loads((self.folder / "found/quality.json").read_text())
        return done

    def points(self, variant):
        return [point for point in self.found["points"] if point["variant"] == variant]

    def test_each_variant_is_trained_up_to_the_length_that_reaches_the_target(self):
        done = self.bench("--variants", "config,mean=plain", "--episodes", "2,12", "--target", "0.16",
                          "--samples", 5, "--seeds", 2, "optimizer", "--learning_rate", "0.01", ranks=2)

        for variant in ("config", "mean=plain"):
            points = self.points(variant)
            reached = [point["reached"] for point in points]
            self.assertEqual([point["episodes"] for point in points], [2, 12][:len(points)])
            self.assertEqual(reached, [min(run["quality"] for run in point["runs"]) >= 0.16
                                       for point in points])
            self.assertTrue(len(points) == 2 or reached == [True])
            self.assertNotIn(True, reached[:-1])
            for point in points:
                self.assertEqual(len(point["runs"]), 2)
                self.assertGreater(point["seconds"], 0)
                self.assertGreater(point["cpu_seconds"], 0)
            self.assertIn(points[-1], self.found["answers"])
        self.assertEqual(self.found["quality"], "label agreement")
        self.assertIn("target reached", done.stdout)
        self.assertTrue((self.folder / "found/quality.png").read_bytes().startswith(b"\x89PNG"))
        self.assertFalse((self.folder / "run").exists(), "the run directory was written to")

    def test_a_run_is_judged_as_sample_and_evaluate_judge_it(self):
        self.bench("--variants", "config", "--episodes", 12, "--samples", 5)
        self.tropism("train", "--config", "run.toml", "--progress", "none")
        report = json.loads(self.tropism(
            "evaluate", "--checkpoint", "run/checkpoints/latest.h5", "--condition", "label=all",
            "--samples", 5, "--data", "data").stdout)["all"]

        run = self.found["points"][0]["runs"][0]
        self.assertEqual(metrics(self.folder / "run")[-1]["step"], 12)
        self.assertEqual(run["quality"], report["label_agreement"]["fraction"])
        self.assertAlmostEqual(run["nearest_ratio"], report["nearest"]["ratio"], 5)
        self.assertAlmostEqual(run["reward"], report["samples"]["reward"]["mean"], 5)

    def test_without_labels_the_divergence_is_what_counts(self):
        self.tropism("make", "swiss-roll", "--samples", 50, "--out", "roll")
        self.folder.write("run.toml", '[run]\ndirectory = "run"\nbatch = 8\nepisodes = 9\n'
                                      '[data]\npath = "roll"\n[policy]\nwidth = 8\n')
        self.bench("--variants", "config,width=double", "--target", "1000", "--samples", 40)

        self.assertEqual([(point["variant"], point["episodes"], point["reached"])
                          for point in self.found["points"]],
                         [("config", 1, True), ("width=double", 1, True)])
        self.assertEqual(self.found["quality"], "KL divergence")

    def test_a_variant_that_diverges_is_marked_and_not_trained_further(self):
        done = self.bench("--variants", "config,batch=half", "--episodes", "3,6", "optimizer",
                          "--learning_rate", "1e30")

        self.assertEqual([(point["variant"], point["episodes"], point["diverged"])
                          for point in self.found["points"]],
                         [("config", 3, True), ("batch=half", 3, True)])
        self.assertIn("diverged", done.stdout)

    def test_what_makes_no_sense_is_refused(self):
        for arguments, reason in ((("--variants", "mean=plane"), "Did you mean mean=plain?"),
                                  (("--variants", "updates=double", "algorithm", "--updates", "4"),
                                   "The variant updates=double makes no sense here"),
                                  (("--episodes", "9,3"), "--episodes"),
                                  (("--latency", "2"), "belongs to `tropism bench scaling`")):
            with self.subTest(arguments=arguments):
                done = self.tropism("bench", "quality", "--config", "run.toml", *arguments, status=2)
                self.assertIn(reason, done.stderr)


if __name__ == "__main__":
    unittest.main()
