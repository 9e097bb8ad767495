# SPDX-License-Identifier: MIT
"""The program, loaded once for many runs: fork_server.cpp from Python."""
import atexit
import os
import shutil
import subprocess
import tempfile


def start_fork_server():
    """Until this process ends; its socket is named in the environment, for FORKED to find it."""
    folder = tempfile.mkdtemp(prefix="tropism-server-")
    atexit.register(shutil.rmtree, folder)
    os.environ["FORK_SERVER_SOCKET"] = os.path.join(folder, "socket")
    server = subprocess.Popen([os.environ["FORK_SERVER"], os.environ["FORK_SERVER_SOCKET"]],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    atexit.register(server.wait)
    atexit.register(server.kill)
    server.stdout.readline()
    server.stdout.close()
