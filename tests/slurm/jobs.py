# SPDX-License-Identifier: MIT
"""jobs/train.sbatch, sample.sbatch and scaling.sbatch under a Slurm that is started for this test."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from cluster import Cluster

TROPISM = os.environ["TROPISM"]
SOURCE = pathlib.Path(os.environ["SOURCE"])
TINY = ("--ntasks=2", "--mem-per-cpu=500", "--time=10")
DONE = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL")
CONFIG = """
[run]
directory = "run"
episodes = {episodes}
batch = 20
[data]
path = "data"
[policy]
width = 8
depth = 1
[checkpoint]
every = 10
"""


class Jobs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster()
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start()
        cls.made = pathlib.Path(tempfile.mkdtemp(prefix="tropism-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.made)
        cls.tropism("make", "swiss-roll", "--samples", "50", "--out", "data", folder=cls.made)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tropism-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copytree(self.made / "data", self.folder / "data")

    @staticmethod
    def tropism(*arguments, folder):
        return subprocess.run([TROPISM, *arguments], cwd=folder, capture_output=True, text=True,
                              timeout=60, check=True).stdout

    def inspect(self, file):
        return self.tropism("inspect", file, folder=self.folder)

    def submit(self, script, *arguments, options=TINY, **environment):
        return self.cluster.submit(self.folder, options, SOURCE / "jobs" / script, *arguments,
                                   TROPISM=TROPISM, **environment)

    def log(self):
        return "\n".join(path.read_text() for path in self.folder.glob("*.log"))

    def check_completed(self, job):
        self.cluster.wait_for_state(job, *DONE)
        self.assertEqual(self.cluster.field(job, "JobState"), "COMPLETED",
                         self.log() + self.cluster.logs())

    def check_record(self, job):
        """The run directory keeps what the job was, and no variable that may be a secret."""
        record = self.folder / "run/job"
        self.assertEqual((record / f"{job}.script").read_text(),
                         (SOURCE / "jobs/train.sbatch").read_text())
        environment = (record / f"{job}.environment").read_text()
        self.assertIn(f"SLURM_JOB_ID={job}", environment)
        self.assertIn("OMP_NUM_THREADS=1", environment)
        self.assertNotIn("PASSWORD", environment)

    def check_train_and_sample(self, **environment):
        (self.folder / "run.toml").write_text(CONFIG.format(episodes=20))
        job = self.submit("train.sbatch", "run.toml", PASSWORD="secret", **environment)
        self.check_completed(job)
        self.check_record(job)
        checkpoint = self.inspect("run/checkpoints/latest.h5")
        self.assertIn("step = 20", checkpoint)
        self.assertIn("ranks = 2", checkpoint)

        self.check_completed(self.submit("sample.sbatch", "--checkpoint",
                                         "run/checkpoints/latest.h5", "--samples", "30", "--out",
                                         "samples.h5", **environment))
        self.assertIn("/x  float32 [30, 2]", self.inspect("samples.h5"))

    def test_scaling_is_measured_on_the_ranks_of_the_job(self):
        (self.folder / "run.toml").write_text(CONFIG.format(episodes=20))
        job = self.submit("scaling.sbatch", "--config", "run.toml", "--seconds", "0.1", "--out",
                          "found", options=(*TINY, "--nodes=1", "--ntasks-per-node=2"))
        self.check_completed(job)
        found = json.loads((self.folder / "found/scaling.json").read_text())
        self.assertEqual({point["ranks"] for point in found["measured"]}, {1, 2})
        self.assertIn("efficiency", self.log())

    def test_srun_starts_the_ranks_of_one_run(self):
        self.check_train_and_sample()

    def test_a_job_that_is_told_to_stop_is_queued_again_and_goes_on(self):
        self.check_stop_and_requeue()

    def test_mpirun_in_a_job_that_is_told_to_stop_is_queued_again_and_goes_on(self):
        self.check_stop_and_requeue(LAUNCH="mpirun")

    def test_a_job_that_is_told_to_stop_before_its_ranks_have_started_is_queued_again(self):
        self.check_stop_and_requeue(LAUNCH="mpirun", after="tropism-*.log")

    def check_stop_and_requeue(self, after="run/checkpoints/step-*.h5", **environment):
        episodes = 2000  # so many that none of our machines is through before it is told to stop
        (self.folder / "run.toml").write_text(CONFIG.format(episodes=episodes))
        job = self.submit("train.sbatch", "run.toml", **environment)
        self.cluster.wait_until(lambda: list(self.folder.glob(after)), after)

        self.cluster.ask("scancel", "--batch", "--signal=USR1", job)  # as Slurm does before the time limit
        self.cluster.wait_until(lambda: self.cluster.field(job, "Restarts") == "1", "a requeue")
        # Two minutes later otherwise; but not in this second, whose credentials are revoked.
        self.cluster.ask("scontrol", "update", f"jobid={job}", "StartTime=now+3seconds")

        self.check_completed(job)
        self.assertIn("goes on after episode", self.log())
        self.assertIn(f"step = {episodes}", self.inspect("run/checkpoints/latest.h5"))

    def test_mpirun_starts_the_ranks_of_one_run(self):
        self.check_train_and_sample(LAUNCH="mpirun")


if __name__ == "__main__":
    unittest.main()
