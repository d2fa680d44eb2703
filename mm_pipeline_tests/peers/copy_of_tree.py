"""A copy of the tree to break things in: features are taken out there, tests run there. The checkout is only read."""

import os
import shutil
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import NamedTuple

from mm_pipeline_tests.peers.mutation import ROOT, Mutation

_NOT_NEEDED = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist")
_TEST_S = 300
_TOO_LONG = 124  # what timeout(1) says


class Outcome(NamedTuple):
    """How tests ended."""

    code: int  #: pytest's: 0 all passed, 1 some failed, anything else: they could not run
    said: str

    @property
    def is_red(self) -> bool:
        """Whether a test failed, rather than could not run."""
        return self.code == 1 and "\nFAILED " in self.said


class CopyOfTree:
    """The tree, in a folder that is nobody's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "tree"
        self._seconds = count(1)
        shutil.copytree(ROOT, self._folder, ignore=_NOT_NEEDED)

    def run(self, *tests: str) -> Outcome:
        """Run tests on the copy."""
        options = ["-q", "-x", "-rf", "--tb=line", "-p", "no:cacheprovider"]
        environment = os.environ | {"PYTHONPATH": str(self._folder)}  # before whatever is installed
        try:
            ended = subprocess.run(
                [sys.executable, "-m", "pytest", *options, *tests],
                cwd=self._folder,
                env=environment,
                capture_output=True,
                text=True,
                timeout=_TEST_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Outcome(_TOO_LONG, f"\nnot ended within {_TEST_S} s\n")
        return Outcome(ended.returncode, f"\n{ended.stdout}{ended.stderr}")

    def run_without(self, mutation: Mutation) -> Outcome:
        """Run a mutation's test with its feature taken out, and put the feature back."""
        path = self._folder / mutation.file
        whole = path.read_text(encoding="utf-8")
        self._write(path, mutation.applied(whole))
        try:
            return self.run(mutation.test)
        finally:
            self._write(path, whole)

    def _write(self, path: Path, text: str) -> None:
        """Give each version of a file a second of its own: by that, and the size, Python knows bytecode that is out of date."""
        path.write_text(text, encoding="utf-8")
        second = int(path.stat().st_mtime) + next(self._seconds)
        os.utime(path, (second, second))
