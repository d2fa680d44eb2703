"""The job, every single asset, the sensor and the schedule in a real `dagster dev`, launched as its UI launches them."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mm_pipeline_tests.end_to_end.dagster_dev import DagsterDev, DagsterRun, dagster_dev, printed_environment, told_by
from mm_pipeline_tests.end_to_end.hunt import hunt
from mm_pipeline_tests.end_to_end.migrated import Pipeline, traces
from mm_pipeline_tests.end_to_end.small_export import garden, message, write
from mm_pipeline_tests.mattermost_server.proxy import Answer, Proxy, Request
from mm_pipeline_tests.mattermost_server.running import RunningServer

ENTITIES = ("user", "custom_emoji", "attachment", "channel", "message", "reaction")
ENDS = ("slack_export", "plan", "finish", "report")
#: One `dagster dev` for all of them: dealt out to six workers, six would be started.
pytestmark = pytest.mark.xdist_group("dagster dev")
SENSOR, SCHEDULE = "new_work", "retry_failed_rows"


class Line:
    """A rule of the proxy: passes on, unless the server is away or takes no import for a while."""

    def __init__(self) -> None:
        self._is_away = False
        self._takes_jobs = True

    def __call__(self, request: Request, ask: Callable[[], Answer]) -> Answer:
        if self._is_away:
            raise OSError("away")
        if request.method == "POST" and request.place == "/api/v4/jobs" and not self._takes_jobs:
            return Answer(500, b'{"id": "app.job.save.app_error", "message": "no"}')
        return ask()

    @contextmanager
    def away(self) -> Iterator[None]:
        self._is_away = True
        yield
        self._is_away = False

    @contextmanager
    def without_jobs(self) -> Iterator[None]:
        self._takes_jobs = False
        yield
        self._takes_jobs = True


@pytest.fixture(scope="module")
def line() -> Line:
    return Line()


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("inbox")


def put(path: Path, content: bytes) -> None:
    """Put a file there that nobody has written to for a minute."""
    coming = path.with_name(f".{path.name}")
    coming.write_bytes(content)
    written_at = time.time() - 60
    os.utime(coming, (written_at, written_at))
    coming.replace(path)


@pytest.fixture(scope="module")
def run(
    tmp_path_factory: pytest.TempPathFactory, mattermost_11_4: RunningServer, line: Line, inbox: Path
) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("the UI's")
    export = write(garden(), folder / "export.zip")
    proxy = Proxy(mattermost_11_4.url, line)
    settings = {"MM_URL": proxy.url, "MM_TEAM": mattermost_11_4.create_team(), "SLACK_INBOX": str(inbox)}
    made = Pipeline(folder / "state", export, mattermost_11_4, **settings)
    yield made
    made.down()
    proxy.close()


@pytest.fixture(scope="module")
def dev(run: Pipeline, tmp_path_factory: pytest.TempPathFactory, unused_port: int) -> Iterator[DagsterDev]:
    with dagster_dev(run, unused_port, tmp_path_factory.mktemp("dev") / "dev.log") as started:
        yield started


@pytest.fixture(scope="module")
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def early(run: Pipeline, dev: DagsterDev) -> dict[str, str]:
    """What assets say that are launched before their time: nothing staged, then not planned, then not exported."""
    said = {"nothing staged": dev.ended(dev.launch("user", partition="0")).failures}
    assert run.call("mm-pipeline", "stage").returncode == 0
    said["not planned"] = dev.ended(dev.launch("user", partition="0")).failures
    assert dev.ended(dev.launch("plan")).status == "SUCCESS"
    message, finish = dev.launch("message", partition="1"), dev.launch("finish")
    said["message before user"] = dev.ended(message).failures
    said["finish before user"] = dev.ended(finish).failures
    status = run.status()
    said["settled"] = str(sum(status[e][s] for e in ENTITIES for s in ("success", "failed", "skipped")))
    return said


@pytest.fixture(scope="module")
def migrated(dev: DagsterDev, early: dict[str, str]) -> DagsterRun:
    """The whole job, once, each step in a process of its own; the sensor's run is in one."""
    return dev.ended(dev.launch(executor="multiprocess"))


