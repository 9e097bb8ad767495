# SPDX-License-Identifier: MIT
"""`tropism reproduce` with the paper's experiments, trained for a few episodes each."""
import json
import math
import tomllib
import unittest

import numpy

from program import SOURCE, ProgramTest


class Experiments(ProgramTest):
    def reproduce(self, name, episodes, *arguments, batches=2, ranks=0):
        samples = ["--batches", batches] if batches else []
        self.done = self.tropism("reproduce", name, "--quick", "--progress", "none", "--episodes",
                                 episodes, "--out", name, *samples, *arguments, ranks=ranks)
        found = json.loads((self.folder / name / f"{name}.json").read_text())
        self.assertTrue(found["quick"])
        self.assertEqual(found["episodes_given"], episodes)
        self.assertIn((self.folder / name / f"{name}.txt").read_text(), self.done.stdout)
        self.assertTrue((self.folder / name / f"{name}.png").read_bytes().startswith(b"\x89PNG"))
        return found


class Figure1(Experiments):
    def test_the_optimum_is_the_closed_form_and_samples_move_towards_it(self):
        found = self.reproduce("figure-1", 60, ranks=2)

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


def tilted(components, beta):
    """Mean, E h and KL from p_0 of p_0 e^{beta h / 2}, h = -(y - 6)^2, by sums on a grid."""
    y = numpy.linspace(-15, 15, 30001)
    p = sum(w / s * numpy.exp(-0.5 * ((y - m) / s) ** 2) for w, m, s in components)
    p, h = p / p.sum(), -(y - 6) ** 2
    q = p * numpy.exp(beta * h / 2) / (p * numpy.exp(beta * h / 2)).sum()
    kl = q * numpy.log(q / p, where=q > 0, out=numpy.zeros_like(q))
    return (q * y).sum(), (q * h).sum(), kl.sum()


class ConditionalMixture(Experiments):
    LABELS = [[(1, 2, 1)], [(1, -3, 1), (1, 3, 1)], [(1, -4, 0.5), (2, 0, 1), (1, 4, 0.5)]]

    def test_each_labels_optimum_is_the_closed_form_and_samples_move_towards_it(self):
        found = self.reproduce("conditional-mixture", 40, ranks=2)

        self.assertEqual([(row["beta"], row["label"]) for row in found["rows"]],
                         [(beta, label) for beta in (0, 0.1, 0.5) for label in range(3)])
        for row in found["rows"]:
            with self.subTest(beta=row["beta"], label=row["label"]):
                mean, reward, cost = tilted(self.LABELS[row["label"]], row["beta"])
                self.assertAlmostEqual(row["optimum"]["mean"], mean, delta=1e-5)
                self.assertAlmostEqual(row["optimum"]["reward"], reward, delta=1e-5)
                self.assertAlmostEqual(row["optimum"]["cost"], cost, delta=1e-5)
                self.assertAlmostEqual(row["ours"]["mean"], mean, delta=0.5)


class ConditionalContext(Experiments):
    """p(x|c) = 2/3 N(3c, (0.6 + 0.2c)^2) + 1/3 N(-2c, 0.5^2), c uniform where there are rows."""
    BETAS = (0, 0.1, 0.5)
    ALL, LEFT_OUT = "all contexts", "every second interval left out"
    Y = numpy.linspace(-10, 10, 1001)

    def law(self, c):
        """Densities on the grid, one line for each context."""
        c = numpy.reshape(c, (-1, 1))
        parts = ((2, 3 * c, 0.6 + 0.2 * c), (1, -2 * c, 0.5))
        return sum(w / 3 / s * numpy.exp(-0.5 * ((self.Y - m) / s) ** 2) for w, m, s in parts)

    def tilted(self, p, beta):
        """Mean, standard deviation and E h of p e^{beta h / 2}, h = -(y - 6)^2."""
        h = -(self.Y - 6) ** 2
        q = p * numpy.exp(beta * h / 2)
        mean = numpy.average(self.Y, weights=q)
        return mean, math.sqrt(numpy.average((self.Y - mean) ** 2, weights=q)), \
            numpy.average(h, weights=q)

    def smoothed(self, c, data):
        """What the kernel mixes; 0.1 standard deviations of the rows' contexts is its width."""
        others = numpy.arange(-0.9975, 1, 0.005)
        if data == self.LEFT_OUT:
            others = others[(others + 1) % 0.5 < 0.25]
        kappa = numpy.exp(-0.5 * ((others - c) / (0.1 * others.std())) ** 2)
        return kappa @ self.law(others) / kappa.sum()

    def check_law(self, found, expected, delta):
        for name, value in zip(("mean", "sd", "reward"), expected):
            self.assertAlmostEqual(found[name], value, delta=delta * max(1, abs(value)), msg=name)

    def test_optima_are_the_closed_forms_and_samples_move_towards_them(self):
        found = self.reproduce("conditional-context", 20)

        grid = [(2 * i + 1) / 24 - 1 for i in range(24)]
        rows = found["rows"]
        numpy.testing.assert_allclose([row["context"] for row in rows], 6 * grid)
        self.assertEqual([(row["data"], row["beta"]) for row in rows[::24]],
                         [(data, beta) for data in (self.ALL, self.LEFT_OUT) for beta in self.BETAS])
        places = [row["place"] for row in rows]
        self.assertEqual(places[:72], 72 * ["with rows"])
        self.assertEqual(places[72:], 3 * (3 * (3 * ["with rows"] + 3 * ["between"])
                                           + 3 * ["with rows"] + 3 * ["beyond"]))
        for row in rows:
            c, beta, data = row["context"], row["beta"], row["data"]
            with self.subTest(data=data, beta=beta, context=c):
                exact = self.tilted(self.law(c)[0], beta)
                self.check_law(row["optimum"], exact, 1e-5)
                # the width is that of the rows' own standard deviation, known to some 1 %
                self.check_law(row["smoothed"], self.tilted(self.smoothed(c, data), beta), 0.01)
                if row["place"] == "with rows":
                    self.assertAlmostEqual(row["ours"]["mean"], exact[0], delta=1.0)
        for first in range(0, len(rows), 24):
            errors = [row["ours"]["mean"] - row["optimum"]["mean"] for row in rows[first:first + 24]
                      if row["place"] == "with rows"]
            self.assertLess(numpy.sqrt(numpy.mean(numpy.square(errors))), 0.35)


