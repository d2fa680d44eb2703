"""The plugin's client where no plugin answers: it is waited for, for it is started anew; nothing is lost meanwhile."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from mm_pipeline.errors import AbortRun
from mm_pipeline.mattermost import importer as module
from mm_pipeline.mattermost.importer import PLUGIN_ID, Importer
from mm_pipeline.mattermost.importer_files import ImporterFiles
from mm_pipeline.mattermost.outgoing import FileAttachment
from mm_pipeline.mattermost.server_plugin import ServerPlugin
from mm_pipeline_tests.plugin.greeting import GREETING

#: What Mattermost says when a plugin's process has died, is not there yet, and when the server itself is starting.
_NOT_RUNNING = (
    ("500 internal server error\n", 500),
    ("404 page not found\n", 404),
    ('{"id": "app.plugin.disabled.app_error"}', 501),
)


@pytest.fixture(autouse=True)
def asked_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ASK_EVERY_S", 0.01)


def answering(httpserver: HTTPServer, path: str, *answers: tuple[str, int]) -> Callable[[], int]:
    """Give these answers at a path of the plugin's, the last one for ever; returns a way to learn how many were asked for."""
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        asked.append(request)
        return Response(*answers[min(len(asked), len(answers)) - 1])

    httpserver.expect_request(f"/plugins/{PLUGIN_ID}/api/v1{path}").respond_with_handler(answer)
    return lambda: len(asked)


def test_a_batch_waits_for_the_plugin_that_is_started_anew(httpserver: HTTPServer) -> None:
    asked = answering(httpserver, "/threads", *_NOT_RUNNING, ('{"threads": [[{"id": "p"}]]}', 200))
    assert Importer(httpserver.url_for(""), "t").threads([{}])[0][0].id == "p"
    assert asked() == 4


def test_a_plugin_that_does_not_come_back_stops_the_run_and_says_what_to_do(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AWAY_S", 0.05)
    answering(httpserver, "/accounts", _NOT_RUNNING[0])
    with pytest.raises(AbortRun, match=r"runs no more: the server.s log says why\. Run `mm-pipeline plugin install`"):
        Importer(httpserver.url_for(""), "t").accounts("team", [])


def test_a_plugin_that_was_never_there_is_not_waited_for(httpserver: HTTPServer) -> None:
    asked = answering(httpserver, "/hello", _NOT_RUNNING[1])
    assert Importer(httpserver.url_for(""), "t").hello() is None
    assert asked() == 1


def test_a_plugin_that_its_server_is_to_run_is_waited_for_when_that_has_just_started(httpserver: HTTPServer) -> None:
    asked = answering(httpserver, "/hello", _NOT_RUNNING[2], *_NOT_RUNNING[1:2] * 3, (json.dumps(GREETING), 200))
    assert Importer(httpserver.url_for(""), "t").require(lambda: True).fingerprint == "f"
    assert asked() == 5


@pytest.mark.parametrize(
    ("wanted", "switched_on", "installed", "is_on"),
    [(True, True, True, True), (True, True, False, False), (True, False, True, False), (False, True, True, False)],
)
def test_a_server_is_to_run_the_plugin_that_it_has_and_that_is_switched_on(
    httpserver: HTTPServer, wanted: bool, switched_on: bool, installed: bool, is_on: bool
) -> None:
    settings = {"Enable": wanted, "PluginStates": {PLUGIN_ID: {"Enable": switched_on}}}
    httpserver.expect_request("/api/v4/config").respond_with_json({"PluginSettings": settings})
    there = [{"id": PLUGIN_ID, "version": "1"}] if installed else []
    httpserver.expect_request("/api/v4/plugins").respond_with_json({"active": [], "inactive": there})
    assert ServerPlugin(httpserver.url_for(""), "t").is_on() is is_on


def test_what_the_plugin_itself_says_is_not_asked_twice(httpserver: HTTPServer) -> None:
    asked = answering(httpserver, "/texts", ('{"id": "com.mm-pipeline.importer.route.error"}', 404))
    with pytest.raises(AbortRun, match="404"):
        Importer(httpserver.url_for(""), "t").texts([])
    assert asked() == 1


def test_a_file_whose_plugin_died_goes_on_where_it_broke_off(httpserver: HTTPServer, tmp_path: Path) -> None:
    content = tmp_path / "file"
    content.write_bytes(b"abcdef")
    begun = answering(httpserver, "/files", ('{"id": "u"}', 200), _NOT_RUNNING[0], ('{"id": "u", "offset": 4}', 200))
    sent = answering(httpserver, "/files/u", _NOT_RUNNING[0], ('{"id": "f", "offset": 6, "is_done": true}', 200))
    file = FileAttachment(key=1, path=content, name="file.txt", size=6, sha256="c0ffee")
    (seen,) = ImporterFiles(Importer(httpserver.url_for(""), "t")).bring("p", "c", "u", 1, [file])
    assert (seen.id, begun(), sent()) == ("f", 3, 2)
    assert httpserver.log[-1][0].data == b"ef"
