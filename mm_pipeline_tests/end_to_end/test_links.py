"""Links to Slack's messages and channels lead to the posts and channels that they became, on both servers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mm_pipeline_tests.end_to_end.migrated import Pipeline, traces
from mm_pipeline_tests.end_to_end.small_export import MORNING, Files, garden, message, write
from mm_pipeline_tests.mattermost_server.running import RunningServer


def link(at: int, channel: str = "C0GARDEN", more: str = "") -> str:
    """Return Slack's address of the message `at` seconds into the morning."""
    return f"https://fern.slack.com/archives/{channel}/p{MORNING + at}000100{more}"


def said(text: str) -> dict[str, Any]:
    """Return a message of today: its blocks hold the address as an element."""
    words, url = text.split(" ")
    elements = [{"type": "text", "text": f"{words} "}, {"type": "link", "url": url}]
    section = {"type": "rich_text_section", "elements": elements}
    return {"text": f"{words} <{url}>", "blocks": [{"type": "rich_text", "elements": [section]}]}


def linked() -> Files:
    """The garden and an archived shed: links back, in a chain, within a thread, forward (edited), to a channel, and to nowhere."""
    files = garden()
    shed = {"id": "C0SHED", "name": "shed", "creator": "U0ADA", "members": ["U0ADA", "U0BEN"], "is_archived": True}
    files["channels.json"].append(shed)
    root = {"thread_ts": f"{MORNING + 100}.000100"}
    thread = link(100, "C0SHED", f"?thread_ts={MORNING + 100}.000100&cid=C0SHED")
    files["shed/2024-05-01.json"] = [
        message(100, **said(f"back {link(1)}")),
        message(101, **said(f"within {thread}"), **root),
        message(102, **said(f"chain {link(100, 'C0SHED')}")),
        message(103, **said(f"longer {link(102, 'c0shed')}")),
        message(
            104, **said(f"forward {link(106, 'C0SHED')}"), edited={"user": "U0ADA", "ts": f"{MORNING + 900}.000000"}
        ),
        message(105, **said("channel https://fern.slack.com/archives/C0GARDEN")),
        message(106, **said(f"nowhere {link(999)}")),
        message(107, f"labelled <{link(1)}|the seed>"),
    ]
    return files


@pytest.fixture
def run(tmp_path: Path, mattermost: RunningServer, team: str) -> Iterator[Pipeline]:
    made = Pipeline(tmp_path / "state", write(linked(), tmp_path / "export.zip"), mattermost, MM_TEAM=team)
    yield made
    made.down()


def posts_of(run: Pipeline) -> dict[str, tuple[str, str]]:
    """Return the first word of each post of the shed -> its id and its text."""
    query = """SELECT p.id, p.message FROM posts p JOIN channels c ON c.id = p.channelid JOIN teams t ON t.id = c.teamid
               WHERE c.name = 'shed' AND t.name = %s AND p.deleteat = 0 AND p.type = ''"""
    with psycopg.connect(run.server.database_url) as connection:
        found = connection.execute(query, [run.environment["MM_TEAM"]]).fetchall()
    return {text.split(" ")[0]: (post_id, text.split(" ", 1)[1]) for post_id, text in found}


def seed_of(run: Pipeline) -> str:
    """Return the id of the post that `link(1)` means."""
    query = """SELECT p.id FROM posts p JOIN channels c ON c.id = p.channelid JOIN teams t ON t.id = c.teamid
               WHERE t.name = %s AND c.name = 'garden' AND p.message = 'seed number 1'"""
    with psycopg.connect(run.server.database_url) as connection:
        found = connection.execute(query, [run.environment["MM_TEAM"]]).fetchone()
    assert found is not None
    return str(found[0])


def test_links_lead_to_what_became_of_their_targets(run: Pipeline, mattermost: RunningServer, team: str) -> None:
    first = run.export()
    assert first.returncode == 0, first.stderr[-3000:]
    posts, place = posts_of(run), f"{mattermost.url}/{team}"
    assert posts["back"][1] == f"{place}/pl/{seed_of(run)}"
    assert posts["within"][1] == f"{place}/pl/{posts['back'][0]}"
    assert posts["chain"][1] == f"{place}/pl/{posts['back'][0]}"
    assert posts["longer"][1] == f"{place}/pl/{posts['chain'][0]}"
    assert posts["forward"][1] == f"{place}/pl/{posts['nowhere'][0]}"
    assert posts["channel"][1] == f"{place}/channels/garden"
    assert posts["nowhere"][1] == link(999)
    assert posts["labelled"][1] == f"[the seed]({place}/pl/{seed_of(run)})"
    with psycopg.connect(run.server.database_url) as connection:
        query = "SELECT c.deleteat > 0 FROM channels c JOIN teams t ON t.id = c.teamid WHERE c.name = 'shed' AND t.name = %s"
        assert connection.execute(query, [team]).fetchall() == [(True,)]

    # A reply that waited is in its thread, and its author follows it.
    with psycopg.connect(run.server.database_url) as connection:
        root, reply = posts["back"][0], posts["within"][0]
        found = connection.execute("SELECT rootid FROM posts WHERE id = %s", [reply]).fetchone()
        assert found == (root,)
        if mattermost.version != "9.9":  # which has no followers in its import
            followers = connection.execute(
                "SELECT count(*) FROM threadmemberships WHERE postid = %s", [root]
            ).fetchone()
            assert followers == (1,)
    before = traces(run.server)
    assert run.export().returncode == 0
    assert traces(run.server) == before
