# SPDX-License-Identifier: MIT
"""`tropism reproduce`: the quick versions end soon, and their numbers are what theory predicts."""
import json
import math
import unittest

from program import ProgramTest

SIGNALS = ["exact score", "exact score, E1", "ratio-1", "ratio-300", "posterior-draw", "product"]


def reproduce(folder, name):
    return folder.tropism("reproduce", name, "--quick", "--progress", "none", ranks=2)


class Reproduce(ProgramTest):
    @classmethod
    def prepare(cls, folder):
        cls.small_m = reproduce(folder, "small-m")

    def found(self, name):
        return json.loads((self.folder / f"runs/reproduce/{name}-quick/{name}.json").read_text())

    def checkpoints(self):
        """Each checkpoint of the runs behind the results, and when it was written."""
        found = {path: path.stat().st_mtime_ns for path in self.folder.glob("runs/**/step-*.h5")}
        self.assertTrue(found)
        return found

    def test_the_results_are_a_table_a_json_file_and_a_picture_marked_as_quick(self):
        folder = self.folder / "runs/reproduce/small-m-quick"
        found = self.found("small-m")

        self.assertIn("quick", self.small_m.stdout)
        self.assertIn((folder / "small-m.txt").read_text(), self.small_m.stdout)
        self.assertTrue((folder / "small-m.png").read_bytes().startswith(b"\x89PNG"))
        self.assertTrue(found["quick"])
        self.assertIn("mpirun -n 2 tropism reproduce small-m --quick", found["command"])

    def test_at_one_row_the_samples_collapse_and_other_signals_do_not(self):
        found = self.found("small-m")

        rows = {row["signal"]: row for row in found["rows"]}
        self.assertEqual(list(rows), SIGNALS)
        collapse = found["predicted_at_m_1"]
        self.assertLess(collapse["sd"], 0.1)
        self.assertLess(abs(rows["ratio-1"]["mean"] - collapse["mean"]), 0.6)
        self.assertLess(rows["ratio-1"]["sd"], collapse["sd"] + 0.6)
        for signal in ("exact score", "ratio-300", "posterior-draw", "product"):
            self.assertAlmostEqual(rows[signal]["sd"], math.sqrt(10), delta=0.6, msg=signal)
            self.assertLess(rows[signal]["kl"], 0.2 * rows["ratio-1"]["kl"], signal)

    def test_runs_that_are_done_are_not_repeated(self):
        first, checkpoints = self.found("small-m"), self.checkpoints()

        reproduce(self.folder, "small-m")

        self.assertEqual(self.found("small-m")["rows"], first["rows"])
        self.assertEqual(self.checkpoints(), checkpoints)

    def test_the_estimator_table_agrees_with_its_theory(self):
        reproduce(self.folder, "estimator-table")

        found = self.found("estimator-table")
        self.assertEqual(len(found["rows"]), 12)
        self.assertEqual(len(found["published"]), 9)
        for row in found["rows"]:
            with self.subTest(noise_time=row["noise_time"], m=row["m"]):
                draws = row["posterior_draw"]
                self.check(draws["l1_bias"], row["posterior_draw_predicted"]["l1_bias"])
                self.check(draws["variance"], row["posterior_draw_predicted"]["variance"])
                if row["noise_time"] >= 2 and row["m"] == 300:  # the first order in 1/m suffices
                    self.check(row["ratio"]["variance"], row["ratio_predicted"]["variance"], 0.1)

    def test_an_unknown_name_is_told_those_there_are(self):
        done = self.tropism("reproduce", "small-n", status=2)

        self.assertIn("Did you mean small-m?", done.stderr)
        self.assertIn("estimator-table", done.stderr)

    def check(self, measured, expected, relative=0.0):
        """Within five standard errors, and a relative error of the prediction itself."""
        tolerance = 5 * measured["standard_error"] + relative * expected
        self.assertAlmostEqual(measured["value"], expected, delta=tolerance)


if __name__ == "__main__":
    unittest.main()
