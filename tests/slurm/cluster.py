# SPDX-License-Identifier: MIT
"""A Slurm cluster of one node, which is this machine, for the length of a test."""
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile
import time

TIMEOUT_SECONDS = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """`start` starts both daemons; `stop` must follow, whatever comes of it."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tropism-slurm-"))
        self.environment = dict(os.environ, SLURM_CONF=str(self.folder / "slurm.conf"))
        self.daemons = []

    def start(self):
        self.write_configuration()
        self.start_daemon(os.environ["SLURMCTLD"])
        self.start_daemon(os.environ["SLURMD"])
        self.wait_until(lambda: self.ask("sinfo", "-h", "-o", "%t") == "idle", "an idle node")

    def stop(self):
        if len(self.daemons) == 2:
            self.ask("scancel", "--full", "--user", str(os.getuid()))
        for daemon in reversed(self.daemons):
            daemon.terminate()
            daemon.wait(TIMEOUT_SECONDS)
        shutil.rmtree(self.folder)

    def write_configuration(self):
        text = (pathlib.Path(__file__).parent / "slurm.conf.in").read_text()
        words = {"FOLDER": self.folder, "HOST": socket.gethostname().split(".")[0],
                 "USER": pwd.getpwuid(os.getuid()).pw_name, "CONTROLLER_PORT": free_port(),
                 "NODE_PORT": free_port()}
        for word, value in words.items():
            text = text.replace(f"@{word}@", str(value))
        (self.folder / "slurm.conf").write_text(text)
        for name in ("controller", "node", "tmp"):
            (self.folder / name).mkdir()

    def start_daemon(self, program):
        self.daemons.append(subprocess.Popen([program, "-D"], env=self.environment,
                                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def ask(self, *command):
        """What a Slurm command prints."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True,
                              timeout=TIMEOUT_SECONDS, check=False)
        return done.stdout.strip()

    def wait_until(self, is_so, what):
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not is_so():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} did not come in {TIMEOUT_SECONDS} s\n{self.logs()}")
            time.sleep(0.1)

    def logs(self):
        return "\n".join(path.read_text() for path in self.folder.glob("*.log"))

    def submit(self, folder, options, script, *arguments, **environment):
        """The id of a new job whose working directory is `folder`."""
        done = subprocess.run(["sbatch", "--parsable", *options, str(script), *arguments],
                              cwd=folder, env=self.environment | environment, capture_output=True,
                              text=True, timeout=TIMEOUT_SECONDS, check=True)
        return done.stdout.strip()

    def field(self, job, name):
        """A field of `scontrol show job`, for instance JobState or ExitCode."""
        fields = self.ask("scontrol", "--oneliner", "show", "job", job).split()
        return dict(field.partition("=")[::2] for field in fields).get(name, "")

    def wait_for_state(self, job, *states):
        self.wait_until(lambda: self.field(job, "JobState") in states, f"job {job} in {states}")
