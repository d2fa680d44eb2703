"""What a chaos run is made of, without a run: the blows follow from the seed, the line breaks what it should, no lost row stays unseen."""

import io
import itertools
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any
from zipfile import ZipFile

import psycopg
import pytest
from pytest_httpserver import HTTPServer

from mm_pipeline.errors import PipelineError
from mm_pipeline.http import Http
from mm_pipeline.staging.fingerprint import fingerprint
from mm_pipeline_tests.chaos.blows import Kind, dealt
from mm_pipeline_tests.chaos.end_state import differences
from mm_pipeline_tests.chaos.export import touch, write
from mm_pipeline_tests.chaos.faulty_line import FAULTS, FaultyLine
from mm_pipeline_tests.chaos.phases import Gate, LockedTable, Moment, Phase
from mm_pipeline_tests.chaos.sent import Sent
from mm_pipeline_tests.mattermost_server.proxy import Answer, Cut, Proxy, Request


@pytest.fixture
def server(httpserver: HTTPServer) -> Iterator[HTTPServer]:
    httpserver.expect_request(re.compile("/posts")).respond_with_json({"order": []})
    return httpserver


def heard(httpserver: HTTPServer) -> int:
    return len(httpserver.log)


def test_a_hundred_kills_are_at_least_fifteen_in_each_phase_and_follow_from_the_seed() -> None:
    blows = dealt({Kind.KILL: 100, Kind.POSTGRES: 6, Kind.SERVER: 6}, 7)
    assert min(Counter(blow.phase for blow in blows if blow.kind is Kind.KILL).values()) >= 15
    for kind in (Kind.POSTGRES, Kind.SERVER):
        assert {blow.phase for blow in blows if blow.kind is kind} == set(Phase)
    drawn = [(blow.number, blow.kind, blow.phase, blow.draw().random()) for blow in blows]
    again = dealt({Kind.KILL: 100, Kind.POSTGRES: 6, Kind.SERVER: 6}, 7)
    assert drawn == [(blow.number, blow.kind, blow.phase, blow.draw().random()) for blow in again]


def test_the_first_blows_meet_a_first_load_and_all_phases_but_staging_come_in_the_order_of_a_job() -> None:
    blows = dealt({Kind.KILL: 100}, 3)
    assert {blow.phase for blow in blows[:4]} == {Phase.STAGING}
    way = [phase for phase in Phase if phase is not Phase.STAGING]
    followed = [blow.phase for blow in blows if blow.phase is not Phase.STAGING]
    next_one = dict(zip(way, [*way[1:], way[0]], strict=True))
    assert sum(next_one[one] is other for one, other in itertools.pairwise(followed)) > 0.7 * len(followed)


def test_a_post_that_two_jobs_brought_was_sent_twice_and_a_root_that_replies_hang_on_was_not() -> None:
    def archive(*lines: dict[str, Any]) -> bytes:
        made = io.BytesIO()
        with ZipFile(made, "w") as new:
            new.writestr("import.jsonl", b"\n".join(json.dumps(line).encode() for line in lines))
        return made.getvalue()

    def post(ms: int, *replies: int) -> dict[str, Any]:
        fields = {"channel": "tea", "user": "ada", "create_at": ms}
        return {"type": "post", "post": fields | {"replies": [{"user": "bo", "create_at": one} for one in replies]}}

    sent, version = Sent(lambda request, ask: ask()), {"type": "version", "version": 1}
    uploads = {"a" * 26: (post(1), post(2)), "b" * 26: (post(1, 11), post(2)), "c" * 26: (post(1, 11), post(3))}
    for upload, lines in uploads.items():
        body = archive(version, *lines)
        for part in (body, body[50:]):  # the rest of one that broke off is none
            sent(Request("POST", f"/api/v4/uploads/{upload}", part), lambda: Answer(204))

    class Server:
        def __init__(self, *jobs: str) -> None:
            self._jobs = jobs

        def rows(self, query: str) -> list[tuple[str]]:
            return [(job * 26,) for job in self._jobs]

    assert sent.twice(Server("a")) == []  # type: ignore[arg-type]
    assert sent.twice(Server("a", "c", "x")) == []  # type: ignore[arg-type]
    assert sent.twice(Server("a", "b", "c")) == ["tea: ada at 2", "tea: bo at 11"]  # type: ignore[arg-type]
    assert sent.twice(Server("c", "c")) == ["tea: ada at 3", "tea: bo at 11"]  # type: ignore[arg-type]


