"""Dagster's UI in a real Chromium over `dagster dev` with its daemon and a real Mattermost, as an administrator clicks it."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from mm_pipeline_tests.end_to_end.dagster_dev import DagsterDev, dagster_dev
from mm_pipeline_tests.end_to_end.dagster_ui import NO_CHROMIUM, DagsterUI, chromium, dagster_ui
from mm_pipeline_tests.end_to_end.migrated import Pipeline
from mm_pipeline_tests.end_to_end.small_export import garden, message, write
from mm_pipeline_tests.mattermost_server.proxy import Answer, Proxy, Request
from mm_pipeline_tests.mattermost_server.running import RunningServer

ASSETS = {
    "slack_export",
    "plan",
    "user",
    "custom_emoji",
    "attachment",
    "channel",
    "message",
    "reaction",
    "finish",
    "report",
}
SPROUT = Path(__file__).parents[2] / "examples" / "workspace" / "emojis" / "canada.png"


class Line:
    """A rule of the proxy: passes on, but for new emoji while they are refused."""

    takes_emoji = True

    def __call__(self, request: Request, ask: Callable[[], Answer]) -> Answer:
        if request.method == "POST" and request.place == "/api/v4/emoji" and not self.takes_emoji:
            return Answer(400, b'{"id": "api.emoji.upload.image.app_error", "message": "no room for emoji today"}')
        return ask()


@pytest.fixture(scope="module")
def program() -> str:
    return chromium() or pytest.skip(NO_CHROMIUM)


@pytest.fixture(scope="module")
def line() -> Line:
    return Line()


@pytest.fixture(scope="module")
def run(
    program: str, tmp_path_factory: pytest.TempPathFactory, mattermost_11_4: RunningServer, line: Line
) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("the browser's")
    picture = {"emoji.json": {"sprout": "https://emoji.example/sprout.png"}, "emojis/sprout.png": SPROUT.read_bytes()}
    proxy = Proxy(mattermost_11_4.url, line)
    settings = {"MM_URL": proxy.url, "MM_TEAM": mattermost_11_4.create_team()}
    made = Pipeline(folder / "state", write(garden() | picture, folder / "export.zip"), mattermost_11_4, **settings)
    yield made
    made.down()
    proxy.close()


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def dev(run: Pipeline, port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DagsterDev]:
    with dagster_dev(run, port, tmp_path_factory.mktemp("dev") / "dev.log") as started:
        yield started


@pytest.fixture
def ui(dev: DagsterDev, port: int, program: str) -> Iterator[DagsterUI]:
    with dagster_ui(port, program) as opened:
        yield opened


def test_a_row_that_fails_is_seen_in_the_ui_and_passes_when_the_launchpad_tries_it_again(
    ui: DagsterUI, dev: DagsterDev, run: Pipeline, line: Line
) -> None:
    line.takes_emoji = False
    ui.open_launchpad()
    assert "try_failed_rows_again: false" in ui.config
    assert run.server.token not in ui.config
    failed = ui.launch()
    assert ui.run_ends() == "Failure"
    assert dev.ended(failed).assets == ASSETS  # one bad row costs one row
    assert ui.check("custom_emoji", "every_row_arrived") == "Failed"
    assert "1 of 1 row failed, none is still to be exported. Most often: POST /emoji: 400" in ui.page.inner_text("body")
    assert ui.check("report", "everything_is_settled") == "Failed"
    told = ui.page.inner_text("body")
    assert "1 row failed and 0 are pending, most often (1 custom emoji) for this reason: POST /emoji: 400" in told
    assert "in Dagster's launchpad try_failed_rows_again: true does both." in told
    ui.open("/assets/custom_emoji", "no room for emoji today")
    for asset, check in (("message", "messages_are_counted"), ("channel", "private_stays_private")):
        assert ui.check(asset, check) == "Passed"

    line.takes_emoji = True
    ui.open_launchpad()
    ui.replace_in_config("try_failed_rows_again: false", "try_failed_rows_again: true")
    ui.launch()
    assert ui.run_ends() == "Success"
    for asset, check in (
        ("custom_emoji", "every_row_arrived"),
        ("custom_emoji", "emoji_are_there"),
        ("report", "everything_is_settled"),
    ):
        assert ui.check(asset, check) == "Passed"
    assert (run.total("failed"), run.total("pending")) == (0, 0)


def test_materialize_all_on_the_graph_brings_what_is_new(
    ui: DagsterUI, dev: DagsterDev, run: Pipeline, tmp_path: Path
) -> None:
    newer = garden()
    newer["garden/2024-05-04.json"] = [message(3 * 86400, "it blooms")]
    assert run.call("mm-pipeline", "stage", str(write(newer, tmp_path / "newer.zip"))).returncode == 0
    before = dev.runs("__ASSET_JOB")
    ui.materialize_all()
    assert ui.newest_ends() == "Success"
    (made := [dev.ended(one) for one in dev.runs("__ASSET_JOB") if one not in before])
    assert set().union(*(one.assets for one in made)) == ASSETS
    assert run.total("pending") == 0
    for asset, check in (("user", "accounts_are_there"), ("message", "messages_are_counted")):
        assert ui.check(asset, check) == "Passed"
    with psycopg.connect(run.server.database_url) as connection:
        found = connection.execute("SELECT count(*) FROM posts WHERE message = 'it blooms'").fetchone()
    assert found == (1,)
