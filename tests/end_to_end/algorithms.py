# SPDX-License-Identifier: MIT
"""Score matching, and fine-tuning of what it learned by DDPO, DPOK and q-learning."""
import unittest

from program import metrics, same_bits
from training import REPRODUCIBLE, SHARDED, TrainingTest

CONFIG = """
[run]
directory = "run"
episodes = 6
batch = 96
report_every = 1
[data]
path = "data"
[time_grid]
steps = 10
[policy]
width = 16
depth = 2
[optimizer]
learning_rate = 5e-3
"""
REWARD = ("reward", "--kind", "quadratic", "--target", "6", "--beta", "0.05")
PRETRAINED = ("--pretrained", "pretrained/checkpoints/latest.h5")


class Algorithms(TrainingTest):
    @classmethod
    def prepare(cls, folder):
        folder.write("run.toml", CONFIG)
        folder.tropism("make", "mixture-1d", "--samples", 600, "--out", "data")
        folder.tropism("train", "--config", "run.toml", "--progress", "none", "run", "--directory",
                       "pretrained", "--episodes", 60, "algorithm", "--name", "score-matching")

    def test_score_matching_falls_in_loss_and_reports_the_reward_of_the_data(self):
        lines = metrics(self.folder / "pretrained")

        self.assertLess(lines[-1]["policy_loss"], 0.7 * lines[1]["policy_loss"])
        self.assertEqual(lines[-1]["reward_mean"], 0.0)

    def test_fine_tuning_starts_where_the_pretrained_policy_ended(self):
        for name in ("dpok", "ddpo"):
            with self.subTest(name=name):
                lines, _ = self.train(name, 0, "algorithm", "--name", name, "--updates", 1,
                                      *PRETRAINED, *REWARD)
                first, last = lines[0]["policy_gradient"], lines[-1]["policy_gradient"]
                self.assertAlmostEqual(first["ratio_mean"], 1.0, places=5)  # one update: no other
                self.assertEqual(first["kl"], 0.0)
                self.assertGreater(last["kl"], 0.0)
                self.assertGreater(first["advantage_deviation"], 0.0)

    def test_the_reward_rises(self):
        lines, _ = self.train("run", 0, "run", "--episodes", 40, "algorithm", "--name", "ddpo",
                              *PRETRAINED, *REWARD)

        self.assertGreater(lines[-1]["reward_mean"], 0.5 * lines[0]["reward_mean"])  # both below 0

    def test_reproducible_runs_have_the_same_bits_on_any_number_of_ranks(self):
        self.check_same_bits((3,), "algorithm", "--name", "dpok", *PRETRAINED, *REWARD)
        self.check_same_bits((3,), "algorithm", "--name", "weighted-score-matching", *REWARD, *SHARDED)

    def test_remembered_rewards_are_in_the_checkpoint_and_a_resumed_run_has_the_same_bits(self):
        def train(name, episodes, ranks, remembered):
            return self.train(name, ranks, *REPRODUCIBLE, "--episodes", episodes, "optimizer",
                              "--schedule", "constant", "algorithm", "--name", "ddpo",
                              "--reward_buffer", remembered, *PRETRAINED, *REWARD)

        lines, whole = train("whole", 6, 0, 250)
        train("halves", 3, 0, 250)
        _, halves = train("halves", 6, 2, 250)
        forgetful, _ = train("forgetful", 6, 0, 0)

        self.assertEqual(whole["earlier_rewards/rewards"].shape, (250,))
        self.assertEqual(same_bits(whole, halves), [])
        self.assertEqual(lines[0]["policy_loss"], forgetful[0]["policy_loss"])
        self.assertNotEqual(lines[1]["policy_loss"], forgetful[1]["policy_loss"])

    def test_a_pretrained_policy_of_another_form_is_refused(self):
        for settings, reason in ((("policy", "--mean", "plain"), 'mean = "preconditioned"'),
                                 (("policy", "--width", "8"), "pretrained")):
            with self.subTest(settings=settings):
                done = self.tropism("train", "--config", "run.toml", "algorithm", *PRETRAINED, *settings,
                                    status=2 if "plain" in settings else 3)
                self.assertIn(reason, done.stderr)
                self.assertFalse((self.folder / "run").exists())


if __name__ == "__main__":
    unittest.main()
