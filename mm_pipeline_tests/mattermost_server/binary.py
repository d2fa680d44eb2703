"""Builds the Mattermost server from its Go module, once per version, into a cache folder. Starts nothing."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mm_pipeline.errors import AbortRun
from mm_pipeline_tests.mattermost_server.toolchain import find_go, go_environment, one_at_a_time

_MODULES = Path(__file__).parent
_REPOSITORY = _MODULES.parent.parent
#: The versions that can be built: one folder with a go.mod each, newest first.
VERSIONS = tuple(
    sorted((p.parent.name for p in _MODULES.glob("*/go.mod")), key=lambda v: [-int(n) for n in v.split(".")])
)

#: What the server reads from the folder it starts in.
_BESIDE = ("i18n", "templates", "fonts")
_SERVER_MODULE = "github.com/mattermost/mattermost/server/v8"
_TELL_EVERY_S = 15


def built(version: str, cache: Path = _REPOSITORY / ".state" / "mattermost-bin") -> Path:
    """Return the server's binary, with i18n, templates and fonts beside it. Builds it if need be: minutes, told on stderr.

    Raises AbortRun where the version is unknown or cannot be built.
    """
    if version not in VERSIONS:
        raise AbortRun(f"There is no Mattermost {version} here to build: say {' or '.join(VERSIONS)}.")
    module = _MODULES / version
    digest = hashlib.sha256((module / "go.sum").read_bytes() + (module / "main.go").read_bytes()).hexdigest()[:12]
    folder = cache / f"{version}-{digest}"
    binary = folder / "mattermost"
    if binary.exists():
        return binary
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not binary.exists():
            with one_at_a_time():
                _build(module, folder)
    return binary


def _build(module: Path, folder: Path) -> None:
    """Build beside the place and move it there: what stands in the cache is whole."""
    go, started = str(find_go(module)), time.monotonic()
    _tell(
        f"Building Mattermost {module.name} from source; the first time this downloads 1.2 GB and takes some minutes."
    )
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _compile(go, module, fresh / "mattermost")
        _copy_beside(go, module, fresh)
        fresh.chmod(0o755)
        fresh.replace(folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    _tell(f"Mattermost {module.name} is built ({time.monotonic() - started:.0f} s).")


def _compile(go: str, module: Path, binary: Path) -> None:
    started = time.monotonic()
    command = [go, "build", "-ldflags=-s -w", "-o", str(binary), "."]
    with subprocess.Popen(command, cwd=module, env=go_environment(), stdout=sys.stderr) as build:
        while build.returncode is None:
            try:
                build.wait(timeout=_TELL_EVERY_S)
            except subprocess.TimeoutExpired:
                _tell(f"... still building, {time.monotonic() - started:.0f} s")
    if build.returncode:
        raise AbortRun(f"Mattermost {module.name} could not be built; what Go said stands above.")


def _copy_beside(go: str, module: Path, folder: Path) -> None:
    """Copy what the server reads. Not linked: Go's cache may be emptied, and a built server then starts without Go."""
    listed = subprocess.run(
        [go, "list", "-m", "-f", "{{.Dir}}", _SERVER_MODULE],
        cwd=module,
        env=go_environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    for name in _BESIDE:
        source = Path(listed.stdout.strip()) / name
        for file in (path for path in source.rglob("*") if path.is_file()):
            target = folder / name / file.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)  # the bytes alone: Go's cache is read-only


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
