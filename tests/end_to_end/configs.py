# SPDX-License-Identifier: MIT
"""Every config that comes with Tropism is valid for the data that its own comments make."""
import shlex
import unittest

from program import SOURCE, ProgramTest


def data_commands(config):
    """Arguments of the commands `#   tropism import ...` and `#   tropism make ...` of a config."""
    lines = [line.lstrip("# ").rstrip() for line in config.read_text().splitlines()
             if line.startswith("#")]
    return [shlex.split(line)[1:] for line in lines
            if line.startswith(("tropism import ", "tropism make "))]


class Configs(ProgramTest):
    def test_each_passes_the_check_with_the_data_that_its_comments_make(self):
        (self.folder / "jobs").symlink_to(SOURCE / "jobs")
        configs = sorted((SOURCE / "jobs/configs").glob("*.toml"))
        self.assertGreaterEqual(len(configs), 4)

        for config in configs:
            with self.subTest(config=config.name):
                commands = data_commands(config)
                self.assertTrue(commands, "the comments do not say how the data are made")
                for arguments in commands:
                    self.tropism(*arguments, "--force")
                done = self.tropism("train", "--config", f"jobs/configs/{config.name}", "--check")
                self.assertIn("# parameters:", done.stdout)
                self.assertFalse((self.folder / "runs").exists(), "--check wrote a run directory")


if __name__ == "__main__":
    unittest.main()