class ConditionalDigits(Experiments):
    FILE = SOURCE / "jobs/data/digits.csv"

    def reproduce_from(self, data, episodes, ranks=0):
        return self.reproduce("conditional-digits", episodes, "--data", data, batches=0,
                              ranks=ranks)

    def exact_rewards(self, beta):
        """E h of the rows of each digit with weights e^{beta h / 2}, pixels from 0 to 16."""
        names = self.FILE.read_text().split("\n", 1)[0].split(",")
        rows = numpy.loadtxt(self.FILE, delimiter=",", skiprows=1)
        label = rows[:, names.index("label")]
        h = numpy.delete(rows, names.index("label"), axis=1).mean(1) / 8 - 1
        weights = numpy.exp(beta * h / 2)
        return [numpy.average(h[label == c], weights=weights[label == c]) for c in range(10)]

    def test_each_digit_is_what_was_asked_for_and_its_reward_nears_the_exact_tilt(self):
        found = self.reproduce_from(self.FILE, 40, ranks=2)

        self.assertEqual([row["beta"] for row in found["rows"]], [0, 10, 40])
        for row in found["rows"]:
            exact = self.exact_rewards(row["beta"])
            report = row["report"]
            self.assertAlmostEqual(row["exact_reward"], numpy.mean(exact), delta=1e-5)
            self.assertGreater(report["all"]["label_agreement"]["fraction"], 0.9)
            self.assertAlmostEqual(report["all"]["samples"]["reward"]["mean"],
                                   row["exact_reward"], delta=0.03)
            self.assertEqual([group["label"] for group in report["conditions"]], list(range(10)))
            for group, reward in zip(report["conditions"], exact):
                if row["beta"] > 0:
                    self.assertAlmostEqual(group["tilt"]["mean_reward"], reward, delta=1e-5)

    def test_an_imported_directory_gives_the_same_and_other_rows_are_refused(self):
        self.folder.import_digits()

        first = self.reproduce_from(self.FILE, 2)["rows"]

        self.assertEqual(self.reproduce_from("data", 2)["rows"], first)
        self.tropism("make", "mixture-1d", "--samples", 9, "--out", "other")
        for data, reason in (("absent.csv", "there are no digits here"),
                             ("other", "needs images with labels")):
            done = self.tropism("reproduce", "conditional-digits", "--data", data, status=2)
            self.assertIn(reason, done.stderr)
        self.folder.write("few.csv", "\n".join(self.FILE.read_text().splitlines()[:200]) + "\n")
        done = self.tropism("reproduce", "conditional-digits", "--data", "few.csv", "--out",
                            "conditional-digits", status=2)
        self.assertIn("holds other rows than few.csv", done.stderr)


