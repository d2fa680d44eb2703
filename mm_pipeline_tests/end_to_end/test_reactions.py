"""Reactions on the real servers, as people see them: every kind, every tone, with a picture; what cannot be is said."""

import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from mm_pipeline.content.noto_emoji import PICTURES
from mm_pipeline.http import Http
from mm_pipeline.render.emoji import MATTERMOST_EMOJI
from mm_pipeline_tests.end_to_end.migrated import Pipeline, traces
from mm_pipeline_tests.end_to_end.small_export import message, person, write
from mm_pipeline_tests.mattermost_server.running import RunningServer

_REACTIONS = """
SELECT p.message, r.emojiname, u.username FROM reactions r JOIN posts p ON p.id = r.postid JOIN users u ON u.id = r.userid
JOIN channels c ON c.id = p.channelid JOIN teams t ON t.id = c.teamid WHERE t.name = %s AND coalesce(r.deleteat, 0) = 0
"""
_TEXTS = """
SELECT p.message FROM posts p JOIN channels c ON c.id = p.channelid JOIN teams t ON t.id = c.teamid
WHERE t.name = %s AND p.type = '' AND p.deleteat = 0 ORDER BY p.createat
"""
#: Sixty of Mattermost's own, more than REST lets anybody put on one post.
SIXTY = sorted(name for name in MATTERMOST_EMOJI if name.startswith("flag-"))[:60]


def _reaction(name: str, *users: str, count: int = 0) -> dict[str, Any]:
    return {"name": name, "users": list(users), "count": count or len(users)}


@pytest.fixture
def run(tmp_path: Path, mattermost: RunningServer) -> Iterator[Pipeline]:
    team = mattermost.create_team()
    day = [
        message(0, "sixty kinds", reactions=[_reaction(name, "U0ADA") for name in SIXTY]),
        message(1, "more than fifty people", reactions=[_reaction("tada", "U0ADA", "U0BEN", count=57)]),
        message(
            2,
            "tones",
            reactions=[
                _reaction("+1::skin-tone-2", "U0ADA"),
                _reaction("+1::skin-tone-6", "U0ADA", "U0BEN"),
                _reaction("handshake::skin-tone-2", "U0ADA"),
                _reaction("handshake::skin-tone-4", "U0ADA"),
                _reaction("palm_up_hand::skin-tone-3", "U0BEN"),
            ],
        ),
        message(
            3, "new ones", reactions=[_reaction("harp", "U0BEN"), _reaction("men-with-bunny-ears-partying", "U0ADA")]
        ),
        message(
            4, "in a reply :goose:", "U0BEN", reactions=[_reaction("melting_face", "U0ADA"), _reaction("wavy", "U0BEN")]
        ),
        message(5, "of nobody's", reactions=[_reaction(f"blob_{team}", "U0ADA", "U0BEN")]),
    ]
    day[3]["thread_ts"] = day[4]["thread_ts"] = day[3]["ts"]
    people = ["U0ADA", "U0BEN"]
    files = {
        "users.json": [person("U0ADA", f"ada-{team}"), person("U0BEN", f"ben-{team}")],
        "channels.json": [{"id": "C0POND", "name": "pond", "creator": "U0ADA", "members": people}],
        "emoji.json": {"wavy": "alias:shaking_face"},
        "pond/2024-05-01.json": day,
    }
    made = Pipeline(tmp_path / "state", write(files, tmp_path / "export.zip"), mattermost, MM_TEAM=team)
    yield made
    made.down()


def _rows(run: Pipeline, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(run.server.database_url) as connection:
        return connection.execute(query.encode(), (run.environment["MM_TEAM"],)).fetchall()


def _custom(run: Pipeline) -> dict[str, str]:
    """Names and ids of the server's custom emoji."""
    return {emoji["name"]: emoji["id"] for emoji in run.server.call("GET", "/emoji?per_page=200")}


def test_every_reaction_arrives_under_its_name_with_a_picture_and_the_rest_is_said(
    run: Pipeline, tmp_path: Path
) -> None:
    team = run.environment["MM_TEAM"]
    ended = run.export()
    assert ended.returncode == 0, ended.stderr[-3000:]
    found = {(text.removesuffix(" 🪿"), name, user.partition("-")[0]) for text, name, user in _rows(run, _REACTIONS)}
    assert {name for text, name, _ in found if text == "sixty kinds"} == set(SIXTY)
    assert {one[1:] for one in found if one[0] == "tones"} == {
        ("+1_light_skin_tone", "ada"),
        ("+1_dark_skin_tone", "ada"),
        ("+1_dark_skin_tone", "ben"),
        ("handshake", "ada"),
        ("palm_up_hand", "ben"),
    }
    assert Counter(one[1] for one in found if one[0] in ("new ones", "in a reply")) == Counter(
        ["harp", "man-with-bunny-ears-partying", "melting_face", "shaking_face"]
    )
    assert ("of nobody's", f"blob_{team}", "ben") in found
    assert all(counts["failed"] == counts["pending"] == counts["skipped"] == 0 for counts in run.status().values())

    there = _custom(run)
    assert {"harp", "melting_face", "palm_up_hand", "shaking_face"} <= there.keys()
    assert "goose" not in there, "it is only in a text: there the character stands"
    assert "in a reply 🪿" in [text for (text,) in _rows(run, _TEXTS)]

    told = run.call("mm-pipeline", "status").stdout
    assert "55 reactions have no person" in told
    assert "pond 1714550401.000100 :tada: 55 of 57" in told
    assert "1 reaction fell together" in told
    assert "4 reactions stand under emoji that Mattermost lacks" in told
    assert f"2 reactions are there but show no picture, because nobody has one: blob_{team} (2)" in told
    assert "55 reactions have no person" in ended.stdout

    made = _archived_emoji(run, tmp_path / "archive.zip")
    assert made == ["harp", "melting_face", "palm_up_hand", "shaking_face"]

    _upload(run, f"blob_{team}")
    before, there = traces(run.server), _custom(run)
    assert run.export().returncode == 0
    assert (traces(run.server), _custom(run)) == (before, there), (
        "what somebody made meanwhile is left, nothing is sent"
    )
    assert "show no picture" not in run.call("mm-pipeline", "status").stdout


def _archived_emoji(run: Pipeline, archive: Path) -> list[str]:
    """Return the names of the emoji that an archive of the same workspace carries, each with its picture."""
    written = run.call("mm-pipeline", "archive", "--output", str(archive))
    assert written.returncode == 0, written.stderr
    with zipfile.ZipFile(archive) as packed:
        lines = [msgspec.json.decode(line) for line in packed.read("import.jsonl").splitlines()]
        emoji = {line["emoji"]["name"]: line["emoji"]["image"] for line in lines if line["type"] == "emoji"}
        assert all(packed.read(f"data/{image}").startswith(b"\x89PNG") for image in emoji.values())
    return sorted(emoji)


def _upload(run: Pipeline, name: str) -> None:
    """Make a custom emoji as an administrator would, with a picture of ours."""
    http = Http(f"{run.server.url}/api/v4", run.server.token)
    about = msgspec.json.encode({"creator_id": http.get("/users/me")["id"], "name": name}).decode()
    http.multipart("/emoji", {"emoji": about}, {"image": ("blob.png", (PICTURES / "splatter.png").read_bytes())})
    http.close()
