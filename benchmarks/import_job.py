"""The yardstick: one import job that takes a whole archive, by plain REST. Uses nothing of mm_pipeline."""

import time
from pathlib import Path

import msgspec
import requests

_PART_BYTES = 8 << 20
_POLL_S = 0.5
_ENDED = ("success", "warning", "error", "canceled")


class ImportJob(msgspec.Struct, frozen=True, kw_only=True):
    """How long it took, in seconds: all of it from the start of the upload, and what of that was waiting for its turn."""

    seconds: float
    waited_s: float


def import_archive(url: str, token: str, archive: Path) -> ImportJob:
    """Upload an archive, start a job with it, wait for its success. Ends the program where the job fails."""
    started = time.perf_counter()
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {token}"

        def ask(method: str, path: str, **body: object) -> requests.Response:
            answer = session.request(method, f"{url}/api/v4{path}", timeout=300, **body)  # type: ignore[arg-type]
            answer.raise_for_status()
            return answer

        wanted = {"type": "import", "filename": archive.name, "file_size": archive.stat().st_size}
        upload = ask("POST", "/uploads", json=wanted).json()["id"]
        with archive.open("rb") as file:
            while part := file.read(_PART_BYTES):
                ask("POST", f"/uploads/{upload}", data=part)
        wish = {"type": "import_process", "data": {"import_file": f"{upload}_{archive.name}"}}
        job_id = ask("POST", "/jobs", json=wish).json()["id"]
        while (job := ask("GET", f"/jobs/{job_id}").json())["status"] not in _ENDED:
            time.sleep(_POLL_S)
    seconds = time.perf_counter() - started
    if job["status"] != "success":
        raise SystemExit(f"The import job ended as {job['status']}: {job['data']}")
    return ImportJob(seconds=seconds, waited_s=(job["start_at"] - job["create_at"]) / 1000)
