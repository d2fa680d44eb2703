"""An export as it would reach a server that has nothing: staged, planned, rendered, written as import lines, read back.

PostgreSQL is real, a server is not needed. Judges nothing.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch
from zipfile import ZipFile

import msgspec

from mm_pipeline.mattermost.fresh_server import FreshServer
from mm_pipeline.mattermost.on_server import Server
from mm_pipeline.migration import Migration
from mm_pipeline.plan.decisions_csv import Plan
from mm_pipeline.plan.planner import decide
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource
from mm_pipeline.staging import Staged
from mm_pipeline_tests.end_to_end.small_export import Files, write

TEAM = "crew"

Json = dict[str, Any]


class Written(NamedTuple):
    """What an export became."""

    plan: Plan
    staged: Staged
    lines: list[tuple[str, Json]]  #: (type, fields), in the file's order
    entries: list[str]  #: the archive's files, below data/

    def of(self, kind: str) -> list[Json]:
        """Return the fields of all lines of a type."""
        return [fields for line_kind, fields in self.lines if line_kind == kind]

    def posts(self) -> list[Json]:
        """Return every post in the order of its line, replies behind their root, which they name by its text."""
        return list(self._posts())

    def post(self, words: str) -> Json:
        """Return the one post that says this."""
        (found,) = (post for post in self._posts() if words in post["message"])
        return found

    def _posts(self) -> Iterator[Json]:
        for line in (*self.of("post"), *self.of("direct_post")):
            yield line | {"root": ""}
            yield from (reply | {"root": line["message"]} for reply in line.get("replies", ()))


class _Fresh(FreshServer):
    """A fresh server with some of its settings otherwise."""

    def __init__(self, **otherwise: Any) -> None:
        super().__init__(TEAM)
        self._otherwise = otherwise

    def server(self) -> Server:
        return msgspec.structs.replace(super().server(), **self._otherwise)


def written(files: Files, database: str, folder: Path, *, server: Json | None = None, **choices: str) -> Written:
    """Return what these files of an export become; `server` overrides its settings, `choices` those of the plan."""
    export, archive = write(files, folder / "export.zip"), folder / "archive.zip"
    fresh = _Fresh(**(server or {}))
    migration = Migration(
        MMResource(team=TEAM),
        PostgresResource(url=database, state=str(folder / "state")),
        SlackResource(export=str(export)),
        PlanResource(**choices),
    )
    staged = migration.exports.stage(export)
    with patch("mm_pipeline.migration.FreshServer", lambda *_: fresh):
        migration.write_archive(archive, (11, 4))
    with ZipFile(archive) as packed:
        bodies = [json.loads(line) for line in packed.read("import.jsonl").splitlines()]
        entries = [name.removeprefix("data/") for name in packed.namelist() if name.startswith("data/")]
    lines = [(body["type"], body[body["type"]]) for body in bodies if body["type"] != "version"]
    plan = decide(migration.store, fresh, migration.settings)
    return Written(plan=plan, staged=staged, lines=lines, entries=entries)