class SwissRoll(Experiments):
    def check_floors(self, found):
        """r log(r/p) + (1-r) log((1-r)/(1-p)), where p is the rows' mean reward."""
        def part(share, of):
            return share * math.log(share / of) if share > 0 else 0.0

        p = found["reward_of_rows"]
        for row in found["published"] + found["rows"]:
            r = max(p, row["reward"])
            self.assertAlmostEqual(row["least_kl"], part(r, p) + part(1 - r, 1 - p), delta=1e-6)

    def test_table_5_has_the_papers_lines_and_two_kinds_of_ours(self):
        found = self.reproduce("table-5", 2)

        names = [row["row"] for row in found["rows"]]
        self.assertEqual(sorted(set(names)), sorted(row["row"] for row in found["published"]))
        self.assertEqual([row["settings"] for row in found["rows"]], 9 * ["published", "best"])
        self.assertEqual(found["published"][0]["kl"], 0.18)
        self.assertLess(found["fresh"]["kl"] - found["fresh"]["kl_half_width"], 0.1)
        self.check_floors(found)

    def test_table_6_looks_for_beta(self):
        found = self.reproduce("table-6", 2, "--ours", "best")

        self.assertEqual([row["settings"] for row in found["rows"]], 9 * ["best"])
        p = found["reward_of_rows"]
        exact = 2 * math.log(0.8 * (1 - p) / (0.2 * p))
        for row in found["rows"]:
            self.assertAlmostEqual(row["trials"][0]["beta"], exact, delta=0.001)
            best = min(row["trials"], key=lambda trial: abs(trial["reward"] - 0.8))
            self.assertEqual((row["beta"], row["reward"]), (best["beta"], best["reward"]))
        self.check_floors(found)

    def test_tables_3_and_4_go_on_from_their_pretrained_models(self):
        for name, lines, model in (("table-3", 8, "pretrained A"), ("table-4", 7, "pretrained B")):
            found = self.reproduce(name, 2, "--ours", "best")

            rows = {row["row"]: row for row in found["rows"]}
            self.assertEqual(sorted(rows), sorted(row["row"] for row in found["published"]))
            self.assertEqual(len(rows), lines)
            # DPOK's optimum is the tilt e^{beta h} of the model, ours e^{beta h / 2} of the data.
            methods = (("DPOK", 1.0, rows[model]["reward"]),
                       ("q-learning", 0.5, found["reward_of_rows"]))
            for wanted in (0.7, 0.8, 0.9):
                for method, slope, start in methods:
                    missing = math.log(wanted / (1 - wanted)) - math.log(start / (1 - start))
                    first = rows[f"{method}, reward {wanted}"]["trials"][0]
                    self.assertAlmostEqual(first["beta"], max(0, missing / slope),
                                           delta=1e-3 * abs(missing / slope))
            self.check_floors(found)

    def test_a_row_alone_comes_with_its_model_and_is_not_done_over_for_the_next(self):
        def written():
            return {path: path.stat().st_mtime_ns for path in self.folder.glob("table-3/**/*.h5")}

        row = ("--ours", "best", "--row", "DPOK, reward 0.8")
        first, files = self.reproduce("table-3", 2, *row), written()
        both = self.reproduce("table-3", 2, *row, "--row", "DDPO")

        names = [[line["row"] for line in found["rows"]] for found in (first, both)]
        self.assertEqual(names, [["pretrained A", "DPOK, reward 0.8"], names[0] + ["DDPO"]])
        self.assertEqual(both["rows"][:2], first["rows"])
        self.assertEqual([line["row"] for line in first["published"]], names[0])
        self.assertLessEqual(files.items(), written().items())

    def test_figure_3_has_more_reward_with_more_beta(self):
        found = self.reproduce("figure-3", 20, "--ours", "best", ranks=2)

        self.assertEqual([row["beta"] for row in found["rows"]], [0, 5, 10, 30])
        rewards = [row["reward"] for row in found["rows"]]
        self.assertLess(rewards[0] + 0.1, rewards[1])
        self.assertLess(rewards[0] + 0.2, rewards[3])
        self.check_floors(found)

    def test_our_published_setting_is_that_of_the_config_that_says_so(self):
        self.reproduce("figure-3", 1, "--ours", "published")

        run = self.folder / "figure-3/quick-beta-30-published"
        ours = tomllib.loads((run / "config.toml").read_text())
        checked = self.tropism("train", "--config", SOURCE / "jobs/configs/swiss-roll.toml",
                               "--check", "data", "--path", "figure-3/data")
        theirs = tomllib.loads(checked.stdout)
        for config in (ours, theirs):
            del config["data"]["path"]
            for key in ("directory", "episodes", "report_every"):
                del config["run"][key]
        self.assertEqual(ours, theirs)

    def test_the_table_of_m_judges_by_batches_of_m_samples(self):
        found = self.reproduce("table-m", 1, "--ours", "best")

        self.assertEqual([row["batch"] for row in found["rows"]], 2 * [30, 60, 90, 120, 150, 300])
        self.assertEqual([row["wanted_reward"] for row in found["rows"]], 6 * [None] + 6 * [0.8])
        self.assertIsNone(found["published"][0]["reward"])
        self.assertIn("m = 30, reward 0.8", self.done.stdout)


class Options(ProgramTest):
    def test_options_that_would_not_be_looked_at_are_refused(self):
        for name, option, value, reason in (
                ("estimator-table", "--episodes", 5, "--episodes makes no sense with estimator"),
                ("figure-1", "--batches", 0, "--batches 0"),
                ("figure-1", "--data", "a.csv", "--data makes no sense with figure-1"),
                ("figure-1", "--row", "beta = 1", "--row makes no sense with figure-1"),
                ("table-6", "--row", "SDE, 7 steps", '"SDE, 50 steps", "ODE-Euler, 50 steps"'),
                ("table-5", "--ours", "worst", "published, best or both")):
            self.assertIn(reason, self.tropism("reproduce", name, option, value, status=2).stderr)


if __name__ == "__main__":
    unittest.main()
