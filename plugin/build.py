"""Builds the server plugin's bundle, as a Mattermost server takes it. Installs nothing on any server.

python -m plugin.build [FOLDER]      writes FOLDER/com.mm-pipeline.importer.tar.gz (plugin/dist by default)
"""

import gzip
import io
import json
import platform
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from mm_pipeline.errors import AbortRun
from mm_pipeline_tests.mattermost_server.toolchain import find_go, go_environment, one_at_a_time

SOURCE = Path(__file__).parent
MANIFEST = json.loads((SOURCE / "plugin.json").read_text())


def build(folder: Path, platforms: frozenset[str] | None = None) -> Path:
    """Write the bundle into a folder and return its path. `platforms` (os-arch) leaves others out of what is built.

    Raises AbortRun where Go cannot build it.
    """
    executables: dict[str, str] = {
        one: path for one, path in MANIFEST["server"]["executables"].items() if platforms is None or one in platforms
    }
    manifest = {**MANIFEST, "server": {"executables": executables}}
    with tempfile.TemporaryDirectory() as scratch:
        entries = [("plugin.json", json.dumps(manifest, indent=2).encode(), 0o644)]
        for one, path in executables.items():
            entries.append((path, _compile(one, Path(scratch) / one), 0o755))
    folder.mkdir(parents=True, exist_ok=True)
    bundle = folder / f"{MANIFEST['id']}.tar.gz"
    fresh = bundle.with_suffix(".new")
    # No times in it: the same source makes the same bundle.
    with (
        fresh.open("wb") as file,
        gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for name, content, mode in entries:
            entry = tarfile.TarInfo(f"{MANIFEST['id']}/{name}")
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))
    fresh.replace(bundle)
    return bundle


def of_this_machine() -> frozenset[str]:
    """Return the platform that a server on this machine has: others need not be built for it."""
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return frozenset({f"linux-{architecture}"})


def _compile(wanted: str, binary: Path) -> bytes:
    system, _, architecture = wanted.partition("-")
    environment = {**go_environment(), "GOOS": system, "GOARCH": architecture}
    command = [str(find_go(SOURCE)), "build", "-ldflags=-s -w", "-o", str(binary), "."]
    with one_at_a_time():
        built = subprocess.run(command, cwd=SOURCE, env=environment, stdout=sys.stderr, check=False)
    if built.returncode:
        raise AbortRun("The plugin could not be built; what Go said stands above.")
    return binary.read_bytes()


if __name__ == "__main__":
    try:
        print(build(Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE / "dist"))
    except AbortRun as fault:
        sys.exit(str(fault))
