# SPDX-License-Identifier: MIT
"""`tropism bench scaling`: measures on one and more ranks, and predicts for many."""
import json
import unittest

from program import DIGITS, ProgramTest

PARTS = ("rollout", "score", "learn", "wait", "reduce")
RANKS = [16, 32, 64, 128, 256, 512, 1024, 2048, 4096]
CASES = [(scaling, aggregate) for scaling in ("strong", "weak") for aggregate in ("root", "all")]
NETWORK = ("--latency", "2", "--bandwidth", "10")


class Bench(ProgramTest):
    @classmethod
    def prepare(cls, folder):
        folder.import_digits()
        folder.write("run.toml", DIGITS)

    def bench(self, ranks, *arguments):
        done = self.tropism("bench", "scaling", "--config", "run.toml", "--seconds", "0.1", "--out",
                            "found", *arguments, ranks=ranks)
        self.found = json.loads((self.folder / "found/scaling.json").read_text())
        return done

    def check_points(self, rank_counts):
        """Each way to run has a point for each number of ranks, whose parts add up."""
        points = self.found["measured"]
        self.assertEqual([(point["ranks"], point["scaling"], point["aggregate"]) for point in points],
                         [(ranks, *case) for ranks in rank_counts for case in CASES])
        for point in points:
            with self.subTest(ranks=point["ranks"], scaling=point["scaling"]):
                seconds = point["seconds"]
                self.assertAlmostEqual(sum(seconds[part] for part in PARTS), seconds["total"])
                self.assertAlmostEqual(point["episodes_per_second"] * seconds["total"], 1)
                # the fastest of three rounds of a third of the time each
                self.assertGreaterEqual(point["episodes"] * seconds["total"], 0.099 / 3)
                for part in ("rollout", "score", "learn", "reduce"):
                    self.assertGreater(seconds[part], 0, part)
                weak = point["scaling"] == "weak"
                self.assertEqual(point["batch"], 200 * (point["ranks"] if weak else 1))

    def check_predictions(self):
        """Each way to run has a prediction for each number of ranks, by the constants printed."""
        predicted = self.found["predicted"]
        self.assertEqual([(line["scaling"], line["aggregate"], line["ranks"]) for line in predicted],
                         [(*case, ranks) for case in CASES for ranks in RANKS])
        constants = self.found["assumed_constants"]
        busiest = {"strong": 1, "weak": 200}  # trajectories, of 200 on 4096 ranks
        for line in predicted:
            if line["ranks"] == 4096:
                compute = (constants["fixed_seconds"]
                           + constants["seconds_per_trajectory"] * busiest[line["scaling"]])
                self.assertAlmostEqual(compute / line["seconds"], 1 - line["aggregation_share"])
        self.assertEqual(len(self.found["verdicts"]), len(CASES))

    def check_busy_cores(self, text):
        """The least slowdown of weak scaling's own work, and the speed it leaves."""
        def compute(point):
            return sum(point["seconds"][part] for part in ("rollout", "score", "learn"))
        points = self.found["measured"]
        both = [compute(point) for point in points if (point["ranks"], point["scaling"]) == (2, "weak")]
        slowdown = self.found["busy_cores"]["slowdown"]
        self.assertAlmostEqual(slowdown, min(both) / compute(points[0]))
        self.assertIn("With 2 ranks at work each takes", text)

    def test_two_ranks_measure_messages_and_predict(self):
        done = self.bench(2)

        self.check_points([1, 2])
        self.assertEqual(self.found["ranks"], 2)
        self.assertFalse((self.folder / "run").exists(), "the run directory was written to")
        self.assertTrue((self.folder / "found/scaling.png").read_bytes().startswith(b"\x89PNG"))
        self.assertIn("efficiency", done.stdout)
        if self.found["measured"][-1]["oversubscribed"]:  # a machine with one core
            self.assertNotIn("predicted", self.found)
        else:
            self.assertEqual(len(self.found["measured_messages"]), 8)
            self.check_predictions()
            self.check_busy_cores(done.stdout)
            for sentence in self.found["verdicts"]:
                self.assertIn(sentence, done.stdout)

    def test_one_rank_predicts_only_for_a_network_that_is_named(self):
        alone = self.bench(0)
        self.check_points([1])
        self.assertNotIn("predicted", self.found)
        self.assertIn("give --latency and --bandwidth", alone.stdout)

        self.bench(0, *NETWORK, "run", "--reproducible", "true", "--batch", "200")
        self.assertEqual(self.found["assumed_constants"]["latency_seconds"], 2e-6)
        self.assertEqual(self.found["work"]["gradient_bytes"], 2 * self.found["work"]["weight_bytes"])

    def test_what_makes_no_sense_is_refused(self):
        for arguments, reason in ((("scalings",), "NAME must be scaling or quality"),
                                  (("scaling", "--seconds", "0"), "--seconds"),
                                  (("scaling", "--bandwidth", "-1"), "--bandwidth"),
                                  (("scaling", "--config", "run.toml", "run", "--batch", "0"), "batch")):
            with self.subTest(arguments=arguments):
                done = self.tropism("bench", *arguments, status=2)
                self.assertIn(reason, done.stderr)


if __name__ == "__main__":
    unittest.main()
