# SPDX-License-Identifier: MIT
"""Models conditional on continuous contexts, from the data to the samples.

The truth is a conditional Gaussian: c ~ U(-1, 1), x | c ~ N(SLOPE c, NOISE^2)."""
import math
import unittest

import h5py
import numpy

from program import ProgramTest, arrays

SLOPE, NOISE = 2.0, 0.5
ROWS, STEPS, TERMINAL_TIME, BANDWIDTH = 6000, 40, 3.0, 0.25
BETA = 2.0
WIDTH = BANDWIDTH / math.sqrt(3.0)  # of the kernel in c, whose standard deviation is 1/sqrt(3)

CONFIG = f"""
[run]
directory = "run"
episodes = 12
batch = 200
report_every = 1
[data]
path = "data.h5"
x = "design"
context = "setting"
[process]
terminal_time = {TERMINAL_TIME}
[time_grid]
steps = {STEPS}
[policy]
width = 32
depth = 2
[context]
kind = "vector"
[score]
bandwidth = {BANDWIDTH}
[optimizer]
learning_rate = 5e-3
[algorithm]
updates = 5
"""


def write_data(folder, rows=ROWS, name="data.h5"):
    """Rows of the truth; the second coordinate of x is independent of the context."""
    generator = numpy.random.default_rng(5)
    c = generator.uniform(-1.0, 1.0, (rows, 1))
    x = numpy.hstack([SLOPE * c, 0.0 * c]) + NOISE * generator.normal(size=(rows, 2))
    with h5py.File(folder / name, "w") as file:
        file["design"] = x.astype("f4")
        file["setting"] = c.astype("f4")


def kernel_moments(c):
    """Mean and variance of the contexts that the kernel mixes at c: N(c, WIDTH^2) within [-1, 1]."""
    others = numpy.linspace(-1.0, 1.0, 20001)
    weights = numpy.exp(-0.5 * ((others - c) / WIDTH) ** 2)
    mean = numpy.average(others, weights=weights)
    return mean, numpy.average((others - mean) ** 2, weights=weights)


def law_of_samples(mean, variance):
    """Mean and variance of the Euler-Maruyama sampler, without noise in its last step, with the exact
    score of N(mean, variance) noised by dx = -x dt + sqrt(2) dB:
    y <- y + (y + 2 s) dt, s = -(y - e^-tau mean) / (e^-2tau variance + 1 - e^-2tau)."""
    step = TERMINAL_TIME / STEPS
    m, v = 0.0, 1.0 - math.exp(-2.0 * TERMINAL_TIME)
    for k in range(STEPS):
        signal = math.exp(step * k - TERMINAL_TIME)
        gain = 2.0 * step / (signal**2 * variance + 1.0 - signal**2)
        m = (1.0 + step - gain) * m + gain * signal * mean
        v = (1.0 + step - gain) ** 2 * v + (2.0 * step if k + 1 < STEPS else 0.0)
    return m, v


class Samples(ProgramTest):
    """Samples of a longer run, held against the truth."""

    settings = ()

    @classmethod
    def prepare(cls, folder):
        write_data(folder)
        folder.write("run.toml", CONFIG)
        cls.started = folder.tropism("train", "--config", "run.toml", *cls.settings, "run", "--episodes",
                                     150, "--report_every", 50, "average", "--decay", 0.95)

    def sample(self, *contexts, samples=4000):
        conditions = [text for c in contexts for text in ("--condition", f"context={c}")]
        self.tropism("sample", "--checkpoint", "run/checkpoints/latest.h5", "--samples", samples,
                     *conditions, "--out", "drawn.h5")
        return arrays(self.folder / "drawn.h5")

    def check_law(self, x, mean, variance):
        """Within 6 standard errors, of the samples and of the effective rows behind the estimate; the
        bias of kernel and time step is in what is expected, that of the network is not."""
        mean, variance = law_of_samples(mean, variance)
        rows = ROWS / 2.0 * WIDTH * 2.0 * math.sqrt(math.pi)  # (sum kappa)^2 / sum kappa^2
        spread = math.sqrt(1.0 / len(x) + 1.0 / rows)
        self.assertLess(abs(x.mean() - mean), 6.0 * math.sqrt(variance) * spread)
        self.assertLess(abs(x.var() / variance - 1.0), 6.0 * math.sqrt(2.0) * spread)


