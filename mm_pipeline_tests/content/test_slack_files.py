"""Bytes from Slack, fetched from a local server in its place: what is taken, what is refused, what is tried again."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from mm_pipeline.content.slack_files import SlackFiles
from mm_pipeline.content.sources import LocalFiles, Sources, fetch_file
from mm_pipeline.content.store import ContentStore, Stored
from mm_pipeline.errors import RowFailed, RowSkipped, SkipReason
from mm_pipeline.http import Http

TOKEN = "xoxb-of-the-orchard"
PAGE = b"<!DOCTYPE html><html><head><title>Sign in to Slack</title></head><body>redir=</body></html>"


@pytest.fixture
def slack(httpserver: HTTPServer) -> Iterator[SlackFiles]:
    """Return Slack as the local server plays it, with a token."""
    source = source_of(httpserver)
    yield source
    source.close()


def source_of(httpserver: HTTPServer, token: str = TOKEN, **more: Any) -> SlackFiles:
    http = Http(httpserver.url_for("/api"), token or None, away_s=0.5, busy_s=0.5, first_contact_s=0.5)
    return SlackFiles(token, further_hosts=(f"localhost:{httpserver.port}",), http=http, **more)


def fetch(slack: SlackFiles, httpserver: HTTPServer, folder: Path, **raw: Any) -> tuple[Stored, bytes]:
    store = ContentStore(folder)
    raw = {"id": "F0AAA", "mode": "hosted", "url_private": httpserver.url_for("/files/F0AAA")} | raw
    stored = fetch_file(raw, Sources(slack=slack), store, 1 << 20)
    return stored, store.path(stored.sha256).read_bytes()


def test_a_file_is_fetched_with_the_token_and_without_that_of_its_link(
    slack: SlackFiles, httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request(
        "/files/F0AAA", headers={"Authorization": f"Bearer {TOKEN}"}, query_string="x=1"
    ).respond_with_data(b"plan")
    url = httpserver.url_for("/files/F0AAA") + "?x=1&t=xoxe-old"
    assert fetch(slack, httpserver, tmp_path, url_private=url, size=4)[1] == b"plan"


def test_without_a_token_of_one_s_own_those_of_the_export_are_tried(httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request("/files/F0AAA", query_string="t=xoxe-first").respond_with_data(b"", status=403)
    httpserver.expect_request("/files/F0AAA", query_string="t=xoxe-second").respond_with_data(b"plan")
    slack = source_of(httpserver, "", export_tokens=("xoxe-first", "xoxe-second"))
    assert fetch(slack, httpserver, tmp_path)[1] == b"plan"
    assert not any("Authorization" in request.headers for request, _ in httpserver.log)


def test_links_that_are_not_valid_any_more_ask_for_a_token(httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request("/files/F0AAA").respond_with_data(PAGE, content_type="text/html")
    with pytest.raises(RowSkipped, match="SLACK_TOKEN") as skipped:
        fetch(source_of(httpserver, "", export_tokens=("xoxe-1",)), httpserver, tmp_path)
    assert skipped.value.reason is SkipReason.NO_BYTES


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "image/png"])
def test_a_sign_in_page_is_no_file(slack: SlackFiles, httpserver: HTTPServer, tmp_path: Path, kind: str) -> None:
    httpserver.expect_request("/files/F0AAA").respond_with_data(PAGE, content_type=kind)
    with pytest.raises(RowFailed, match="files:read"):
        fetch(slack, httpserver, tmp_path, name="photo.png", mimetype="image/png", size=4096)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_sign_in_page_behind_a_redirect_is_no_file(slack: SlackFiles, httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request("/files/F0AAA").respond_with_data(b"", status=302, headers={"Location": "/?redir=x"})
    httpserver.expect_request("/").respond_with_data(PAGE, content_type="text/html")
    with pytest.raises(RowFailed, match="sign-in page"):
        fetch(slack, httpserver, tmp_path)


def test_a_file_that_is_a_page_is_a_file(slack: SlackFiles, httpserver: HTTPServer, tmp_path: Path) -> None:
    page = b"<!doctype html><p>Compost, a manual. Sign in at the gate.</p>"
    httpserver.expect_request("/files/F0AAA").respond_with_data(page, content_type="text/html")
    assert fetch(slack, httpserver, tmp_path / "1", filetype="html", size=len(page))[1] == page
    assert fetch(slack, httpserver, tmp_path / "2", filetype="text", size=len(page))[1] == page
    assert fetch(slack, httpserver, tmp_path / "3", mode="quip", size=7)[1] == page


def test_a_canvas_that_turns_out_to_be_the_sign_in_page_is_refused(
    slack: SlackFiles, httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/files/F0AAA").respond_with_data(
        PAGE.replace(b"redir=", b'<a href="/signin">'), content_type="text/html"
    )
    with pytest.raises(RowFailed, match="sign-in page"):
        fetch(slack, httpserver, tmp_path, mode="quip")


def test_redirects_among_allowed_places_are_followed_but_not_for_ever(
    slack: SlackFiles, httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/files/F0AAA").respond_with_data(b"", status=302, headers={"Location": "/there"})
    httpserver.expect_request("/there").respond_with_data(b"plan")
    httpserver.expect_request("/round").respond_with_data(b"", status=302, headers={"Location": "/round"})
    assert fetch(slack, httpserver, tmp_path)[1] == b"plan"
    with pytest.raises(RowFailed, match="on and on"):
        fetch(slack, httpserver, tmp_path, id="F0BBB", url_private=httpserver.url_for("/round"))


@pytest.mark.parametrize(
    ("status", "error", "word"),
    [
        (404, RowSkipped, "no more"),
        (410, RowSkipped, "no more"),
        (401, RowFailed, "files:read"),
        (403, RowFailed, "files:read"),
        (500, RowFailed, "500"),
        (503, RowFailed, "retry"),
    ],
)
def test_answers_become_reasons(
    slack: SlackFiles, httpserver: HTTPServer, tmp_path: Path, status: int, error: type[Exception], word: str
) -> None:
    httpserver.expect_request("/files/F0AAA").respond_with_data(b"no", status=status)
    with pytest.raises(error, match=word):
        fetch(slack, httpserver, tmp_path)


def test_other_bytes_than_were_promised_are_not_the_file(
    slack: SlackFiles, httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/files/F0AAA").respond_with_data(b"plan")
    with pytest.raises(RowFailed, match="5 were promised"):
        fetch(slack, httpserver, tmp_path, size=5)


def test_a_stream_without_end_is_cut_at_the_promised_size(
    slack: SlackFiles, httpserver: HTTPServer, tmp_path: Path
) -> None:
    given = []

    def endless(_: Request) -> Response:
        def chunks() -> Iterator[bytes]:
            while True:
                given.append(1)
                yield b"x" * 65536

        return Response(chunks())

    httpserver.expect_request("/files/F0AAA").respond_with_handler(endless)
    with pytest.raises(RowFailed, match="1,000 were promised"):
        fetch(slack, httpserver, tmp_path / "1", size=1000)
    with pytest.raises(RowSkipped, match="larger than the server takes"):
        fetch(slack, httpserver, tmp_path / "2", id="F0BBB")
    assert len(given) < 1000


def test_a_file_larger_than_the_server_takes_is_not_even_asked_for(
    slack: SlackFiles, httpserver: HTTPServer, tmp_path: Path
) -> None:
    with pytest.raises(RowSkipped) as skipped:
        fetch(slack, httpserver, tmp_path, size=2 << 20)
    assert skipped.value.reason is SkipReason.TOO_LARGE
    assert httpserver.log == []


def test_names_beyond_ascii_do_no_harm(slack: SlackFiles, httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request("/files/план сада 計画.txt").respond_with_data(b"plan")
    url = f"http://localhost:{httpserver.port}/files/план сада 計画.txt"
    assert fetch(slack, httpserver, tmp_path, name="план сада 計画.txt", url_private=url)[1] == b"plan"


def test_a_file_in_many_messages_is_fetched_once(slack: SlackFiles, httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request("/files/F0AAA").respond_with_data(b"plan")
    raw = {"id": "F0AAA", "url_private": httpserver.url_for("/files/F0AAA")}
    store, sources = ContentStore(tmp_path), Sources(slack=slack)
    assert len({fetch_file(raw, sources, store, 100).sha256 for _ in range(3)}) == 1
    assert len(httpserver.log) == 1


def test_the_export_s_bytes_go_first_and_slack_mends_what_is_damaged(
    slack: SlackFiles, httpserver: HTTPServer, tmp_path: Path
) -> None:
    for file_id, content in (("F0AAA", b"plan"), ("F0BBB", b"pl")):
        folder = tmp_path / "export" / "__uploads" / file_id
        folder.mkdir(parents=True)
        (folder / "plan.txt").write_bytes(content)
    httpserver.expect_request("/files/F0BBB").respond_with_data(b"PLAN")
    sources, store = Sources(export=LocalFiles(tmp_path / "export"), slack=slack), ContentStore(tmp_path / "content")
    for file_id, content in (("F0AAA", b"plan"), ("F0BBB", b"PLAN")):
        raw = {"id": file_id, "size": 4, "url_private": httpserver.url_for("/files/F0BBB")}
        assert store.path(fetch_file(raw, sources, store, 100).sha256).read_bytes() == content
    assert len(httpserver.log) == 1


def test_a_file_of_which_only_the_id_is_known_is_asked_for(
    slack: SlackFiles, httpserver: HTTPServer, tmp_path: Path
) -> None:
    url = httpserver.url_for("/files/F0AAA")
    httpserver.expect_request("/api/files.info", query_string="file=F0AAA").respond_with_json(
        {"ok": True, "file": {"url_private_download": url}}
    )
    httpserver.expect_request("/files/F0AAA").respond_with_data(b"plan")
    assert fetch(slack, httpserver, tmp_path, url_private=None)[1] == b"plan"


class Breaking:
    """A server that sends `at` more bytes of a file on each connection and then hangs up. Understands Range if told to."""

    def __init__(
        self, content: bytes, at: int, *, ranges: bool = True, etags: tuple[str, ...] = ('"1"',), skew: int = 0
    ) -> None:
        self.content, self.at, self.ranges, self.etags, self.skew = content, at, ranges, etags, skew
        self.asked: list[str] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, suppress(ConnectionError):  # who has read enough hangs up
                head = b""
                while b"\r\n\r\n" not in head and (more := connection.recv(65536)):
                    head += more
                lines = head.decode("latin-1").split("\r\n")
                asked = next(
                    (line.partition("=")[2].rstrip("-") for line in lines if line.lower().startswith("range:")), ""
                )
                self.asked.append(asked)
                etag = self.etags[min(len(self.asked), len(self.etags)) - 1]
                begin = int(asked or 0) if self.ranges else 0
                if begin >= len(self.content):
                    connection.sendall(
                        b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    )
                    continue
                rest = self.content[begin:]
                status = "206 Partial Content" if asked and self.ranges else "200 OK"
                total = len(self.content)
                connection.sendall(
                    f"HTTP/1.1 {status}\r\nContent-Length: {len(rest)}\r\nETag: {etag}\r\nConnection: close\r\n"
                    f"Content-Range: bytes {begin + self.skew}-{total - 1}/{total}\r\n\r\n".encode()
                )
                sent = self.at if self.ranges else self.at * len(self.asked)
                connection.sendall(rest[:sent])

    def fetch(self, folder: Path) -> bytes:
        http = Http(f"http://127.0.0.1:{self.port}", TOKEN, away_s=0.5, first_contact_s=0.5)
        slack = SlackFiles(TOKEN, further_hosts=("127.0.0.1",), http=http)
        store = ContentStore(folder)
        raw = {"id": "F0AAA", "size": len(self.content), "url_private": f"http://127.0.0.1:{self.port}/plan"}
        try:
            return store.path(fetch_file(raw, Sources(slack=slack), store, 1 << 24).sha256).read_bytes()
        finally:
            slack.close()
            self.listener.close()


CONTENT = bytes(n * 7 % 251 for n in range(2_000_000))


def test_a_download_that_breaks_goes_on_where_it_broke(tmp_path: Path) -> None:
    server = Breaking(CONTENT, 700_000)
    assert server.fetch(tmp_path) == CONTENT
    begins = [int(asked or 0) for asked in server.asked]
    assert len(begins) > 2
    assert all(0 < later - earlier <= 700_000 for earlier, later in pairwise(begins))


def test_a_server_that_cannot_resume_is_read_over(tmp_path: Path) -> None:
    server = Breaking(CONTENT, 700_000, ranges=False)
    assert server.fetch(tmp_path) == CONTENT
    assert len(server.asked) == 3


def test_a_file_that_changed_meanwhile_is_never_mixed(tmp_path: Path) -> None:
    with pytest.raises(RowFailed, match="changed in Slack"):
        Breaking(CONTENT, 700_000, ranges=False, etags=('"1"', '"2"')).fetch(tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_another_part_than_was_asked_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RowFailed, match="another part"):
        Breaking(CONTENT, 700_000, skew=1).fetch(tmp_path)


def test_a_download_that_never_gets_further_fails_its_row(tmp_path: Path) -> None:
    with pytest.raises(RowFailed, match="retry"):
        Breaking(CONTENT, 0).fetch(tmp_path)
