# SPDX-License-Identifier: MIT
"""The program, loaded once for many runs: fork_server.cpp from Python."""
import atexit
import os
import pathlib
import subprocess
import tempfile
import threading


class ForkServer:
    """Each run is a process of its own; one server per thread."""
    mine = threading.local()

    def __init__(self):
        self.process = subprocess.Popen([os.environ["FORK_SERVER"]], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        atexit.register(self.end)

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    @classmethod
    def start(cls, arguments, folder):
        """As program.start, by the server of this thread."""
        if not hasattr(cls.mine, "server"):
            cls.mine.server = cls()
        return cls.mine.server.run([str(argument) for argument in arguments], folder)

    def run(self, arguments, folder):
        with tempfile.TemporaryDirectory(prefix="tropism-output-") as scratch:
            files = [pathlib.Path(scratch) / name for name in ("stdout", "stderr")]
            print(*[folder, *files, *arguments], sep="\t", file=self.process.stdin, flush=True)
            status = int(self.process.stdout.readline())
            return subprocess.CompletedProcess(arguments, status, *[f.read_text() for f in files])
