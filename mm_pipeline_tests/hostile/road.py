"""The road of an export up to the server's door: staged in PostgreSQL, planned, rendered, written as an import archive."""

import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import psycopg

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.errors import AbortRun
from mm_pipeline.migration import Migration
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource
from mm_pipeline.staging import preflight
from mm_pipeline_tests.end_to_end.small_export import Files, person, write
from mm_pipeline_tests.hostile.case import Desk, Ended, Fate

Run = Callable[[Desk], Ended]
TS = "1714550400.000100"
_TEAM = "crew"
#: Of a text that arrives, what a sentence shows.
_SHOWN = 160


def message(text: Any = "seeds are here", ts: Any = "1714550500.000100", user: Any = "U0ADA", **more: Any) -> Files:
    """Return a message of the second day."""
    return {"type": "message", "user": user, "text": text, "ts": ts} | more


def base() -> Files:
    """Three people, one channel, one message: whatever else an export holds, these arrive."""
    return {
        "users.json": [person("U0ADA", "ada"), person("U0BEN", "ben"), person("U0CLEO", "cleo")],
        "channels.json": [{"id": "C0GARDEN", "name": "garden", "creator": "U0ADA", "members": ["U0ADA", "U0BEN"]}],
        "garden/2024-05-01.json": [message("the first seed", TS)],
    }


def files_of(
    files: Files | None = None, *, people: list[Any] | None = None, channels: list[Any] | None = None, day: Any = None
) -> Files:
    """Return the base with further files (None takes one away), people, channels and a second day."""
    made = base() | (files or {})
    if people:
        made["users.json"] = [*made["users.json"], *people]
    if channels:
        made["channels.json"] = [*made["channels.json"], *channels]
    if day is not None:
        made["garden/2024-05-02.json"] = day() if callable(day) else day
    return {name: content for name, content in made.items() if content is not None}


def export(files: Files | None = None, *, folder: bool = False, **more: Any) -> Run:
    """Return what sends an export down the road; `more` as for files_of."""

    def make(desk: Desk) -> Path:
        contents = files_of(files, **more)
        return _unpacked(contents, desk.folder / "export") if folder else write(contents, desk.folder / "export.zip")

    return made(make)


def messages(*day: Any) -> Run:
    """Return what sends messages of a second day down the road."""
    return export(day=list(day))


def made(make: Callable[[Desk], Path], **slack: str) -> Run:
    """Return what sends down the road what `make` wrote; `slack` are further settings of the Slack side."""
    return lambda desk: travelled(make(desk), desk, **slack)


def within(seconds: float, run: Run) -> Run:
    """Return what must end before so many seconds have passed; a machine that does nothing else needs a twentieth of it."""

    def timed(desk: Desk) -> Ended:
        began = time.monotonic()
        ended = run(desk)
        took = time.monotonic() - began
        assert took < seconds, f"{took:.1f} s"
        return ended

    return timed


def travelled(path: Path, desk: Desk, **slack: str) -> Ended:
    """Stage an export under a workspace of its own and write its archive; return what came of it."""
    workspace, archive = desk.folder.name, desk.folder / "archive.zip"
    migration = Migration(
        MMResource(team=_TEAM),
        PostgresResource(url=desk.database, state=str(desk.folder / "state")),
        SlackResource(export=str(path), workspace=workspace, **slack),
        PlanResource(),
    )
    with _listening() as warnings:
        try:
            migration.exports.stage(path)
            migration.write_archive(archive, (11, 4))
        except AbortRun as stop:
            return _refused(str(stop), path, desk)
    failed = [reason for status, reason in _rows(desk, workspace) if status == "failed"]
    arrived = _arrived(archive)
    assert {"user ada", "user ben", "user cleo", "channel garden", "ada: the first seed"} <= set(arrived), arrived
    if failed:
        return Ended(Fate.FAILED, tuple(failed))
    if warnings:
        return Ended(Fate.TOLD, _once([_plain(one, desk) for one in warnings]))
    return Ended(Fate.KEPT, ("; ".join(one for one in arrived if one not in _ARRIVED) or "nothing",))


def _refused(sentence: str, path: Path, desk: Desk) -> Ended:
    assert not _rows(desk, desk.folder.name), "a refused export left rows behind"
    assert preflight(path) == [sentence]
    return Ended(Fate.REFUSED, (_plain(sentence, desk),))


def _once(warnings: list[str]) -> tuple[str, ...]:
    """Return each warning once: that something is not in the archive is said behind the reason why."""
    once = dict.fromkeys(warnings)
    reasons = {one: one.partition(_NOT_THERE)[2] for one in once}
    return tuple(
        one for one in once if not (reasons[one] and any(reasons[one] in other for other in once if other != one))
    )


_NOT_THERE = " is not in the archive: "
_ARRIVED = {"user ada", "user ben", "user cleo", "channel garden", "ada: the first seed"}


def _arrived(archive: Path) -> list[str]:
    with ZipFile(archive) as packed:
        lines = [json.loads(line) for line in packed.read("import.jsonl").splitlines()]
    return [said for line in lines for said in _said(line["type"], line.get(line["type"]))]


def _said(kind: str, line: Any) -> Iterator[str]:
    if kind == "version":
        return
    if kind in ("post", "direct_post"):
        for post in (line, *line.get("replies", ())):
            yield f"{post['user']}: {post['message'][:_SHOWN]}"
            yield from (f"{one['user']} :{one['emoji_name']}:" for one in post.get("reactions") or ())
    else:
        yield f"{kind} {line.get('username') or line.get('name') or line.get('members')}"


def _rows(desk: Desk, workspace: str) -> list[tuple[str, str]]:
    with psycopg.connect(desk.database) as connection:
        query = "SELECT status, error_message FROM entities WHERE workspace = %s ORDER BY slack_id"
        return connection.execute(query, [workspace]).fetchall()


@contextmanager
def _listening() -> Iterator[list[str]]:
    """Collect what people are warned of."""
    heard: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage())

    ear = Ear(logging.WARNING)
    backend_logger.addHandler(ear)
    try:
        yield heard
    finally:
        backend_logger.removeHandler(ear)


def _plain(sentence: str, desk: Desk) -> str:
    """Return a sentence without this case's folder and the numbers of its rows."""
    sentence = re.sub(r"\brow \d+", "row N", sentence)
    sentence = re.sub(rf"^(\w+) .*?(?={_NOT_THERE})", r"\1 NAME", sentence, flags=re.DOTALL)
    return sentence.replace(f"{desk.folder}{os.sep}", "").replace(str(desk.folder), ".")


def _unpacked(files: Files, folder: Path) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return folder
