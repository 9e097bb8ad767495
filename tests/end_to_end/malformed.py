# SPDX-License-Identifier: MIT
"""Malformed input ends in a sentence and a documented status, and leaves nothing half-written."""
import concurrent.futures
import pathlib
import re
import shlex
import shutil
import tempfile
import unittest

from malformed_cases import CASES, config
from program import ProgramTest, start


def make_folder(folder):
    """What the cases share: two shard sets and a run on each."""
    rows = "".join(f"{i % 3},{i * 0.1:.1f},{i * i * 0.01:.2f}\n" for i in range(40))
    folder.write("rows.csv", "kind,a,b\n" + rows)
    folder.tropism("import", "rows.csv", "--label-column", "kind", "--shards", 2, "--out", "good")
    folder.tropism("make", "swiss-roll", "--samples", 40, "--out", "plain")
    folder.write("labelled.toml", config('[run] directory = "labelled"', '[context] kind = "label"'))
    folder.write("free.toml", config('[run] directory = "free"', '[data] path = "plain"'))
    folder.tropism("train", "--config", "labelled.toml")
    folder.write("turned.toml", config('[run] directory = "turned"', '[data] path = "plain"',
                                       '[context] kind = "vector"'))
    folder.tropism("train", "--config", "free.toml")
    folder.tropism("train", "--config", "turned.toml")


def put(path, content):
    if callable(content):
        content(path)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content)


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def faults_of(case, template):
    """What is wrong with the program's answer to a case; an empty text if nothing is."""
    name, arguments, files, status, fragment = case
    with tempfile.TemporaryDirectory(prefix="tropism-case-") as scratch:
        folder = pathlib.Path(scratch) / "folder"
        shutil.copytree(template, folder, symlinks=True)
        for file, content in files.items():
            put(folder / file, content)
        before = files_in(folder)
        done = start(shlex.split(arguments), folder)
        faults = []
        if done.returncode != status:
            faults.append(f"status {done.returncode}, not {status}")
        if fragment not in done.stderr:
            faults.append(f"no `{fragment}` in the message")
        if not re.match(r"tropism: .*[.?]\n$", done.stderr, re.DOTALL):
            faults.append("the message is not a sentence")
        if done.stdout:
            faults.append(f"standard output: {done.stdout}")
        left = sorted(set(files_in(folder)) ^ set(before))
        if left:
            faults.append(f"files that came or went: {left}")
        return f"{name}: {'; '.join(faults)}\n  {arguments}\n  {done.stderr}" if faults else ""


class Malformed(ProgramTest):
    maxDiff = None

    @classmethod
    def prepare(cls, folder):
        make_folder(folder)

    def test_input_of_every_kind_ends_in_a_sentence_and_the_right_status(self):
        self.assertGreaterEqual(len(CASES), 30)

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            faults = list(pool.map(lambda case: faults_of(case, self.template), CASES))

        self.assertEqual("\n".join(filter(None, faults)), "")


if __name__ == "__main__":
    unittest.main()
