"""An archive through the server's own import job, by plain REST. Knows nothing of what stands in it, and nothing of mm_pipeline."""

import time
from http import HTTPStatus
from urllib.request import Request, urlopen

from mm_pipeline_tests.mattermost_server.running import RunningServer


def run_import(server: RunningServer, archive: bytes, within_s: float = 90) -> None:
    """Send an archive through the server's own import job, and see it end well."""
    me = server.call("GET", "/users/me")["id"]
    size = len(archive)
    upload = server.call(
        "POST", "/uploads", {"type": "import", "filename": "archive.zip", "file_size": size, "user_id": me}
    )["id"]
    request = Request(f"{server.url}/api/v4/uploads/{upload}", archive, {"Authorization": f"Bearer {server.token}"})
    with urlopen(request) as answer:
        assert answer.status == HTTPStatus.OK
    wanted = {"type": "import_process", "data": {"import_file": f"{upload}_archive.zip"}}
    job = server.call("POST", "/jobs", wanted)
    deadline = time.monotonic() + within_s
    while job["status"] in {"pending", "in_progress"} and time.monotonic() < deadline:
        time.sleep(0.5)
        job = server.call("GET", f"/jobs/{job['id']}")
    assert job["status"] == "success", job
