"""The one session: what it repeats, what it never repeats, and what it says when something goes wrong."""

import io
import logging
import re
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from mm_pipeline import http_retry
from mm_pipeline.errors import AbortRun, Retryable
from mm_pipeline.http import ApiError, Http
from mm_pipeline_tests.mattermost.journal import MemoryJournal

TOKEN = "kq3xw8ehzinvented9d1rnyugph"


@pytest.fixture
def http(httpserver: HTTPServer) -> Iterator[Http]:
    http = Http(httpserver.url_for("/api/v4"), TOKEN, away_s=3, busy_s=5)
    yield http
    http.close()


def asked(httpserver: HTTPServer) -> list[bytes]:
    return [request.get_data() for request, _ in httpserver.log]


def test_the_token_and_the_language_go_along(http: Http, httpserver: HTTPServer) -> None:
    wanted = {"Authorization": f"Bearer {TOKEN}", "Accept-Language": "en"}
    httpserver.expect_request("/api/v4/users/me", headers=wanted).respond_with_json({"id": "u1"})
    assert http.get("/users/me") == {"id": "u1"}


def test_a_busy_server_is_asked_again_after_the_time_it_names(http: Http, httpserver: HTTPServer) -> None:
    # Mattermost's limiter: text/plain, and with VaryByUser the header arrives twice.
    limited = Response("limit exceeded", 429, {"Retry-After": "1, 1"}, content_type="text/plain")
    httpserver.expect_ordered_request("/api/v4/posts").respond_with_response(limited)
    httpserver.expect_ordered_request("/api/v4/posts").respond_with_json({"id": "p"})
    began = time.monotonic()
    assert http.post("/posts", {"message": "hello"}) == {"id": "p"}
    assert time.monotonic() - began >= 1
    assert asked(httpserver) == [b'{"message":"hello"}'] * 2


