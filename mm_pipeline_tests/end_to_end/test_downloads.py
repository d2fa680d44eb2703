"""What was downloaded from Slack before goes along: files and emoji out of SLACK_FILES, into a real server that takes small ones only."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from PIL import Image

from mm_pipeline_tests.conftest import FreshMattermost
from mm_pipeline_tests.end_to_end.migrated import Pipeline, traces
from mm_pipeline_tests.end_to_end.small_export import message, person, write
from mm_pipeline_tests.mattermost_server.running import RunningServer

_MIB = 1 << 20
_FILES = """
SELECT p.message, f.name, f.path FROM posts p JOIN fileinfo f ON f.postid = p.id
WHERE p.deleteat = 0 AND f.deleteat = 0 ORDER BY p.createat, f.name
"""
CONTENTS = {
    "F0PLAN": ("Lageplan – Übersicht.txt", b"where the pond lies"),
    "F0MAP": ("карта.txt", b"a map"),
    "F0LOG": ("あ.txt", b"a log"),
    "F0FILM": ("film.bin", bytes(range(256)) * 24 * 1024),  # 6 MiB
}
#: Files of which nobody has the bytes, and what the message says of them.
GONE: list[dict[str, Any]] = [
    {"id": "F0GONE", "mode": "tombstone"},
    {"id": "F0HID", "mode": "hidden_by_limit"},
    {
        "id": "F0DOC",
        "mode": "external",
        "is_external": True,
        "name": "Budget",
        "url_private": "https://docs.example/d/1",
    },
    {"id": "F0CANVAS", "mode": "quip", "filetype": "quip", "title": "Harvest plan", "size": 185},
    {"id": "F0POST", "mode": "space", "filetype": "space", "title": "Notes", "preview": "<p>To do: weeds</p>"},
]
SAID = [
    "File: F0GONE – deleted in Slack",
    "File: F0HID – hidden by Slack's plan limit",
    "File: [Budget](https://docs.example/d/1) – kept outside of Slack",
    "Canvas: Harvest plan (185 bytes) – not part of the export",
    "Post: Notes – not part of the export",
    "> To do: weeds",
]


def _file(file_id: str) -> dict[str, Any]:
    """A file as Slack's own export tells it: without bytes."""
    name, data = CONTENTS[file_id]
    link = f"https://fern.slack.com/files/U0ADA/{file_id}"
    return {"id": file_id, "name": name, "mode": "hosted", "size": len(data), "permalink": link}


def _downloads(folder: Path) -> Path:
    """The three layouts of files, and slackdump's of emoji."""
    emoji = io.BytesIO()
    frames = [Image.new("RGB", (32, 32), color) for color in ("teal", "red", "gold")]
    frames[0].save(emoji, "GIF", save_all=True, append_images=frames[1:], duration=80)
    kept = {
        f"pond/attachments/F0PLAN-{CONTENTS['F0PLAN'][0]}": CONTENTS["F0PLAN"][1],
        f"F0MAP/{CONTENTS['F0MAP'][0]}": CONTENTS["F0MAP"][1],
        f"__uploads/F0LOG/{CONTENTS['F0LOG'][0]}": CONTENTS["F0LOG"][1],
        f"C0POND/F0FILM-{CONTENTS['F0FILM'][0]}": CONTENTS["F0FILM"][1],
        "emojis/heron.gif": emoji.getvalue(),
        "index.json": json.dumps(
            {"heron": "https://emoji.slack-edge.com/T0/heron.gif", "egret": "alias:heron"}
        ).encode(),
    }
    for name, data in kept.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def run(tmp_path: Path, fresh_mattermost: FreshMattermost) -> Iterator[Pipeline]:
    day = [
        message(0, "the plan", files=[_file("F0PLAN")], reactions=[{"name": "egret", "users": ["U0BEN"], "count": 1}]),
        message(1, "the plan again", "U0BEN", files=[_file("F0PLAN"), _file("F0MAP"), _file("F0LOG")]),
        message(2, "the film", files=[_file("F0FILM")]),
        message(3, "gone", files=GONE),
    ]
    files = {
        "users.json": [person("U0ADA", "ada"), person("U0BEN", "ben")],
        "channels.json": [{"id": "C0POND", "name": "pond", "creator": "U0ADA", "members": ["U0ADA", "U0BEN"]}],
        "pond/2024-05-01.json": day,
    }
    server = fresh_mattermost("11.4", {"FileSettings.MaxFileSize": 6 * _MIB})
    export = write(files, tmp_path / "export.zip")
    made = Pipeline(tmp_path / "state", export, server, SLACK_FILES=str(_downloads(tmp_path / "downloads")))
    yield made
    made.down()


def _rows(run: Pipeline, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(run.server.database_url) as connection:
        return connection.execute(query.encode()).fetchall()


def _files(run: Pipeline) -> list[tuple[str, str, bytes]]:
    return [(text, name, (run.server.files / path).read_bytes()) for text, name, path in _rows(run, _FILES)]


def _text(run: Pipeline, beginning: str) -> str:
    query = f"SELECT message FROM posts WHERE message LIKE '{beginning}%' AND deleteat = 0 ORDER BY createat"
    return str(_rows(run, query)[0][0])


def test_files_and_emoji_of_a_folder_arrive_and_one_that_is_too_large_comes_when_the_server_takes_it(
    run: Pipeline,
) -> None:
    ended = run.export()
    assert ended.returncode == 0, ended.stderr[-3000:]
    status = run.status()
    assert (status["attachment"]["success"], status["attachment"]["skipped"]) == (4, 6)
    assert (status["custom_emoji"]["success"], status["reaction"]["success"]) == (2, 1)
    small = [
        ("the plan", "F0PLAN"),
        ("the plan again", "F0PLAN"),
        ("the plan again", "F0MAP"),
        ("the plan again", "F0LOG"),
    ]
    assert sorted(_files(run)) == sorted((text, *CONTENTS[file_id]) for text, file_id in small)
    film = "[film.bin](https://fern.slack.com/files/U0ADA/F0FILM) (6.3 MB)"
    assert _text(run, "the film") == f"the film\n\nFile: {film} – larger than this server takes"
    assert [line for line in _text(run, "gone").splitlines() if line] == ["gone", *SAID]

    (emoji,) = (one for one in run.server.call("GET", "/emoji?per_page=200") if one["name"] == "heron")
    assert Image.open(run.server.files / "emoji" / emoji["id"] / "image").n_frames == 3
    assert _rows(run, "SELECT emojiname FROM reactions") == [("heron",)]
    kept = [path for path in (Path(run.environment["MM_PIPELINE_STATE"]) / "content").rglob("*") if path.is_file()]
    assert len(kept) == 4, "three files and a picture: what two messages share is kept once"

    run.server.call("PUT", "/config/patch", {"FileSettings": {"MaxFileSize": 20 * _MIB}})
    run.call("mm-pipeline", "retry")
    again = run.export()
    assert again.returncode == 0, again.stderr[-3000:]
    assert ("the film", *CONTENTS["F0FILM"]) in _files(run)
    assert _text(run, "the film") == "the film"
    before = traces(run.server)
    assert run.export().returncode == 0
    assert traces(run.server) == before


def test_a_folder_that_is_not_there_is_said_before_anything_is_done(
    mattermost_11_4: RunningServer, tmp_path: Path
) -> None:
    run = Pipeline(tmp_path / "state", None, mattermost_11_4, SLACK_FILES=str(tmp_path / "elsewhere"))
    ended = run.call("mm-pipeline", "preflight")
    run.down()
    assert ended.returncode == 1
    assert "There is nothing at SLACK_FILES=" in ended.stdout
