# SPDX-License-Identifier: MIT
"""Training in, and sampling by, every forward process, time grid and simulator."""
import itertools
import statistics
import unittest

import h5py
import numpy

from program import ProgramTest, metrics

CONFIG = """
[run]
directory = "run"
episodes = 60
batch = 200
report_every = 1
[data]
path = "data"
[policy]
width = 24
depth = 2
[algorithm]
updates = 5
[optimizer]
learning_rate = 5e-3
"""
# A reward for the data N(0, 1): both optima are known in closed form.
DIRECTED = """
[run]
directory = "run"
episodes = 120
batch = 200
[data]
path = "normal"
[process]
terminal_time = 5.0
[time_grid]
steps = 60
[policy]
width = 24
depth = 2
[value]
network = "mlp"
width = 24
depth = 2
warmup = 20
ramp = 20
[reward]
kind = "quadratic"
target = [2.0]
beta = 0.1
[algorithm]
updates = 5
[optimizer]
learning_rate = 1e-2
value_learning_rate = 1e-2
[average]
decay = 0.97
"""
PROCESSES = ("ornstein-uhlenbeck", "vp-linear", "vp-cosine", "ve", "sub-vp")
GRIDS = ("uniform", "log-snr", "karras")
SIMULATORS = ("euler-maruyama", "exponential", "ode-euler", "ddim", "heun", "dpm-solver++2m", "deis")


class Solvers(ProgramTest):
    @classmethod
    def prepare(cls, folder):
        folder.write("run.toml", CONFIG)
        folder.tropism("make", "mixture-1d", "--samples", 1000, "--out", "data")

    def train(self, process, grid, simulator, *settings):
        self.tropism("train", "--config", "run.toml", "--progress", "none", "--restart", "process",
                     "--kind", process, "time_grid", "--kind", grid, "simulator", "--kind",
                     simulator, *settings)
        return metrics(self.folder / "run")

    def sample(self, *arguments):
        self.tropism("sample", "--checkpoint", "run/checkpoints/latest.h5", "--samples", 2000,
                     "--out", "drawn.h5", *arguments)
        with h5py.File(self.folder / "drawn.h5") as file:
            names = ("sampler", "eta", "time_grid", "steps")
            return file["x"][()], tuple(file.attrs[name].decode() for name in names)

    def test_each_process_grid_and_simulator_can_be_trained_in(self):
        for process, grid, simulator in zip(itertools.cycle(PROCESSES), itertools.cycle(GRIDS),
                                            SIMULATORS):
            with self.subTest(process=process, grid=grid, simulator=simulator):
                lines = self.train(process, grid, simulator, "run", "--episodes", 4)
                self.assertTrue(all(numpy.isfinite(line["policy_loss"]) for line in lines))
        x, named = self.sample()
        self.assertTrue(numpy.isfinite(x).all())
        self.assertEqual(named, (simulator, "0.0", grid, "20"))

    def test_what_was_trained_in_one_solver_is_sampled_by_all_others(self):
        self.train("vp-cosine", "log-snr", "euler-maruyama")

        # 20 steps to 0: the mixture has mean 0 and sd 3.16; a solver of first order misses an eighth
        # of the sd there, and 60 episodes of training are off by as much.
        for simulator in ("exponential", "ode-euler", "ddim", "heun", "dpm-solver++2m", "deis"):
            with self.subTest(simulator=simulator):
                x, named = self.sample("--sampler", simulator, "--time-grid", "log-snr")
                self.assertLess(abs(x.mean()), 0.5)
                self.assertLess(abs(x.std() - 3.16), 0.8)
                self.assertEqual(named[0], simulator)

    def test_training_in_the_ode_finds_its_own_optimum(self):
        normal = statistics.NormalDist()
        numpy.save(str(self.folder / "rows.npy"),
                   numpy.array([[normal.inv_cdf((i + 0.5) / 3000)] for i in range(3000)]))
        self.tropism("import", "rows.npy", "--out", "normal")
        (self.folder / "run.toml").write_text(DIRECTED)

        # mu = s + J_y/4 with J = -(y - 2)^2/(10 + tau/2) moves y - 2 by the factor
        # exp(-int_0^5 dtau/(20 + tau)) = 0.8; in the SDE the optimum is N(2/11, 10/11).
        self.tropism("train", "--config", "run.toml", "--progress", "none", "--restart", "simulator",
                     "--kind", "deis")
        x, _ = self.sample()
        self.assertLess(abs(x.mean() - 0.4), 0.06)  # 2,000 samples: 0.02 each
        self.assertLess(abs(x.std() - 0.8), 0.04)

    def test_the_check_says_where_the_prior_leaves_out_much_of_the_data(self):
        def plan(*process):
            return self.tropism("train", "--config", "run.toml", "--check", "process", *process).stdout

        # The mixture's mean square is 10: 0.45 % at e^{-2 5}, 37 % at sigma = 5.
        self.assertNotIn("not small", plan("--terminal_time", 5))
        self.assertIn("# prior: N(0, 25 I), which leaves out a_T x_0 with a_T = 1, ",
                      plan("--kind", "ve", "--sigma_max", 5))
        self.assertIn("not small", plan("--kind", "ve", "--sigma_max", 5))

    def test_the_sample_file_names_solver_eta_grid_and_steps(self):
        self.train("ornstein-uhlenbeck", "uniform", "ddim", "simulator", "--eta", 0.25, "run",
                   "--episodes", 2)

        self.assertEqual(self.sample()[1], ("ddim", "0.25", "uniform", "20"))
        self.assertEqual(self.sample("--eta", 1, "--steps", 7, "--time-grid", "karras")[1],
                         ("ddim", "1.0", "karras", "7"))
        self.assertEqual(self.sample("--sampler", "heun")[1], ("heun", "0.0", "uniform", "20"))


if __name__ == "__main__":
    unittest.main()