def own_rows(run: Pipeline, query: str) -> list[tuple[Any, ...]]:
    """Ask or change the pipeline's own database."""
    where = printed_environment(run)
    with psycopg.connect(
        host=where["MM_PIPELINE_DAGSTER_HOST"],
        port=where["MM_PIPELINE_DAGSTER_PORT"],
        user=where["MM_PIPELINE_DAGSTER_USER"],
        password=where["MM_PIPELINE_DAGSTER_PASSWORD"],
        dbname="mm_pipeline",
        autocommit=True,
    ) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


def test_an_asset_alone_says_in_a_sentence_what_has_to_come_first(early: dict[str, str]) -> None:
    assert "Nothing is staged yet" in early["nothing staged"]
    assert "The plan has not decided on 3 user rows yet: materialize plan first" in early["not planned"]
    told = "3 user rows are still to be exported before message can begin: materialize user first"
    assert told in early["message before user"]
    assert "still pending, so it is too early to finish" in early["finish before user"]
    assert early["settled"] == "0"


def test_the_job_materializes_all_ten_assets_and_shows_what_came_of_them(run: Pipeline, migrated: DagsterRun) -> None:
    assert migrated.status == "SUCCESS", migrated.failures
    assert migrated.assets == {*ENTITIES, *ENDS}
    status = run.status()
    for entity in ENTITIES:
        shown = migrated.metadata(entity)
        assert shown["rows_success_in_all"] == status[entity]["success"]
        assert {"seconds", "reasons", "server"} <= shown.keys()
        has_done = any(shown.get(f"rows_{one}_now") for one in ("success", "failed", "skipped"))
        assert ("rows_per_second" in shown) == has_done
        of_each = [one["partition_success"] for one in migrated.partitions(entity)]
        assert (len(of_each), sum(of_each)) == (4, status[entity]["success"])
    assert migrated.metadata("message")["rows_success_now"] == 40
    assert migrated.metadata("message")["reaction_rows_with_them"] == 2
    names = {row["slack name"]: row["mattermost name"] for row in migrated.metadata("plan")["decisions"]}
    assert names["garden"] == "garden"
    report = migrated.metadata("report")
    assert report["complete"] is True
    assert {row["type"]: row["success"] for row in report["rows"]} == {e: status[e]["success"] for e in ENTITIES}


def test_each_step_was_in_a_process_of_its_own(migrated: DagsterRun) -> None:
    began = [message for message in migrated.messages if message.startswith("Launching subprocess for ")]
    assert {message.split('"')[1] for message in began} >= {*ENTITIES, *ENDS}


def test_what_the_pipeline_logs_is_in_the_event_log(migrated: DagsterRun) -> None:
    assert any("import job" in message for message in migrated.messages)
    assert any(message.startswith("message: ") and " success" in message for message in migrated.messages)


def test_the_ui_is_served_and_the_automation_is_off(dev: DagsterDev) -> None:
    assert "dagster" in dev.page().lower()
    assert dev.automation() == {SENSOR: "STOPPED", SCHEDULE: "STOPPED"}


def test_the_web_server_listens_on_loopback(dev: DagsterDev) -> None:
    assert dev.listens_on() == {"0100007F"}


def test_the_ui_shows_no_secret(run: Pipeline, dev: DagsterDev, migrated: DagsterRun) -> None:
    shown = dev.shown()
    assert "MM_TOKEN" in shown  # the name of the variable
    secret = {"MM_TOKEN": run.server.token, "database": printed_environment(run)["MM_PIPELINE_DAGSTER_PASSWORD"]}
    assert hunt(secret, {"settings": shown.encode(), "log": "\n".join(migrated.messages).encode()}) == []


def test_every_single_asset_can_be_materialized_alone_and_sends_nothing_again(
    run: Pipeline, dev: DagsterDev, migrated: DagsterRun
) -> None:
    before = traces(run.server)
    runs = {entity: dev.launch(entity, partition="1") for entity in ENTITIES} | {end: dev.launch(end) for end in ENDS}
    for asset, run_id in runs.items():
        alone = dev.ended(run_id)
        assert (alone.status, alone.assets) == ("SUCCESS", {asset}), alone.failures
        assert "rows_per_second" not in alone.metadata(asset), "what had nothing to do tells no rate"
    assert traces(run.server) == before


