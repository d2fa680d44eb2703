"""`make install` takes a minute or two: it says so, where it disturbs nobody who sources what `make server` prints."""

import os
import shutil
import subprocess
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def test_it_says_on_standard_error_what_it_waits_for_and_nothing_when_all_is_installed(tmp_path: Path) -> None:
    for name in ("Makefile", "constraints.txt", "pyproject.toml", "setup.py"):
        shutil.copy(_ROOT / name, tmp_path)
    installer = tmp_path / "bin" / "uv"  # stands for the real one: nothing is installed
    installer.parent.mkdir()
    installer.write_text("#!/bin/sh\nmkdir -p .venv\n")
    installer.chmod(0o755)
    environment = os.environ | {"PATH": f"{installer.parent}:{os.environ['PATH']}"}
    first, again = (
        subprocess.run(["make", "install"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
        for _ in range(2)
    )
    assert "Installing the packages of constraints.txt into .venv" in first.stderr
    assert first.stdout == ""
    assert "Installing" not in again.stderr