def test_a_lost_row_a_doubled_one_and_a_changed_one_are_each_seen() -> None:
    calm = {"posts": [("a",), ("b",), ("b",), ("c",)]}
    assert differences(calm, {"posts": [("b",), ("c",), ("a",), ("b",)]}) == []
    assert differences(calm, {"posts": [("a",), ("b",), ("c",)]}) == ["posts: lost ('b',)"]
    assert differences(calm, {"posts": [*calm["posts"], ("c",)]}) == ["posts: too many ('c',)"]
    changed = differences(calm, {"posts": [("a",), ("b",), ("b",), ("d",)]})
    assert changed == ["posts: lost ('c',)", "posts: too many ('d',)"]


def test_the_same_seed_writes_the_same_export_with_bytes_of_its_files_and_a_touched_one_is_another(
    tmp_path: Path,
) -> None:
    one, two = (write(tmp_path / name, 300, 5) for name in ("one.zip", "two.zip"))
    assert one.read_bytes() == two.read_bytes()
    with ZipFile(one) as export:
        days = b"".join(export.read(name) for name in export.namelist() if name.endswith(".json"))
        uploads = [name for name in export.namelist() if name.startswith("__uploads/")]
    assert len(uploads) > 5
    assert all(name.split("/")[1].encode() in days for name in uploads)
    seen = {fingerprint(one)}
    for _ in range(3):
        touch(one)
        seen.add(fingerprint(one))
    assert len(seen) == 4


def test_a_faulty_line_breaks_its_share_of_the_requests_in_every_way(
    server: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mm_pipeline_tests.chaos.faulty_line._SLOW_S", 0.0)
    line = FaultyLine(0.5, 1)
    for _ in range(400):
        line(Request("GET", "/posts"), lambda: Answer(200))
    assert line.requests == 400
    assert 160 < line.counts.total() < 240
    assert set(FAULTS) == set(line.counts)


@pytest.mark.parametrize(
    ("answer", "arrives"), [(Cut(), 0), (Answer(200, b"<html>"), 0), (Answer(400, b"{}"), 0), (None, 1)]
)
def test_the_server_hears_only_what_the_rule_lets_through(
    server: HTTPServer, answer: Answer | Cut | None, arrives: int
) -> None:
    proxy = Proxy(server.url_for("/").rstrip("/"), lambda request, ask: answer or ask())
    http = Http(proxy.url, away_s=0.0)
    try:
        if arrives:
            assert http.get("/posts") == {"order": []}
        else:
            with pytest.raises(PipelineError, match="posts"):
                http.post("/posts", {})
        assert heard(server) == arrives
    finally:
        http.close()
        proxy.close()


@pytest.mark.parametrize("says", [b"", b'"order"'])
def test_a_gate_holds_one_moment_once_and_the_server_has_heard_of_it_or_not(server: HTTPServer, says: bytes) -> None:
    gate = Gate(lambda request, ask: ask())
    proxy = Proxy(server.url_for("/").rstrip("/"), gate)
    http = Http(proxy.url)
    try:
        gate.arm(Moment("here", "GET", "/posts", says=says), Random(1))
        asking = threading.Thread(target=http.get, args=("/posts",))
        asking.start()
        until = time.monotonic() + 10
        while not gate.reached():
            assert time.monotonic() < until
            time.sleep(0.01)
        assert (gate.reached(), heard(server)) == ("here", 1 if says else 0)
        assert http.get("/posts") == {"order": []}  # another one passes
        gate.leave()
        asking.join(10)
        assert not asking.is_alive()
        assert heard(server) == 2
    finally:
        http.close()
        proxy.close()


@pytest.mark.parametrize("lost", [False, True])
def test_a_write_waits_at_a_locked_table_and_is_done_afterwards_or_lost(database: str, lost: bool) -> None:
    waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    stop = LockedTable("here", lambda: database, "targets", waits, lost=lost)
    assert stop.reached() == ""

    def write_there() -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("INSERT INTO targets VALUES ('w', 's', 't', 'u')")

    def lose_it() -> None:
        with pytest.raises(psycopg.OperationalError):
            write_there()

    writing = threading.Thread(target=lose_it if lost else write_there)
    writing.start()
    until = time.monotonic() + 10
    while not stop.reached():
        assert time.monotonic() < until
        time.sleep(0.01)
    stop.leave()
    writing.join(10)
    assert not writing.is_alive()
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM targets").fetchall() == [(0 if lost else 1,)]
