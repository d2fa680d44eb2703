"""What is fuzzed, and what must hold whatever comes: a sentence or nothing, never an error that nobody foresaw."""

import csv
import io
import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from hypothesis import strategies as st
from PIL import Image
from pytest_httpserver import HTTPServer
from urllib3.util import parse_url

from mm_pipeline.content.hosts import SLACK_HOSTS, Hosts
from mm_pipeline.content.local_files import LocalFiles
from mm_pipeline.content.pictures import fit_picture
from mm_pipeline.content.store import ContentStore
from mm_pipeline.errors import PipelineError
from mm_pipeline.render.message import render_message
from mm_pipeline.staging import stage
from mm_pipeline_tests.end_to_end.small_export import write
from mm_pipeline_tests.hostile.any_export import ANY_JSON, MESSAGES, OBJECTS
from mm_pipeline_tests.hostile.any_message import MESSAGES as ANY_MESSAGES
from mm_pipeline_tests.hostile.case import Desk
from mm_pipeline_tests.hostile.plan_tables import applied
from mm_pipeline_tests.hostile.road import files_of, travelled
from mm_pipeline_tests.render.people import LOOKUPS


class Target(NamedTuple):
    """Something that is given anything."""

    name: str
    inputs: st.SearchStrategy[Any]
    check: Callable[[Any], object]
    examples: int  #: in one round


def targets(database: str, folder: Path) -> list[Target]:
    """Return everything that is fuzzed, on a migrated database."""
    return [
        Target("exports, from zip to archive", _EXPORTS, lambda made: _export(made, database, folder), 40),
        Target("bytes of an export", _DAMAGE, lambda made: _damaged(made, database, folder), 40),
        Target("messages", st.tuples(ANY_MESSAGES, st.lists(ANY_MESSAGES, max_size=2)), _message, 400),
        Target("texts", _TEXTS, lambda text: _message(({"text": text}, [])), 400),
        Target("pictures", _PICTURES, lambda content: _picture(content, folder), 100),
        Target("addresses", _URLS, _address, 400),
        Target("plan tables", _TABLES, applied, 100),
    ]


_EXPORTS = st.fixed_dictionaries(
    {"people": st.lists(OBJECTS, max_size=4), "channels": st.lists(OBJECTS, max_size=3)},
    optional={
        "day": st.lists(MESSAGES | ANY_JSON, max_size=6),
        "emoji": st.dictionaries(st.text(max_size=8), ANY_JSON, max_size=3) | ANY_JSON,
    },
)


def _export(made: dict[str, Any], database: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as name:
        desk = Desk(Path(name), database, HTTPServer())
        emoji = {"emoji.json": made["emoji"]} if "emoji" in made else {}
        files = files_of(emoji, people=made["people"], channels=made["channels"], day=made.get("day"))
        travelled(write(files, desk.folder / "export.zip"), desk)
    _forget(database)


_DAMAGE = st.tuples(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6), st.binary(max_size=200)
)


def _damaged(made: tuple[list[tuple[int, int]], bytes], database: str, folder: Path) -> None:
    """Change some bytes of a zip, one of whose days is any bytes; then read everything in it."""
    changes, day = made
    with tempfile.TemporaryDirectory(dir=folder) as name:
        path = write(files_of({"__uploads/F0AAA/x": b"x" * 300}, day=day), Path(name) / "export.zip")
        content = bytearray(path.read_bytes())
        for at, value in changes:
            content[at % len(content)] = value
        path.write_bytes(content)
        with suppress(PipelineError):
            stage(path, lambda: psycopg.connect(database, autocommit=True))
        files = LocalFiles(path)
        with suppress(PipelineError):
            if entry := files.upload("F0AAA"):
                for _ in files.chunks(entry):
                    pass
        files.close()
    _forget(database)


def _forget(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DELETE FROM entities")


def _message(made: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    raw, lost = made
    rendered = render_message(raw, LOOKUPS, lost_files=lost)
    json.dumps(rendered.props)
    assert "\0" not in rendered.text


#: Texts out of what mrkdwn is made of.
_TEXTS = st.lists(
    st.sampled_from([*"*_~`<>|&@#!:^[]() \n\\", "```", "&gt;", "&lt;", "<@U0MARA>", "<#C0|x>", "<!channel>", "<!date^1^{x}|y>"])
    | st.sampled_from(["https://a.example", "javascript:x", "a", "я", "\U0001f331", "\u202e", ":+1:", "- ", "1. ", "| "])
    | st.text(max_size=4),
    max_size=40,
).map("".join)  # fmt: skip


def _seeds() -> list[bytes]:
    made = []
    for kind in ("PNG", "GIF", "JPEG", "BMP", "WEBP"):
        out = io.BytesIO()
        image = Image.effect_noise((20, 20), 90)
        moving = {"save_all": True, "append_images": [image.rotate(90)]} if kind in ("GIF", "WEBP", "PNG") else {}
        image.save(out, kind, **moving)
        made.append(out.getvalue())
    return made


_PICTURES = st.tuples(
    st.sampled_from(_seeds()),
    st.lists(st.tuples(st.integers(0, 10**4), st.integers(0, 255)), max_size=8),
    st.integers(0, 3),
).map(lambda drawn: _changed(*drawn))


def _changed(content: bytes, changes: list[tuple[int, int]], cut: int) -> bytes:
    made = bytearray(content)
    for at, value in changes:
        made[at % len(made)] = value
    return bytes(made[: len(made) * (4 - cut) // 4])


def _picture(content: bytes, folder: Path) -> None:
    store = ContentStore(folder / "content")
    with suppress(PipelineError):
        fit_picture(store.put([content], 1 << 20), store)


_URLS = st.lists(
    st.sampled_from(["https://", "http://", "//", "files.slack.com", ".slack.com", "evil.example", "127.0.0.1", "[::1]", ":443", ":x"])
    | st.sampled_from([*"@\\/?#%:;&=.[] \t\n", "%2e", "。", "．", "ｓ", "\0"])
    | st.text(max_size=3),
    max_size=8,
).map("".join)  # fmt: skip


def _address(url: str) -> None:
    """Whoever asks an address that is allowed goes to the host that was looked at."""
    hosts = Hosts()
    if hosts.objection(url):
        return
    hosts.may_see_token(url)
    try:
        host = (parse_url(url).host or "").lower()
    except ValueError:
        return  # then nobody is asked
    assert any(host.endswith(one) if one.startswith(".") else host == one for one in SLACK_HOSTS), (url, host)


_CELLS = st.text(max_size=6) | st.sampled_from(
    [
        "user",
        "channel",
        "custom_emoji",
        "U1",
        "C1",
        "fern",
        "boss",
        "create",
        "match",
        "skip",
        "'",
        "=1",
        "a@b.example",
        '"',
        "\0",
    ]
)


def _table(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=",;"[len(rows) % 2]).writerows(
        [["type", "slack_id", "slack name", "mattermost name", "email", "action", "note"], *rows]
    )
    return out.getvalue().encode("utf-8", "replace")


_TABLES = st.lists(st.lists(_CELLS, max_size=8), max_size=5).map(_table) | st.binary(max_size=200)