class Rewarded(Samples):
    """Contexts and a reward in one model: h(x) = x0, whose value comes from the data alone."""

    settings = ("reward", "--kind", "linear", "--weights", "1,0", "--beta", BETA)

    def test_samples_at_a_context_have_the_law_of_that_context_tilted_by_the_reward(self):
        contexts = (-0.4, 0.0, 0.4)
        drawn = self.sample(*contexts)

        for place, c in enumerate(contexts):
            x = drawn["x"][4000 * place:4000 * (place + 1)]
            with self.subTest(context=c):
                # N(m, v) e^(beta x/2) is N(m + beta v/2, v), up to a factor.
                context, variance = kernel_moments(c)
                variance = NOISE**2 + SLOPE**2 * variance
                self.check_law(x[:, 0], SLOPE * context + 0.5 * BETA * variance, variance)
                self.check_law(x[:, 1], 0.0, NOISE**2)


class Training(Samples):
    """Without a reward."""

    def test_samples_at_a_context_have_the_mean_and_the_smoothed_variance_of_the_truth(self):
        contexts = (-0.8, -0.4, 0.0, 0.4, 0.8)
        drawn = self.sample(*contexts)

        numpy.testing.assert_array_equal(drawn["context"][:, 0],
                                         numpy.float32(numpy.repeat(contexts, 4000)))
        for place, c in enumerate(contexts):
            x = drawn["x"][4000 * place:4000 * (place + 1)]
            with self.subTest(context=c):
                # The kernel mixes N(SLOPE c', NOISE^2) over the contexts c': away from the ends the
                # same mean, and a variance that is larger by (SLOPE WIDTH)^2, here by a third.
                context, variance = kernel_moments(c)
                self.check_law(x[:, 0], SLOPE * context, NOISE**2 + SLOPE**2 * variance)
                self.check_law(x[:, 1], 0.0, NOISE**2)

    def test_what_the_kernel_mixes_is_what_smoothing_theory_says(self):
        mean, variance = kernel_moments(0.1)
        self.assertAlmostEqual(mean, 0.1, places=6)
        self.assertAlmostEqual(variance / WIDTH**2, 1.0, places=5)

    def test_without_a_condition_samples_have_the_contexts_of_the_data(self):
        drawn = self.sample(samples=8000)

        c, x = drawn["context"][:, 0], drawn["x"][:, 0]
        # U(-1, 1): mean 0, variance 1/3; 6 standard errors
        self.assertLess(abs(c.mean()), 6.0 * math.sqrt(1.0 / 3.0 / 8000))
        self.assertLess(abs((c**2).mean() - 1.0 / 3.0), 6.0 * math.sqrt(4.0 / 45.0 / 8000))
        with h5py.File(self.folder / "data.h5") as file:
            self.assertTrue(set(c) <= set(file["setting"][:, 0]))
        self.assertLess(abs(numpy.polyfit(c, x, 1)[0] - SLOPE), 0.2)

    def test_the_samples_are_read_by_the_other_verbs(self):
        self.sample(0.5, samples=600)

        listing = self.tropism("inspect", "drawn.h5").stdout
        report = self.tropism("evaluate", "--samples", "drawn.h5", "--data", "data.h5", "--data-x",
                              "design", "--table").stdout

        self.assertIn("/context  float32 [600, 1], all 0.5", listing)
        self.assertIn("whatever their context", report)

    def test_csv_has_a_column_for_each_number_of_the_context(self):
        self.tropism("sample", "--checkpoint", "run/checkpoints/latest.h5", "--samples", 3,
                     "--condition", "context=0.25", "--out", "drawn.csv")

        table = numpy.genfromtxt(self.folder / "drawn.csv", delimiter=",", names=True)

        self.assertEqual(table.dtype.names, ("index", "context0", "x0", "x1"))
        self.assertEqual(list(table["context0"]), [0.25] * 3)

    def test_a_context_outside_the_range_of_the_data_is_drawn_with_a_warning(self):
        command = ("sample", "--checkpoint", "run/checkpoints/latest.h5", "--samples", 5, "--out",
                   "drawn.h5", "--progress", "none", "--condition")

        inside = self.tropism(*command, "context=0.9").stderr
        outside = self.tropism(*command, "context=1.5").stderr

        self.assertEqual(inside, "")
        with h5py.File(self.folder / "data.h5") as file:
            low, high = file["setting"][...].min(), file["setting"][...].max()
        self.assertIn(f"5 samples are outside the range of the training data ({low:.4g} to {high:.4g})",
                      outside)

    def test_nothing_was_warned_of(self):
        self.assertNotIn("effective rows", self.started.stderr)


