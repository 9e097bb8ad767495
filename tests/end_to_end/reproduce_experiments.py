# SPDX-License-Identifier: MIT
"""`tropism reproduce` with the paper's experiments, trained for a few episodes each."""
import json
import unittest

from program import ProgramTest


class Experiments(ProgramTest):
    def reproduce(self, name, episodes, *arguments):
        self.done = self.tropism("reproduce", name, "--quick", "--progress", "none", "--episodes",
                                 episodes, "--batches", 2, "--out", name, *arguments, ranks=2)
        found = json.loads((self.folder / name / f"{name}.json").read_text())
        self.assertTrue(found["quick"])
        self.assertEqual(found["episodes_given"], episodes)
        self.assertIn((self.folder / name / f"{name}.txt").read_text(), self.done.stdout)
        self.assertTrue((self.folder / name / f"{name}.png").read_bytes().startswith(b"\x89PNG"))
        return found


class Figure1(Experiments):
    def test_the_optimum_is_the_closed_form_and_samples_move_towards_it(self):
        found = self.reproduce("figure-1", 60)

        rows = {row["beta"]: row for row in found["rows"]}
        self.assertEqual(list(rows), [0.0, 0.1, 1.0])
        # 1/2 N(-3, 1) + 1/2 N(3, 1); 0.0365 N(-2.182, 0.909) + 0.9635 N(3.273, 0.909); N(4.5, 0.5)
        for beta, mean, reward in ((0.0, 0.0, -46.0), (0.1, 3.07, -10.52), (1.0, 4.5, -2.75)):
            self.assertAlmostEqual(rows[beta]["optimum"]["mean"], mean, delta=0.005)
            self.assertAlmostEqual(rows[beta]["optimum"]["reward"], reward, delta=0.005)
        self.assertAlmostEqual(rows[0.1]["ours"]["mean"], rows[0.1]["optimum"]["mean"], delta=0.5)
        self.assertAlmostEqual(rows[1.0]["ours"]["mean"], rows[1.0]["optimum"]["mean"], delta=0.5)
        self.assertGreater(rows[0.1]["ours"]["reward"], rows[0.0]["ours"]["reward"])
        self.assertGreater(rows[1.0]["ours"]["reward"], rows[0.1]["ours"]["reward"])

    def test_a_run_of_another_length_is_done_over_and_one_of_this_length_is_not(self):
        def checkpoint():
            return (self.folder / "figure-1/quick-beta-1/checkpoints/latest.h5").resolve()

        first = self.reproduce("figure-1", 4)["rows"]
        written = checkpoint().stat().st_mtime_ns
        self.assertEqual(checkpoint().name, "step-00000004.h5")
        self.assertEqual(self.reproduce("figure-1", 4)["rows"], first)
        self.assertEqual(checkpoint().stat().st_mtime_ns, written)
        self.assertNotEqual(self.reproduce("figure-1", 3)["rows"], first)
        self.assertEqual(checkpoint().name, "step-00000003.h5")


class Options(ProgramTest):
    def test_options_that_would_not_be_looked_at_are_refused(self):
        done = self.tropism("reproduce", "estimator-table", "--episodes", 5, status=2)
        self.assertIn("--episodes makes no sense with estimator-table", done.stderr)
        done = self.tropism("reproduce", "figure-1", "--batches", 0, status=2)
        self.assertIn("--batches 0", done.stderr)


if __name__ == "__main__":
    unittest.main()
