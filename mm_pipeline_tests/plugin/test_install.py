"""The plugin comes to a server and goes again, and says what keeps it from writing there."""

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from mm_pipeline.errors import AbortRun
from mm_pipeline.mattermost import server_plugin
from mm_pipeline.mattermost.importer import API_VERSION, PLUGIN_ID, Importer
from mm_pipeline.mattermost.importer_files import ImporterFiles
from mm_pipeline.mattermost.outgoing import Thread
from mm_pipeline.mattermost.plugin import Plugin
from mm_pipeline.mattermost.server_plugin import DROP_STORED, ServerPlugin
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost.threads import file
from mm_pipeline_tests.mattermost.world import MORNING, World
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.plugin.greeting import GREETING
from mm_pipeline_tests.plugin.test_equal_rows import picture
from mm_pipeline_tests.plugin.test_files import described
from plugin.build import MANIFEST, SOURCE

pytestmark = pytest.mark.server


STORED = "SELECT 1 FROM information_schema.tables WHERE table_name LIKE 'mm_pipeline%'"
OWN = "SELECT 1 FROM pg_proc WHERE proname LIKE 'mm_pipeline%'"


def execute(server: RunningServer, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(server.database_url) as connection:
        cursor = connection.execute(statement)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []


def test_it_goes_with_all_that_it_has_stored_and_comes_again(
    mattermost_with_plugin: RunningServer, plugin_bundle: Path, tmp_path: Path
) -> None:
    server = mattermost_with_plugin
    plugin = ServerPlugin(server.url, server.token)
    assert "may write" in plugin.status()
    assert execute(server, STORED) == [(1,)] * 5
    assert execute(server, OWN) == [(1,)]
    assert plugin.remove() == "The plugin is gone."
    try:
        assert execute(server, STORED) == execute(server, OWN) == []
        assert plugin.status() == "The server has no plugin of ours."
        assert f"`{DROP_STORED};`" in plugin.remove()
        api = Plugin(server.url, server.token, server.team, MemoryJournal(), work_folder=tmp_path)
        with pytest.raises(AbortRun, match="mm-pipeline plugin install"):
            api.server()
    finally:
        plugin.install(plugin_bundle)
    assert api.server().url == server.url


def test_what_came_and_hangs_on_nothing_goes_with_the_plugin(
    mattermost_with_plugin: RunningServer, plugin_bundle: Path, tmp_path: Path
) -> None:
    server, world = mattermost_with_plugin, World(mattermost_with_plugin, tmp_path)
    world.populate()
    importer = Importer(server.url, server.token)
    one = world.post(1, at=1, files=(file(tmp_path, 1, "hangs.txt"),))
    api = Plugin(server.url, server.token, world.team, MemoryJournal(), work_folder=tmp_path)
    assert [seen.key for seen in api.send_threads([Thread(channel=world.room, root=one)])] == [1]
    where = ("a post that is refused", world.room.id, world.ids[world.ada], MORNING)
    shown = file(tmp_path, 2, "shown.png", picture("PNG", (1500, 1200)))
    ImporterFiles(importer).bring(*where, [file(tmp_path, 3, "hangs on nothing.txt"), shown])
    # Larger than FileSettings.MaxImageResolution: all its bytes come before the server sees that.
    vast = file(tmp_path, 4, "vast.png", picture("PNG", (7000, 5000)))
    assert ImporterFiles(importer).bring(*where, [vast]) == ()
    importer.send_part(importer.begin_file(described(world, size=9 << 20)).id, 0, bytes(6 << 20))

    def lying() -> set[str]:
        return {path.name for path in server.files.rglob(f"*/{world.room.id}/**/*") if path.is_file()}

    assert lying() >= {"hangs.txt", "hangs on nothing.txt", "shown_preview.png", "vast.png", "notes.txt"}
    plugin = ServerPlugin(server.url, server.token)
    try:
        plugin.remove()
    finally:
        plugin.install(plugin_bundle)
    assert lying() == {"hangs.txt"}
    left = "SELECT name FROM fileinfo WHERE channelid = %(id)s"
    assert [row["name"] for row in world.rows(left, id=world.room.id)] == ["hangs.txt"]
    begun = "SELECT count(*) AS there FROM uploadsessions WHERE userid = %(id)s"
    assert world.rows(begun, id=world.ids[world.ada]) == [{"there": 0}]


@pytest.fixture
def broken_bundle(tmp_path: Path) -> Path:
    """Our plugin as a machine has it that cannot run it: its executable is none."""
    bundle = tmp_path / "broken.tar.gz"
    manifest = MANIFEST | {"server": {"executable": "server"}}
    with tarfile.open(bundle, "w:gz") as archive:
        for name, content in (("plugin.json", json.dumps(manifest).encode()), ("server", b"no program\n")):
            entry = tarfile.TarInfo(f"{PLUGIN_ID}/{name}")
            entry.size, entry.mode = len(content), 0o755
            archive.addfile(entry, io.BytesIO(content))
    return bundle


def test_one_that_cannot_run_is_taken_away_and_what_stays_is_told(
    mattermost_with_plugin: RunningServer, plugin_bundle: Path, broken_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = mattermost_with_plugin
    plugin = ServerPlugin(server.url, server.token)
    monkeypatch.setattr(server_plugin, "_UP_S", 3.0)
    try:
        with pytest.raises(AbortRun):
            plugin.install(broken_bundle)
        said = plugin.remove()
        assert plugin.status() == "The server has no plugin of ours."
        assert said.startswith("The plugin is gone, and could not clear up before")
        assert execute(server, STORED) == [(1,)] * 5
        # What the sentence says to do does it, and another `remove` says no less.
        assert f"`{DROP_STORED};`" in said
        assert DROP_STORED in plugin.remove()
        execute(server, DROP_STORED)
        assert execute(server, STORED) == execute(server, OWN) == []
    finally:
        monkeypatch.undo()
        plugin.install(plugin_bundle)


def test_the_statement_that_a_person_is_told_is_the_plugin_s_own() -> None:
    statement = (SOURCE / "statements" / "stored_drop.sql").read_text()
    assert statement.split() == DROP_STORED.split()


@pytest.fixture
def changed_column(mattermost_with_plugin: RunningServer) -> Iterator[RunningServer]:
    """A server whose newer version holds another kind of column."""
    alter = "ALTER TABLE reactions ALTER COLUMN emojiname TYPE varchar({})"
    execute(mattermost_with_plugin, alter.format(65))
    yield mattermost_with_plugin
    execute(mattermost_with_plugin, alter.format(64))
    Importer(mattermost_with_plugin.url, mattermost_with_plugin.token).require()


def test_a_table_that_it_does_not_know_is_not_written_to(changed_column: RunningServer, tmp_path: Path) -> None:
    server = changed_column
    api = Plugin(server.url, server.token, server.team, MemoryJournal(), work_folder=tmp_path)
    with pytest.raises(AbortRun, match=r"reactions\.emojiname is varchar\(65\).*MM_TRANSPORT=stock"):
        api.server()
    with pytest.raises(Exception, match="409"):
        Importer(server.url, server.token).threads([])


@pytest.fixture
def without_create(mattermost_with_plugin: RunningServer, plugin_bundle: Path) -> Iterator[RunningServer]:
    """A server whose database lets nobody make what the plugin makes: another thing has its name."""
    execute(mattermost_with_plugin, DROP_STORED)
    execute(mattermost_with_plugin, "CREATE TYPE mm_pipeline_turns AS ENUM ()")
    yield mattermost_with_plugin
    execute(mattermost_with_plugin, "DROP TYPE mm_pipeline_turns")
    Importer(mattermost_with_plugin.url, mattermost_with_plugin.token).require()


def test_why_its_own_tables_cannot_be_made_is_told(without_create: RunningServer) -> None:
    hello = Importer(without_create.url, without_create.token).hello()
    assert hello is not None
    (said,) = hello.objections
    assert (
        'cannot make its own tables in the server\'s database (type "mm_pipeline_turns" already exists). Use MM_TR'
        in said
    )


def test_both_versions_are_known_by_the_same_columns(mattermost_with_plugin: RunningServer) -> None:
    hello = Importer(mattermost_with_plugin.url, mattermost_with_plugin.token).require()
    assert (hello.api, hello.database, hello.objections) == (API_VERSION, "postgres", [])
    assert len(hello.fingerprint) == 16


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"Enable": False, "EnableUploads": True}, "PluginSettings.Enable is off"),
        ({"Enable": True, "EnableUploads": False}, "MM_PLUGINSETTINGS_ENABLEUPLOADS=true"),
        ({"Enable": True, "EnableUploads": True, "RequirePluginSignature": True}, "RequirePluginSignature is on"),
    ],
)
def test_a_server_that_takes_no_plugins_says_what_to_do(
    httpserver: HTTPServer, tmp_path: Path, settings: dict[str, bool], said: str
) -> None:
    httpserver.expect_request("/api/v4/config").respond_with_json({"PluginSettings": settings})
    bundle = tmp_path / "bundle.tar.gz"
    bundle.write_bytes(b"bundle")
    with pytest.raises(AbortRun, match=said):
        ServerPlugin(httpserver.url_for(""), "token").install(bundle)


