"""Imported words are found by the server's search: by its database at once, by an index when its job has run."""

import logging
import secrets
import time
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from mm_pipeline.http import Http
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel
from mm_pipeline.mattermost.plugin import Plugin
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.mattermost.search_index import index_imported
from mm_pipeline.mattermost.server_plugin import ServerPlugin
from mm_pipeline_tests.conftest import FreshMattermost
from mm_pipeline_tests.mattermost.people_of import http_of
from mm_pipeline_tests.mattermost.threads import thread
from mm_pipeline_tests.mattermost.world import World, by_key
from mm_pipeline_tests.mattermost_server.running import RunningServer

ES, BLEVE = "elasticsearch_post_indexing", "bleve_post_indexing"
_INDEXED_S = 60


def import_a_word(world: World) -> str:
    """Import a post with a word that stands nowhere else."""
    world.populate()
    word = f"word{secrets.token_hex(6)}"
    arrived, refused = by_key(
        world.sender.send_threads([thread(world.post(1, message=f"about {word} and more"), channel=world.room)])
    )
    assert (list(arrived), refused) == ([1], {})
    return word


def found(world: World, word: str) -> list[str]:
    """Return the messages that ada finds."""
    ada = world.ids[world.ada]
    token = world.http.post(f"/users/{ada}/tokens", {"description": "search"})["token"]
    search = http_of(world.running.url, token)
    answer = search.post(f"/teams/{world.server.team_id}/posts/search", {"terms": word, "is_or_search": False})
    search.close()
    return [post["message"] for post in answer["posts"].values()]


def jobs_of(rest: Rest, job_type: str) -> list[dict[str, Any]]:
    jobs: list[dict[str, Any]] = rest.http.get(f"/jobs/type/{job_type}")
    return jobs


def test_database_search_finds_an_imported_word_at_once(mattermost: RunningServer, tmp_path: Path) -> None:
    world = World(mattermost, tmp_path)
    word = import_a_word(world)
    assert found(world, word) == [f"about {word} and more"]
    index_imported(world.rest)
    assert jobs_of(world.rest, ES) == []


def test_an_index_is_told_once_and_finds_the_word_then(fresh_mattermost: FreshMattermost, tmp_path: Path) -> None:
    """9.9 without a licence has Bleve. 11.4 has none, and Elasticsearch needs a licence on both."""
    bleve = {"IndexDir": str(tmp_path / "index"), "EnableIndexing": True, "EnableSearching": True}
    (tmp_path / "index").mkdir()
    server = fresh_mattermost("9.9", {f"BleveSettings.{name}": value for name, value in bleve.items()})
    world = World(server, tmp_path / "work")
    word = import_a_word(world)
    assert found(world, word) == []

    index_imported(world.rest)
    index_imported(world.rest)
    last, *before = jobs_of(world.rest, BLEVE)
    assert all(
        one["last_activity_at"] <= last["create_at"] for one in before
    )  # another is begun only behind one that ended
    until = time.monotonic() + _INDEXED_S
    while not found(world, word):
        assert time.monotonic() < until, jobs_of(world.rest, BLEVE)
        time.sleep(0.5)


def finish(api: Plugin, world: World) -> int:
    """Finish a run, and wait until the index has read what it was told to. Returns how many jobs it has had."""
    api.finish()
    until = time.monotonic() + _INDEXED_S
    while {job["status"] for job in jobs_of(world.rest, BLEVE)} != {"success"}:
        assert time.monotonic() < until, jobs_of(world.rest, BLEVE)
        time.sleep(0.5)
    return len(jobs_of(world.rest, BLEVE))


def people_called(world: World, name: str) -> list[str]:
    """Return the people of the team whom somebody is offered who types a name."""
    said = world.http.get("/users/autocomplete", {"in_team": world.server.team_id, "name": name})
    return [one["username"] for one in said["users"]]


def channels_called(world: World, name: str) -> list[str]:
    """Return the channels of the team that somebody is offered who types a name."""
    said = world.http.get(f"/teams/{world.server.team_id}/channels/autocomplete", {"name": name})
    return [one["name"] for one in said]


