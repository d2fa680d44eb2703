"""Every fixture of rendering through a real server: it takes the text as it is, on roots and on replies."""

import json
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg.rows import dict_row

from mm_pipeline.render.message import render_message
from mm_pipeline_tests.end_to_end.migrated import ROOT, Pipeline
from mm_pipeline_tests.end_to_end.small_export import MORNING, Files, message, person, write
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.render.people import LOOKUPS

_FIXTURES = ROOT / "mm_pipeline_tests" / "render" / "fixtures"
#: What the export's own people, channels and emoji are called after a migration of this export.
_LOOKUPS = msgspec.structs.replace(LOOKUPS, channel_labels={}, usergroups={}, emoji={}, permalink=None, names={})
_POSTS = """
SELECT p.message, p.rootid, p.props FROM posts p JOIN channels c ON c.id = p.channelid JOIN teams t ON t.id = c.teamid
WHERE t.name = %s ORDER BY p.createat
"""


def _texts() -> dict[str, dict[str, Any]]:
    """The fixtures whose text needs no name, link or file that this export lacks, by name."""
    texts = {}
    for path in sorted(_FIXTURES.glob("*.json")):
        fixture = json.loads(path.read_text(encoding="utf-8"))
        raw = {
            key: value for key, value in fixture["slack"].items() if key not in ("ts", "thread_ts", "subtype", "edited")
        }
        if path.stem != "wrong_types" and not {"files", "file", "bot_id"} & raw.keys() and "lost_files" not in fixture:
            texts[path.stem] = raw | {"type": "message", "user": "U0MARA"}
    return texts


def _export(texts: dict[str, dict[str, Any]]) -> Files:
    typed = "never write @channel at night"
    day = [raw | {"ts": f"{MORNING + at}.000100"} for at, raw in enumerate(texts.values())]
    root = message(5000, typed, "U0MARA")
    day += [root | {"thread_ts": root["ts"]}, message(5001, f"{typed}, no", "U0OLEK", thread_ts=root["ts"])]
    return {
        "users.json": [person("U0MARA", "mara"), person("U0OLEK", "olek.b")],
        "channels.json": [
            {"id": "C0HARBOR", "name": "harbor-main", "creator": "U0MARA", "members": ["U0MARA", "U0OLEK"]}
        ],
        "harbor-main/2024-05-01.json": day,
    }


def test_a_server_takes_every_text_as_it_was_rendered(mattermost: RunningServer, team: str, tmp_path: Path) -> None:
    texts = _texts()
    run = Pipeline(tmp_path / "state", write(_export(texts), tmp_path / "harbor.zip"), mattermost, MM_TEAM=team)
    try:
        ended = run.export()
    finally:
        run.down()

    assert ended.returncode == 0, ended.stderr[-3000:]
    with psycopg.connect(mattermost.database_url, row_factory=dict_row) as connection:
        posts = connection.execute(_POSTS, [team]).fetchall()
    arrived = {row["message"] for row in posts}
    typed = [row for row in posts if "@channel at night" in row["message"]]
    expected = {name: render_message(raw, _LOOKUPS).text for name, raw in texts.items()}
    assert {name: text for name, text in expected.items() if text not in arrived} == {}
    assert len(expected) > 60
    assert [(bool(row["rootid"]), row["props"].get("mentionHighlightDisabled")) for row in typed] == [
        (False, True),
        (True, True),
    ]