def test_a_bundle_that_was_not_built_is_named(tmp_path: Path) -> None:
    with pytest.raises(AbortRun, match="make plugin"):
        ServerPlugin("http://127.0.0.1:1", "token").install(tmp_path / "none.tar.gz")


def test_an_install_asks_until_the_new_process_answers(httpserver: HTTPServer, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.tar.gz"
    bundle.write_bytes(b"bundle")
    settings = {"Enable": True, "EnableUploads": True}
    httpserver.expect_request("/api/v4/config").respond_with_json({"PluginSettings": settings})
    httpserver.expect_request("/api/v4/plugins", method="POST").respond_with_json({})
    httpserver.expect_request(f"/api/v4/plugins/{PLUGIN_ID}/enable").respond_with_json({})
    # The old process goes, neither is there, the new one has no answer of the server yet.
    answers = iter(
        [
            Response('{"id": "com.example.session.error"}', 401),
            Response("500 internal server error", 500),
            Response("404 page not found", 404),
            Response('{"id": "com.example.silent.error"}', 503),
            Response(json.dumps(GREETING), 200),
        ]
    )
    hello = f"/plugins/{PLUGIN_ID}/api/v1/hello"
    httpserver.expect_request(hello).respond_with_handler(lambda _: next(answers))
    assert ServerPlugin(httpserver.url_for(""), "token").install(bundle).fingerprint == "f"
    assert next(answers, None) is None
