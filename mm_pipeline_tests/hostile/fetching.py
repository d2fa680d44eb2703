"""What becomes of a file's or a picture's bytes, out of an export or out of a server in Slack's place."""

import io
import socket
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from PIL import Image
from werkzeug import Request, Response

from mm_pipeline.content.local_files import LocalFiles
from mm_pipeline.content.pictures import fetch_picture
from mm_pipeline.content.slack_files import SlackFiles
from mm_pipeline.content.sources import Sources, fetch_file
from mm_pipeline.content.store import ContentStore
from mm_pipeline.errors import RowFailed, RowSkipped
from mm_pipeline.http import Http
from mm_pipeline_tests.hostile.case import Desk, Ended, Fate

Run = Callable[[Desk], Ended]
TOKEN = "xoxb-of-the-orchard"
#: What the server takes, bytes.
LIMIT = 1 << 20
#: An address of the open internet, which no test reaches: names lead there unless a case says otherwise.
_PUBLIC = "8.8.8.8"


def ended(fetch: Callable[[], str], desk: Desk) -> Ended:
    """Return what came of a fetch; nothing half-written stays behind what did not arrive."""
    try:
        arrived = fetch()
    except RowFailed as failed:
        fate, said = Fate.FAILED, str(failed)
    except RowSkipped as skipped:
        fate, said = Fate.SKIPPED, str(skipped)
    else:
        return Ended(Fate.KEPT, (arrived,))
    incoming = desk.folder / "content" / "incoming"
    assert not list(incoming.iterdir()), "something half-written stayed behind"
    return Ended(fate, (said.replace(f":{desk.slack.port}", ":PORT"),))


def upload(make: Callable[[Path], Path], **raw: Any) -> Run:
    """Return what takes a file's bytes out of the export that `make` wrote; `raw` is Slack's file object."""

    def run(desk: Desk) -> Ended:
        sources = Sources(export=LocalFiles(make(desk.folder)))
        return ended(lambda: _bytes({"id": "F0AAA", "name": "plan.txt"} | raw, sources, desk), desk)

    return run


def packed(entries: dict[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> Callable[[Path], Path]:
    """Return what writes a zip of these entries."""

    def make(folder: Path) -> Path:
        with zipfile.ZipFile(folder / "export.zip", "w", kind) as archive:
            for name, content in entries.items():
                archive.writestr(name, content)
        return folder / "export.zip"

    return make


def address(url: str, *leads_to: str) -> Run:
    """Return what asks an address of the export for a file; every name leads to the address `leads_to`.

    It must not be asked: the server in Slack's place stands behind 127.0.0.1 and hears of it. PORT in the URL is its port.
    """

    def run(desk: Desk) -> Ended:
        raw = {"url_private": url.replace("PORT", str(desk.slack.port))}
        with _names_lead_to(*leads_to):
            outcome = _of_slack(desk, raw, further=())
        assert not desk.slack.log, "it was asked"
        return outcome

    return run


def redirect(place: str, *leads_to: str) -> Run:
    """Return what is sent on to a place by the server in Slack's place, which must be asked once and not again."""

    def run(desk: Desk) -> Ended:
        there = place.replace("PORT", str(desk.slack.port))
        desk.slack.expect_request("/file").respond_with_response(Response(b"", 302, {"Location": there}))
        with _names_lead_to(*leads_to):
            outcome = _of_slack(desk, {"url_private": desk.slack.url_for("/file")})
        assert {request.path for request, _ in desk.slack.log} == {"/file"}, "another place was asked"
        return outcome

    return run


@contextmanager
def _names_lead_to(*addresses: str) -> Iterator[None]:
    """Let every name of the internet lead to these addresses; what is an address itself, and localhost, stay what they are."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in addresses or (_PUBLIC,)]
    real = socket.getaddrinfo

    def lookup(host: str, *rest: Any, **more: Any) -> Any:
        return found if host.endswith((".com", ".example")) else real(host, *rest, **more)

    with patch("mm_pipeline.content.hosts.socket.getaddrinfo", lookup):
        yield


def download(answer: Callable[[Request], Response] | Response, **raw: Any) -> Run:
    """Return what fetches a file from the server in Slack's place, which answers like this."""

    def run(desk: Desk) -> Ended:
        handler = answer if callable(answer) and not isinstance(answer, Response) else lambda _: answer
        desk.slack.expect_request("/file").respond_with_handler(handler)
        return _of_slack(desk, {"url_private": desk.slack.url_for("/file")} | raw)

    return run


def picture(content: Callable[[], bytes], **raw: Any) -> Run:
    """Return what makes an emoji of these bytes, as the export holds them."""

    def run(desk: Desk) -> Ended:
        sources = Sources(export=LocalFiles(packed({"emojis/rose.png": content()})(desk.folder)))
        store = ContentStore(desk.folder / "content")

        def fetch() -> str:
            made = fetch_picture({"name": "rose"} | raw, sources, store)
            with Image.open(store.path(made.sha256)) as image:
                return f"{made.filename}, {image.width} x {image.height}"

        return ended(fetch, desk)

    return run


def drawn(kind: str, size: tuple[int, int], frames: int = 1, mode: str = "1", **more: Any) -> bytes:
    """Return a picture of one colour per frame."""
    images = [Image.new(mode, size, number % 2) for number in range(frames)]
    out = io.BytesIO()
    images[0].save(out, kind, **({"save_all": True, "append_images": images[1:]} if frames > 1 else {}), **more)
    return out.getvalue()


def _of_slack(desk: Desk, raw: dict[str, Any], further: tuple[str, ...] | None = None) -> Ended:
    hosts = (f"localhost:{desk.slack.port}",) if further is None else further
    http = Http(desk.slack.url_for("/api"), TOKEN, away_s=0.3, busy_s=0.3, first_contact_s=0.3)
    slack = SlackFiles(TOKEN, further_hosts=hosts, http=http)
    try:
        return ended(lambda: _bytes({"id": "F0AAA", "mode": "hosted"} | raw, Sources(slack=slack), desk), desk)
    finally:
        slack.close()


def _bytes(raw: dict[str, Any], sources: Sources, desk: Desk) -> str:
    store = ContentStore(desk.folder / "content")
    stored = fetch_file(raw, sources, store, LIMIT)
    return f"{stored.size:,} bytes: {store.path(stored.sha256).read_bytes()[:40]!r}"