def test_an_index_is_told_of_everything_that_the_plugin_writes_past_it(
    fresh_mattermost: FreshMattermost, plugin_bundle: Path, tmp_path: Path
) -> None:
    """New posts; then, by a run of its own each, nothing but a changed text, a new person, and a new channel."""
    bleve = {"IndexDir": str(tmp_path / "index")} | dict.fromkeys(
        ("EnableIndexing", "EnableSearching", "EnableAutocomplete"), True
    )
    (tmp_path / "index").mkdir()
    server = fresh_mattermost("9.9", {f"BleveSettings.{name}": value for name, value in bleve.items()})
    ServerPlugin(server.url, server.token).install(plugin_bundle)
    world = World(server, tmp_path / "work")
    world.populate()
    api = Plugin(server.url, server.token, world.team, world.journal, work_folder=tmp_path / "plugin")
    first, second, person, room = (f"{what}{secrets.token_hex(6)}" for what in ("word", "word", "eve", "cellar"))
    arrived, refused = by_key(api.send_threads([thread(world.post(1, message=f"about {first}"), channel=world.room)]))
    assert (len(arrived), refused, found(world, first)) == (1, {}, [])
    finish(api, world)
    assert found(world, first) == [f"about {first}"]

    assert api.replace_text(arrived[1].id, f"about {first}", f"about {second}") == ""
    assert found(world, second) == []
    finish(api, world)
    assert (found(world, first), found(world, second)) == ([], [f"about {second}"])

    list(api.create_accounts([NewAccount(key=2, username=person, email=f"{person}@people.invalid")], []))
    assert people_called(world, person) == []
    finish(api, world)
    assert people_called(world, person) == [person]

    list(api.open_channels([NewChannel(key=3, kind=ChannelKind.PUBLIC, name=room, display_name=room)]))
    assert channels_called(world, room) == []
    jobs = finish(api, world)
    assert channels_called(world, room) == [room]
    assert finish(api, world) == jobs


def test_a_setting_without_its_engine_leaves_the_search_to_the_database(
    mattermost: RunningServer, team: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody can be helped by a job that the server does not have: asked for, both refuse it."""
    rest = Rest(http_of(mattermost.url, mattermost.token), team)
    rest.patch_config({"ElasticsearchSettings": {"EnableIndexing": True}})
    try:
        with caplog.at_level(logging.INFO, "mm_pipeline"):
            index_imported(rest)
    finally:
        rest.patch_config({"ElasticsearchSettings": {"EnableIndexing": False}})
    assert "no engine on this server" in caplog.text
    assert jobs_of(rest, ES) == []


class TestElasticsearch:
    """What a licensed server answers: no licence can be had for a test."""

    @pytest.fixture
    def rest(self, httpserver: HTTPServer) -> Rest:
        on = {"ElasticsearchSettings": {"EnableIndexing": True}, "BleveSettings": {"EnableIndexing": False}}
        httpserver.expect_request("/api/v4/config").respond_with_json(on)
        return Rest(Http(httpserver.url_for("/api/v4"), "t" * 26))

    @pytest.mark.parametrize(("status", "asked_for"), [("in_progress", 1), ("success", 1), ("pending", 0)])
    def test_its_job_is_asked_for_unless_one_waits(
        self, rest: Rest, httpserver: HTTPServer, status: str, asked_for: int
    ) -> None:
        httpserver.expect_request(f"/api/v4/jobs/type/{ES}").respond_with_json([{"status": status}])
        httpserver.expect_request("/api/v4/jobs", method="POST", json={"type": ES}).respond_with_json({}, 201)
        index_imported(rest)
        assert [request.method for request, _ in httpserver.log].count("POST") == asked_for

    def test_a_refusal_says_what_to_press(
        self, rest: Rest, httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        no = {"id": "api.context.permissions.app_error", "message": "no", "status_code": 403}
        httpserver.expect_request(f"/api/v4/jobs/type/{ES}").respond_with_json([])
        httpserver.expect_request("/api/v4/jobs", method="POST").respond_with_json(no, 403)
        index_imported(rest)
        assert "Press Index Now" in caplog.text
