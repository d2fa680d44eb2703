"""A plugin on a throw-away server that hears what plugins are told of. Its source lies in 11.4/listener; it runs on 9.9 too."""

import io
import json
import subprocess
import tarfile
import time
from pathlib import Path

import requests

from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.mattermost_server.toolchain import find_go, go_environment, one_at_a_time

_MODULE = Path(__file__).parent / "11.4"
_ID = "org.example.listener"
_UP_S = 30


def bundle(folder: Path) -> bytes:
    """Build the plugin in a folder and return it as the server takes it."""
    binary = folder / "listener"
    command = [str(find_go(_MODULE)), "build", "-ldflags=-s -w", "-o", str(binary), "./listener"]
    with one_at_a_time():
        subprocess.run(command, cwd=_MODULE, env=go_environment(), check=True)
    manifest = {
        "id": _ID,
        "name": "Listener",
        "version": "1.0.0",
        "min_server_version": "9.0.0",
        "server": {"executable": "listener"},
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content, mode in (
            ("listener/plugin.json", json.dumps(manifest).encode(), 0o644),
            ("listener/listener", binary.read_bytes(), 0o755),
        ):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


class Listener:
    """The plugin, installed; `remove` takes it off again."""

    def __init__(self, server: RunningServer, packed: bytes) -> None:
        self._url = server.url
        self._headers = {"Authorization": f"Bearer {server.token}"}
        self._ask("POST", "/api/v4/plugins", files={"plugin": packed}, data={"force": "true"})
        self._ask("POST", f"/api/v4/plugins/{_ID}/enable")
        until = time.monotonic() + _UP_S
        while self._heard("GET") is None:
            assert time.monotonic() < until, "the plugin does not come up"
            time.sleep(0.2)

    def heard(self) -> list[tuple[str, str]]:
        """Return (hook, id of the post, channel or person) of all that it was told of since it was last asked to forget."""
        return [(hook, of) for hook, of in self._heard("GET") or []]

    def forget(self) -> None:
        """Begin anew."""
        self._heard("DELETE")

    def remove(self) -> None:
        """Take the plugin off the server."""
        self._ask("DELETE", f"/api/v4/plugins/{_ID}")

    def _heard(self, method: str) -> list[list[str]] | None:
        answer = requests.request(method, f"{self._url}/plugins/{_ID}/", headers=self._headers, timeout=30)
        heard: list[list[str]] | None = answer.json() if answer.status_code == 200 else None
        return heard

    def _ask(self, method: str, path: str, **more: object) -> None:
        answer = requests.request(method, f"{self._url}{path}", headers=self._headers, timeout=60, **more)  # type: ignore[arg-type]
        answer.raise_for_status()
