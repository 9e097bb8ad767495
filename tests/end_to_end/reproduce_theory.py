# SPDX-License-Identifier: MIT
"""`tropism reproduce theory`: its closed forms against sums on a grid, and what is learned."""
import math
import unittest

import numpy

import reproduce_experiments


class Theory(reproduce_experiments.Experiments):
    DATA = [(1, -3, 1), (1, 3, 1)]

    def test_closed_forms_are_those_of_quadrature_and_what_is_learned_is_near_them(self):
        found = self.reproduce("theory", 20, ranks=2)

        methods = [(row["method"], row["beta"]) for row in found["rows"]]
        self.assertEqual(methods, [("q-learning", beta) for beta in (0, .02, .05, .1, .2, .5, 1)] +
                         [("dpok", beta) for beta in (.01, .025, .05, .1)])
        start = found["rows"][0]["optimum"]["reward"]
        for row in found["rows"]:
            with self.subTest(method=row["method"], beta=row["beta"]):
                tilt = row["beta"] * (2 if row["method"] == "dpok" else 1)
                mean, reward, cost = reproduce_experiments.tilted(self.DATA, tilt)
                self.assertAlmostEqual(row["optimum"]["mean"], mean, delta=1e-5)
                self.assertAlmostEqual(row["optimum"]["reward"], reward, delta=1e-5)
                self.assertAlmostEqual(row["optimum"]["cost"], cost, delta=1e-5)
                if row["beta"] > 0:  # most of the way
                    self.assertLess(abs(row["ours"]["reward"] - reward), 0.3 * (reward - start))
        self.check_functions(found["functions"])

    def check_functions(self, functions):
        """J* = 2 log E[e^{beta h(x_0)/2} | y] under the optimal law of y, and mu* - score = J*_y/2."""
        self.assertEqual(len(functions), 7 * 4)
        for at in functions:
            if at["beta"] == 0:
                self.assertEqual((at["half_value_gradient"], at["value"]), (0, 0))
                continue
            value, half_gradient = self.optimal_value(at["beta"], at["noise_time"])
            self.assertAlmostEqual(at["value"], value, delta=1e-3 * value)
            self.assertAlmostEqual(at["half_value_gradient"], half_gradient,
                                   delta=5e-3 * half_gradient)
            if at["noise_time"] >= 1 and at["beta"] >= 0.1:  # where the reward moves the policy most
                self.assertLess(at["policy_error"], 0.3 * at["half_value_gradient"])

    def optimal_value(self, beta, tau):
        """Root mean squares of J* and J*_y/2 at noise time tau, f = 1, g = sqrt(2), by sums."""
        x, y = numpy.linspace(-12, 12, 2401), numpy.linspace(-8, 8, 1601)
        p = sum(w * numpy.exp(-0.5 * ((x - m) / s) ** 2) / s for w, m, s in self.DATA)
        a, v = math.exp(-tau), 1 - math.exp(-2 * tau)
        kernel = numpy.exp(-0.5 * (y[:, None] - a * x) ** 2 / v)
        tilt = numpy.exp(-0.5 * beta * (x - 6) ** 2)
        plain, directed = kernel @ p, kernel @ (p * tilt)
        value, weight = 2 * numpy.log(directed / plain), directed / directed.sum()
        half_gradient = numpy.gradient(value, y) / 2
        return [math.sqrt((weight * f ** 2).sum()) for f in (value, half_gradient)]


if __name__ == "__main__":
    unittest.main()
