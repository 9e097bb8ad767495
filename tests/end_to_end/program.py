# SPDX-License-Identifier: MIT
"""The program as its users start it, for the end-to-end tests.

The environment names it: TROPISM, MPIEXEC, NUMPROC_FLAG, FORK_SERVER and FORKED, and SOURCE, the root
of the sources."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import h5py
import numpy

from fork_server import start_fork_server

TROPISM = os.environ["TROPISM"]
MPIEXEC = os.environ.get("MPIEXEC", "mpirun")
NUMPROC_FLAG = os.environ.get("NUMPROC_FLAG", "-n")
SOURCE = pathlib.Path(os.environ["SOURCE"])
TIMEOUT_SECONDS = 120


def command(arguments, ranks=0, program=TROPISM):
    """The command line of `tropism ARGUMENTS`; under the launcher if `ranks` is not 0."""
    launcher = [MPIEXEC, NUMPROC_FLAG, str(ranks)] if ranks else []
    return launcher + [program] + [str(argument) for argument in arguments]


loads_anew = False  # whether `start` loads the program for each process, as a user's start does


def stand_in():
    """An executable that does as the program does, forked from one that is loaded already."""
    if "FORK_SERVER_SOCKET" not in os.environ:
        start_fork_server()
    return os.environ["FORKED"]


def start(arguments, folder, ranks=0):
    """Runs the program in `folder`; a hang ends in subprocess.TimeoutExpired or by a signal."""
    program = TROPISM if loads_anew else stand_in()
    return subprocess.run(command(arguments, ranks, program), cwd=folder, capture_output=True, text=True,
                          timeout=TIMEOUT_SECONDS)


def ranks_of(launcher):
    """Process ids of the children of a launcher."""
    pid = launcher.pid
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children]


class Folder(pathlib.PosixPath):
    """A working directory of the program."""

    def tropism(self, *arguments, ranks=0, status=0):
        done = start(arguments, self, ranks)
        assert done.returncode == status, (
            f"status {done.returncode}, not {status}: {done.args}\n{done.stdout}{done.stderr}")
        return done

    def import_digits(self):
        self.tropism("import", SOURCE / "jobs/data/digits.csv", "--out", "data", "--shards", 3,
                     "--label-column", "label", "--shape", "8,8", "--scale", "unit")

    def write(self, name, text):
        (self / name).write_text(text)


class ProgramTest(unittest.TestCase):
    """Each test has a folder of its own, a copy of what `prepare` put into the class's."""

    @classmethod
    def prepare(cls, folder):
        """Makes what all tests of the class begin with."""

    @classmethod
    def setUpClass(cls):
        cls.template = Folder(tempfile.mkdtemp(prefix="tropism-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.template)
        cls.prepare(cls.template)

    def setUp(self):
        self.folder = Folder(tempfile.mkdtemp(prefix="tropism-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copytree(self.template, self.folder, symlinks=True, dirs_exist_ok=True)

    def tropism(self, *arguments, ranks=0, status=0):
        return self.folder.tropism(*arguments, ranks=ranks, status=status)


DIGITS = """
[run]
directory = "run"
episodes = 12
batch = 200
report_every = 1
[data]
path = "data"
[time_grid]
steps = 6
[policy]
width = 24
depth = 2
[value]
network = "mlp"
width = 16
depth = 1
warmup = 3
ramp = 3
[reward]
kind = "mean-intensity"
units = "scaled"
beta = 40.0
[context]
kind = "label"
[algorithm]
updates = 2
[checkpoint]
every = 4
"""  # five micro-batches of a reproducible run, four blocks of its 1,797 rows


def metrics(run):
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def arrays(path):
    """All datasets of numbers in an HDF5 file, by name."""
    found = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and item.dtype.kind in "iuf":
            found[name] = item[()]

    with h5py.File(path, "r") as file:
        file.visititems(visit)
    return found


def same_bits(first, second):
    """Names of the arrays in which two dictionaries of arrays differ."""
    names = sorted(set(first) | set(second))
    return [name for name in names
            if name not in first or name not in second
            or first[name].tobytes() != second[name].tobytes()]


def largest_difference(first, second):
    """max |first - second| / max |first| over the parameters of two checkpoints."""
    return max(numpy.abs(first[name] - second[name]).max() / (numpy.abs(first[name]).max() + 1e-30)
               for name in first if name.startswith(("policy/", "value/")))