def test_a_check_that_finds_another_server_stops_the_run_with_a_sentence_and_nothing_is_sent(
    run: Pipeline, migrated: DagsterRun
) -> None:
    before = traces(run.server)
    other_ids = "UPDATE entities SET mattermost_id = reverse(mattermost_id) WHERE entity_type = 'user'"
    own_rows(run, other_ids)
    own_rows(run, "UPDATE entities SET status = 'pending' WHERE entity_type = 'reaction'")
    stopped = run.export()
    assert stopped.returncode == 1
    assert stopped.stderr.splitlines()[-1].startswith("3 of 3 accounts are not on the server any more, like ada.")
    assert traces(run.server) == before
    assert run.status()["reaction"]["pending"] == 2
    own_rows(run, other_ids)
    assert run.export().returncode == 0
    assert traces(run.server) == before


def test_the_schedule_sets_failed_rows_pending_and_asks_for_a_run(
    run: Pipeline, dev: DagsterDev, line: Line, migrated: DagsterRun
) -> None:
    def reactions() -> set[str]:
        return {status for (status,) in own_rows(run, "SELECT status FROM entities WHERE entity_type = 'reaction'")}

    nothing = "No row is failed with tries left."
    assert dev.evaluate_schedule(SCHEDULE)["skipReason"] == nothing
    own_rows(run, "UPDATE entities SET status = 'failed', attempts = 1 WHERE entity_type = 'reaction'")
    with line.away():
        assert "that the server is up" in told_by(dev.evaluate_schedule(SCHEDULE))
        assert reactions() == {"failed"}
    for _ in range(2):  # the second time for a run that was cut short before it came to them
        assert len(dev.evaluate_schedule(SCHEDULE)["runRequests"]) == 1
        assert reactions() == {"pending"}
    own_rows(run, "UPDATE entities SET status = 'failed', attempts = 5 WHERE entity_type = 'reaction'")
    assert dev.evaluate_schedule(SCHEDULE)["skipReason"] == nothing
    assert reactions() == {"failed"}
    own_rows(run, "UPDATE entities SET status = 'success' WHERE entity_type = 'reaction'")


def test_the_sensor_takes_what_comes_once_says_what_is_wrong_and_makes_no_storm_of_runs(
    run: Pipeline, dev: DagsterDev, line: Line, inbox: Path, migrated: DagsterRun, tmp_path: Path
) -> None:
    newer = garden()
    newer["garden/2024-05-02.json"] = [message(86400, "it has sprouted")]
    whole = write(newer, tmp_path / "newer.zip").read_bytes()
    before = dev.runs()

    put(inbox / "newer.zip", whole[: len(whole) // 2])
    put(inbox / "newest.zip.part", whole)
    dev.start_sensor(SENSOR)
    dev.ticks_that_say(SENSOR, "newer.zip is no complete zip file yet")
    with line.away():
        put(inbox / "newer.zip", whole)
        tick = dev.ticks_that_say(SENSOR, "that the server is up")[0]
        assert tick["status"] == "FAILURE"
        assert run.server.token not in told_by(tick)
        assert dev.runs() == before

    with line.without_jobs():
        failed = dev.run_after(before)
        assert dev.ended(failed).status == "FAILURE"
        assert run.status()["message"]["pending"] == 1
    dev.ticks_that_say(SENSOR, f"Run {failed[:8]} failed and left work: the next one starts at", least=2)
    assert dev.runs() == [failed, *before]
    by_hand = dev.launch()
    assert dev.ended(by_hand).status == "SUCCESS"
    assert run.status()["message"]["success"] == 41

    put(inbox / "the same under another name.zip", whole)
    newer["garden/2024-05-03.json"] = [message(2 * 86400, "it grows")]
    assert run.call("mm-pipeline", "stage", str(write(newer, tmp_path / "staged by hand.zip"))).returncode == 0
    started = dev.run_after([by_hand, failed, *before])
    assert dev.ended(started).status == "SUCCESS"
    assert run.status()["message"]["success"] == 42
    at_rest = sum("No row is pending." in told_by(tick) for tick in dev.ticks(SENSOR))
    dev.ticks_that_say(SENSOR, "No row is pending.", least=at_rest + 1)
    assert dev.runs() == [started, by_hand, failed, *before]
    assert sorted(path.name for path in inbox.iterdir()) == [
        "newer.zip",
        "newest.zip.part",
        "the same under another name.zip",
    ]