class Kernel(ProgramTest):
    """What is said of the context kernel before training."""

    @classmethod
    def prepare(cls, folder):
        write_data(folder, rows=2000)
        folder.write("run.toml", CONFIG)

    def check(self, *settings, ranks=0):
        return self.tropism("train", "--config", "run.toml", "--check", *settings, ranks=ranks)

    def test_the_plan_names_bandwidth_and_effective_rows(self):
        plan = self.check().stdout.partition("# plan")[2]
        self.assertRegex(plan, r"kernel: gaussian, bandwidth 0.25 standard .* smallest \d+.*, "
                               r"median \d+")

    def test_by_rule_the_bandwidth_is_that_of_scott(self):
        by_rule = self.check("score", "--bandwidth", "0").stdout
        compact = self.check("score", "--bandwidth", "0", "--kernel", "compact").stdout
        self.assertIn(f"bandwidth {2000 ** -0.2:.4g} standard deviations (by Scott's rule)", by_rule)
        self.assertIn(f"bandwidth {2.21374 * 2000 ** -0.2:.3g}", compact)

    def test_the_median_effective_rows_are_those_of_a_uniform_law(self):
        plan = self.check("score", "--bandwidth", "0.1").stdout
        # (sum kappa)^2 / sum kappa^2 = M h 2 sqrt(pi) / 2 for density 1/2; the counts vary by a tenth
        expected = 2000 * 0.1 / math.sqrt(3.0) * math.sqrt(math.pi)
        median = float(plan.partition("median ")[2].split()[0])
        self.assertLess(abs(median / expected - 1.0), 0.1)

    def test_too_narrow_a_kernel_is_warned_of_once_with_what_mends_it(self):
        narrow = ("score", "--bandwidth", "0.001")
        warning = self.check(*narrow, ranks=2).stderr
        self.assertEqual(warning.count("effective rows"), 1)
        self.assertRegex(warning, r"fewer than 10 effective rows .* at 100 % of the contexts, "
                                  r"fewest, [\d.]+, at context=")
        self.assertIn("bandwidth 0.001", warning)
        mended = warning.partition("[score] bandwidth = ")[2].split()[0]
        self.assertNotIn("effective rows of", self.check("score", "--bandwidth", mended).stderr)
        silent = self.check(*narrow, "--least_effective_rows", "0").stderr
        self.assertEqual(silent, "")

    def test_rows_drawn_afresh_are_counted_as_they_are(self):
        warning = self.check("score", "--samples", "20").stderr
        self.assertIn("at 100 % of the contexts", warning)

    def test_no_bandwidth_makes_ten_effective_rows_of_five(self):
        warning = self.check("score", "--samples", "5").stderr
        self.assertIn("No bandwidth leaves enough", warning)


if __name__ == "__main__":
    unittest.main()