def test_an_absurd_retry_after_ends_the_run_at_once(http: Http, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/v4/x").respond_with_data("limit exceeded", 429, {"Retry-After": "86400"})
    began = time.monotonic()
    with pytest.raises(AbortRun, match="GET /x: 429"):
        http.get("/x")
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("status", [502, 503, 504])
def test_what_passes_by_itself_is_asked_again(http: Http, httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_ordered_request("/api/v4/x").respond_with_data("", status)
    httpserver.expect_ordered_request("/api/v4/x").respond_with_json([1])
    assert http.get("/x") == [1]


@pytest.mark.parametrize("status", [502, 504])
def test_a_post_whose_fate_is_unknown_is_sent_once(http: Http, httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/api/v4/jobs").respond_with_data("", status)
    with pytest.raises(AbortRun, match=f"POST /jobs: {status}"):
        http.post("/jobs", {"type": "import_process"})
    assert len(httpserver.log) == 1


def test_an_idempotent_post_is_sent_again(http: Http, httpserver: HTTPServer) -> None:
    httpserver.expect_ordered_request("/api/v4/users/ids").respond_with_data("", 502)
    httpserver.expect_ordered_request("/api/v4/users/ids").respond_with_json([])
    assert http.post("/users/ids", ["a"], idempotent=True) == []


@pytest.mark.parametrize("body", [b"abcd", io.BytesIO(b"abcd")], ids=["bytes", "file"])
def test_a_body_that_is_sent_again_is_whole(http: Http, httpserver: HTTPServer, body: bytes | io.BytesIO) -> None:
    httpserver.expect_ordered_request("/api/v4/uploads/s").respond_with_data("", 503)
    httpserver.expect_ordered_request("/api/v4/uploads/s").respond_with_data("", 204)
    assert http.upload("/uploads/s", body) is None
    assert asked(httpserver) == [b"abcd", b"abcd"]


def test_a_generator_is_refused_as_a_body(http: Http) -> None:
    with pytest.raises(TypeError, match="rewound"):
        http.upload("/uploads/s", (part for part in [b"ab"]))  # type: ignore[arg-type]


def test_a_refused_token_stops_the_run(http: Http, httpserver: HTTPServer) -> None:
    body = {"id": "api.context.session_expired.app_error", "message": "Invalid or expired session, please login again."}
    httpserver.expect_request("/api/v4/users/me").respond_with_json(body, 401)
    with pytest.raises(AbortRun, match="The token is refused"):
        http.get("/users/me")


def test_a_deletion_that_is_switched_off_does_not_stop_the_run(http: Http, httpserver: HTTPServer) -> None:
    body = {"id": "api.user.delete_channel.not_enabled.for_admin.app_error", "message": "Switched off."}
    httpserver.expect_request("/api/v4/channels/c").respond_with_json(body, 401)
    with pytest.raises(ApiError):
        http.delete("/channels/c")


@pytest.mark.parametrize("status", [400, 403, 404, 413, 500, 501])
def test_every_other_no_concerns_one_row(http: Http, httpserver: HTTPServer, status: int) -> None:
    body = {"id": "model.emoji.name.app_error", "message": "Name must be 1 to 64 characters."}
    httpserver.expect_request("/api/v4/emoji").respond_with_json(body, status)
    with pytest.raises(ApiError) as refused:
        http.post("/emoji", {})
    assert (refused.value.status, refused.value.error_id) == (status, "model.emoji.name.app_error")
    said = f"{status} model.emoji.name.app_error (Name must be 1 to 64 characters)"
    assert str(refused.value) == f"POST /emoji: {said}. Trying again will not help."
    assert len(httpserver.log) == 1


def test_what_is_not_there_is_none(http: Http, httpserver: HTTPServer) -> None:
    body = {"id": "app.user.get_by_username.app_error", "message": "No such user."}
    httpserver.expect_request("/api/v4/users/username/nora").respond_with_json(body, 404)
    assert http.get_or_none("/users/username/nora") is None


def test_a_web_page_that_says_404_is_no_answer_to_a_look_up(http: Http, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/v4/users/username/nora").respond_with_data("<html>", 404, content_type="text/html")
    with pytest.raises(ApiError, match="something else answers here"):
        http.get_or_none("/users/username/nora")


def test_a_proxys_page_amid_answers_passes_but_what_may_not_be_sent_twice_is_not(
    http: Http, httpserver: HTTPServer
) -> None:
    httpserver.expect_ordered_request("/api/v4/x").respond_with_json([1])
    for _ in range(2):
        httpserver.expect_ordered_request("/api/v4/x").respond_with_data("<html>", content_type="text/html")
    httpserver.expect_ordered_request("/api/v4/x").respond_with_json([2])
    httpserver.expect_ordered_request("/api/v4/x").respond_with_data("<html>", content_type="text/html")
    assert [http.get("/x"), http.get("/x")] == [[1], [2]]
    with pytest.raises(AbortRun, match=r"POST .*/x: a web page came back instead of JSON"):
        http.post("/x", {})
    assert len(httpserver.log) == 5


def test_a_sign_in_page_instead_of_json_is_named(http: Http, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/v4/users/me").respond_with_data("<html>Sign in</html>", content_type="text/html")
    with pytest.raises(AbortRun, match="a web page came back instead of JSON"):
        http.get("/users/me")


def test_a_redirect_is_named_and_not_followed(http: Http, httpserver: HTTPServer) -> None:
    away = {"Location": "https://chat.example.org/api/v4/users/me"}
    httpserver.expect_request("/api/v4/users/me").respond_with_data("", 301, away)
    with pytest.raises(AbortRun, match=r"sent on to https://chat\.example\.org"):
        http.get("/users/me")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://nobody.invalid", "host name is unknown"),
        ("chat.example.org", "must begin with https:// or http://"),
        ("ftp://chat.example.org", "must begin with https:// or http://"),
    ],
)
def test_an_address_that_cannot_be_asked_is_a_sentence(url: str, words: str) -> None:
    with pytest.raises(AbortRun, match=words):
        Http(url, first_contact_s=0.2).get("/users/me")


def test_a_server_that_never_answered_is_given_up_soon() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        http = Http(f"http://127.0.0.1:{taken.getsockname()[1]}", first_contact_s=1, away_s=600)
        began = time.monotonic()
        with pytest.raises(AbortRun, match="the connection was refused"):
            http.get("/users/me")
    assert time.monotonic() - began < 10


def test_a_server_that_went_away_is_waited_for(httpserver: HTTPServer) -> None:
    http = Http(httpserver.url_for(""), away_s=30, first_contact_s=0.1)
    httpserver.expect_request("/x").respond_with_json(1)
    assert http.get("/x") == 1
    http.close()
    httpserver.stop()
    back = threading.Timer(1.5, httpserver.start)
    back.start()
    try:
        assert http.get("/x") == 1
    finally:
        back.join()
        http.close()


def test_of_an_outage_people_are_told_once_and_when_it_is_over(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(http_retry, "TOLD_AFTER_S", 0.2)
    beside = MemoryJournal()
    http = Http(httpserver.url_for("/api/v4"), TOKEN, away_s=3, outages=beside)
    for _ in range(3):
        httpserver.expect_ordered_request("/api/v4/x").respond_with_data("", 502)
    httpserver.expect_ordered_request("/api/v4/x").respond_with_json(1)
    httpserver.expect_ordered_request("/api/v4/x").respond_with_json(2)
    with caplog.at_level(logging.WARNING, "mm_pipeline"):
        seen: list[str | None] = []
        monkeypatch.setattr(beside, "answers_again", lambda: seen.append(beside.silent))
        assert [http.get("/x"), http.get("/x")] == [1, 2]
    assert seen == ["localhost is away (status 502)"]
    away, back = (record.getMessage() for record in caplog.records)
    assert re.fullmatch(r"localhost is away \(status 502\): trying again until \d\d:\d\d:\d\d", away)
    assert back == "localhost answers again"
    http.close()


def test_no_token_and_no_e_mail_in_an_error(http: Http, httpserver: HTTPServer) -> None:
    body = {"id": "x.y", "message": f"bad token {TOKEN}"}
    httpserver.expect_request("/api/v4/users/email/nora@example.org").respond_with_json(body, 500)
    with pytest.raises(ApiError) as refused:
        http.get("/users/email/nora%40example.org")
    assert "nora" not in str(refused.value)
    assert TOKEN not in str(refused.value)
    assert str(refused.value).startswith("GET /users/email/…: 500 x.y")


def test_a_netrc_does_not_replace_the_token(
    http: Http, httpserver: HTTPServer, tmp_path: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:
        file.write(f"machine {httpserver.host} login somebody password else\n")
    monkeypatch.setenv("NETRC", netrc)
    httpserver.expect_request("/api/v4/users/me", headers={"Authorization": f"Bearer {TOKEN}"}).respond_with_json(1)
    assert http.get("/users/me") == 1


def test_a_form_carries_fields_and_files(http: Http, httpserver: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        picture = request.files["image"]
        return Response(f'["{request.form["emoji"]}", "{picture.filename}", {len(picture.read())}]')

    httpserver.expect_request("/api/v4/emoji").respond_with_handler(answer)
    assert http.multipart("/emoji", {"emoji": "party"}, {"image": ("party.gif", b"GIF89a")}) == [
        "party",
        "party.gif",
        6,
    ]


class TestDownloads:
    def test_bytes_come_piece_by_piece_with_their_headers(self, http: Http, httpserver: HTTPServer) -> None:
        content = bytes(range(256)) * 4000
        httpserver.expect_request("/file").respond_with_data(content, content_type="image/png")
        with http.stream(httpserver.url_for("/file")) as download:
            assert (download.status, download.headers["Content-Type"]) == (200, "image/png")
            pieces = list(download.chunks)
        assert b"".join(pieces) == content
        assert len(pieces) > 1

    def test_the_token_stays_at_home_where_it_is_not_wanted(self, http: Http, httpserver: HTTPServer) -> None:
        httpserver.expect_request("/file").respond_with_handler(
            lambda asked: Response(str("Authorization" in asked.headers))
        )
        with http.stream(httpserver.url_for("/file"), authorized=False) as download:
            assert b"".join(download.chunks) == b"False"

    def test_a_redirect_is_handed_on(self, http: Http, httpserver: HTTPServer) -> None:
        httpserver.expect_request("/file").respond_with_data("", 302, {"Location": "http://10.0.0.1/"})
        with http.stream(httpserver.url_for("/file")) as download:
            assert (download.status, download.headers["Location"]) == (302, "http://10.0.0.1/")

    @pytest.mark.parametrize("status", [401, 403, 404, 410])
    def test_a_no_concerns_this_file(self, http: Http, httpserver: HTTPServer, status: int) -> None:
        httpserver.expect_request("/file").respond_with_data("no", status)
        with pytest.raises(ApiError) as refused, http.stream(httpserver.url_for("/file")):
            pass
        assert refused.value.status == status

    def test_a_file_that_breaks_off_is_no_file(self, http: Http) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:

            def answer_half() -> None:
                connection, _ = listener.accept()
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
                connection.close()

            thread = threading.Thread(target=answer_half)
            thread.start()
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/file"
            with pytest.raises(Retryable, match="in the middle of the file"), http.stream(url) as download:
                list(download.chunks)
            thread.join()
