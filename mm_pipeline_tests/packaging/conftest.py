"""The wheel that `pip install .` makes of this tree. Made once for a session, in a copy of what a clone holds."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mm_pipeline_tests.structure.node_ids import ROOT

#: What setuptools reads; the package itself comes beside it.
_TOLD = ("pyproject.toml", "setup.py", "README.md", "LICENSE")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as a package index' client builds it: in isolation, with what pyproject.toml requires."""
    tree, made = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("wheel")
    for name in _TOLD:
        shutil.copy(ROOT / name, tree / name)
    # The tests lie beside it: setuptools must leave them out by itself.
    for package in ("mm_pipeline", "mm_pipeline_tests/packaging", "examples/story"):
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    uv = shutil.which("uv")
    builder = (
        [uv, "build", "--wheel", "--out-dir", str(made)]
        if uv
        else [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(made)]
    )
    built = subprocess.run([*builder, str(tree)], capture_output=True, text=True, timeout=300, check=False)
    assert built.returncode == 0, built.stderr[-3000:]
    (found,) = made.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel holds, as an installer lays it: to be put on PYTHONPATH."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as held:
        held.extractall(folder)
    return folder
