# SPDX-License-Identifier: MIT
"""What tests share that compare whole training runs."""
import numpy

from program import ProgramTest, arrays, metrics, same_bits

# Float32 sums in another order: 1e-7 each, amplified by 12 steps of Adam (3e-7 was measured).
ROUND_OFF = 1e-5

SHARDED = ("data", "--placement", "sharded", "score", "--scope", "global")
REPRODUCIBLE = ("run", "--reproducible", "true")
NUMBERS = ("policy_loss", "value_loss", "reward_mean", "policy_norm", "gradient_norm",
           "effective_sample_size")


class TrainingTest(ProgramTest):
    """Its folder holds run.toml, and the data that it names."""

    def train(self, name, ranks, *settings):
        """Trains into a run directory of this name; its metrics and its last checkpoint."""
        self.tropism("train", "--config", "run.toml", "--progress", "none", *settings,
                     "run", "--directory", name, ranks=ranks)
        run = self.folder / name
        return metrics(run), arrays(run / "checkpoints/latest.h5")

    def check_same_curve(self, all_ranks, *settings, otherwise=()):
        """On one rank, and with `otherwise` set on each of `all_ranks`."""
        alone, _ = self.train("alone", 1, *settings)
        for ranks in all_ranks:
            lines, _ = self.train(f"ranks-{ranks}", ranks, *otherwise, *settings)
            self.assertEqual([line["step"] for line in lines], [line["step"] for line in alone])
            for key in NUMBERS:
                numpy.testing.assert_allclose([line[key] for line in lines],
                                              [line[key] for line in alone], rtol=ROUND_OFF,
                                              err_msg=f"{key} on {ranks} ranks")

    def check_same_bits(self, all_ranks, *settings, otherwise=()):
        settings = REPRODUCIBLE + settings
        alone, checkpoint = self.train("alone", 1, *settings)
        for ranks in all_ranks:
            lines, other = self.train(f"ranks-{ranks}", ranks, *otherwise, *settings)
            self.assertEqual(same_bits(checkpoint, other), [], f"on {ranks} ranks")
            self.assertEqual([without_costs(line) for line in lines],
                             [without_costs(line) for line in alone], f"on {ranks} ranks")


def without_costs(line):
    costs = ("seconds", "episodes_per_second", "time", "peak_memory_megabytes")
    return {key: value for key, value in line.items() if key not in costs}
