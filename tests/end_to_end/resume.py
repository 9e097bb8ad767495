# SPDX-License-Identifier: MIT
"""A run that was killed goes on as if nothing had happened, whatever became of its newest file."""
import os
import random
import signal
import subprocess
import time
import unittest

import h5py

from program import (DIGITS, TIMEOUT_SECONDS, ProgramTest, arrays, command, largest_difference,
                     metrics, ranks_of, same_bits, stand_in, start)

EPISODES = 80
TRAIN = ("train", "--config", "run.toml", "--progress", "none")
EXACT = ("run", "--reproducible", "true", "--episodes", 24)  # such episodes take longer
RUN_AGAIN = 75  # the status of a run that was stopped after a checkpoint
# Float32 sums in another order, amplified by 80 steps of Adam (5e-6 was measured).
ROUND_OFF = 1e-3


class Resume(ProgramTest):
    @classmethod
    def prepare(cls, folder):
        folder.import_digits()
        folder.write("run.toml", DIGITS.replace("episodes = 12", f"episodes = {EPISODES}"))
        folder.tropism(*TRAIN, "run", "--directory", "whole", ranks=2)

    def train(self, name, *settings, ranks=2):
        return self.tropism(*TRAIN, *settings, "run", "--directory", name, ranks=ranks)

    def final(self, name):
        return arrays(self.folder / name / "checkpoints/latest.h5")

    def newest_step(self, name):
        paths = (self.folder / name).glob("checkpoints/step-*.h5")
        return max((int(path.stem.removeprefix("step-")) for path in paths), default=0)

    def start_midway(self, name, *settings):
        """Starts or resumes a run on two ranks; returns at a random moment after a checkpoint."""
        step = self.newest_step(name)
        launcher = subprocess.Popen(
            command([*TRAIN, *settings, "run", "--directory", name], 2, stand_in()),
            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while self.newest_step(name) == step and launcher.poll() is None:
            time.sleep(0.005)
        time.sleep(random.uniform(0.0, 0.1))
        return launcher

    def check_status(self, launcher, name, status):
        self.assertEqual(launcher.wait(TIMEOUT_SECONDS), status)
        self.assertLess(self.newest_step(name), EPISODES, "it was done before it was stopped")

    def kill_midway(self, name, *settings):
        launcher = self.start_midway(name, *settings)
        for pid in ranks_of(launcher):
            os.kill(pid, signal.SIGKILL)
        self.check_status(launcher, name, 128 + signal.SIGKILL)

    def stop_midway(self, name, stop):
        launcher = self.start_midway(name)
        stop(launcher)
        self.check_status(launcher, name, RUN_AGAIN)

    def test_on_the_same_number_of_ranks_the_bits_are_those_of_the_uninterrupted_run(self):
        for _ in range(2):  # killed, started, killed again
            self.kill_midway("cut")
        self.train("cut")

        self.assertEqual(same_bits(self.final("whole"), self.final("cut")), [])
        steps = [line["step"] for line in metrics(self.folder / "cut")]
        self.assertEqual(steps, list(range(1, EPISODES + 1)))

    def test_on_other_ranks_the_weights_are_those_of_the_uninterrupted_run_up_to_round_off(self):
        self.kill_midway("cut")
        self.train("cut", ranks=3)

        self.assertLess(largest_difference(self.final("whole"), self.final("cut")), ROUND_OFF)

    def test_a_reproducible_run_has_the_same_bits_when_resumed_on_other_ranks(self):
        self.train("exact", *EXACT)

        self.kill_midway("cut", *EXACT)
        self.train("cut", *EXACT, ranks=3)

        self.assertEqual(same_bits(self.final("exact"), self.final("cut")), [])

    def test_a_signal_or_a_stop_file_stops_the_run_after_a_checkpoint(self):
        self.stop_midway("cut", lambda launcher: launcher.send_signal(signal.SIGUSR1))
        self.stop_midway("cut", lambda _: (self.folder / "cut/stop").touch())
        self.train("cut")

        self.assertEqual(same_bits(self.final("whole"), self.final("cut")), [])

    def test_a_stop_file_that_was_there_before_the_start_leaves_time_for_one_episode(self):
        (self.folder / "halt").touch()

        self.tropism(*TRAIN, "--stop-file", "halt", "run", "--directory", "cut", status=RUN_AGAIN)

        self.assertEqual(self.newest_step("cut"), 1)

    def test_a_finished_run_is_left_alone(self):
        self.train("run", "run", "--episodes", 4)
        before = (self.folder / "run/checkpoints/latest.h5").stat().st_mtime_ns

        done = self.train("run", "run", "--episodes", 4)

        self.assertIn("goes on after episode 4 of 4", done.stderr)
        self.assertEqual((self.folder / "run/checkpoints/latest.h5").stat().st_mtime_ns, before)


class DamagedCheckpoint(ProgramTest):
    """Eight episodes, checkpoints after 4 and 8; then the files are damaged, then four more."""

    @classmethod
    def prepare(cls, folder):
        folder.import_digits()
        folder.write("run.toml", DIGITS)
        folder.tropism("train", "--config", "run.toml", "run", "--episodes", 8)

    def setUp(self):
        super().setUp()
        self.checkpoints = self.folder / "run/checkpoints"
        self.newest = self.checkpoints / "step-00000008.h5"

    def train(self, episodes, status=0):
        return self.tropism("train", "--config", "run.toml", "run", "--episodes", episodes,
                            status=status)

    def check_passed_over(self, reason):
        done = self.train(12)
        self.assertIn("passed over a checkpoint", done.stderr)
        self.assertIn("step-00000008.h5", done.stderr)
        self.assertIn(reason, done.stderr)
        self.assertIn("goes on after episode 4 of 12", done.stderr)
        steps = [line["step"] for line in metrics(self.folder / "run")]
        self.assertEqual(steps, list(range(1, 13)))

    def flip_byte(self, path, dataset):
        with h5py.File(path, "r") as file:
            offset = file[dataset].id.get_chunk_info(0).byte_offset
        content = bytearray(path.read_bytes())
        content[offset + 5] ^= 0x10
        path.write_bytes(content)

    def test_with_a_flipped_bit_in_the_weights_is_passed_over(self):
        self.flip_byte(self.newest, "policy/layer1.weight")
        self.check_passed_over("layer1.weight")

    def test_with_a_flipped_bit_in_the_optimiser_is_passed_over(self):
        self.flip_byte(self.newest, "optimizer/second_moment/policy/layer2.weight")
        self.check_passed_over("layer2.weight")

    def test_that_was_cut_off_is_passed_over(self):
        os.truncate(self.newest, self.newest.stat().st_size // 2)
        self.check_passed_over("truncated")

    def test_that_is_empty_is_passed_over(self):
        os.truncate(self.newest, 0)
        self.check_passed_over("HDF5")

    def test_with_a_flipped_bit_anywhere_is_refused_or_gives_the_same_samples(self):
        def sample(path):
            return start(["sample", "--checkpoint", path, "--samples", 3, "--seed", 1, "--out", path + ".npy"],
                         self.folder)

        content = self.newest.read_bytes()
        (self.folder / "good").write_bytes(content)
        self.assertEqual(sample("good").returncode, 0)
        expected = (self.folder / "good.npy").read_bytes()
        for place in [*range(0, 4800, 200), *range(4800, len(content), len(content) // 20)]:
            damaged = bytearray(content)
            damaged[place] ^= 1 << place % 8
            (self.folder / "bad").write_bytes(damaged)
            done = sample("bad")
            with self.subTest(place=place, message=done.stderr):
                self.assertIn(done.returncode, (0, 3))
                if done.returncode == 0:
                    self.assertEqual((self.folder / "bad.npy").read_bytes(), expected)

    def test_is_an_error_when_there_is_no_other(self):
        for path in self.checkpoints.glob("step-*.h5"):
            os.truncate(path, 100)
        done = self.train(12, status=3)
        self.assertIn("None of the 2 checkpoints", done.stderr)


if __name__ == "__main__":
    unittest.main()
