"""What a newer export would bring, said before anything of it is staged."""

import copy

import pytest

from mm_pipeline.errors import AbortRun
from mm_pipeline.report.difference_text import difference_text
from mm_pipeline.staging import compare
from mm_pipeline_tests.staging.conftest import message, person

DAY = "garden/2024-05-01.json"
ROWS = "SELECT id, xmin::text, status FROM entities ORDER BY id"
TABLES = "SELECT count(*) FROM pg_class WHERE relname = 'incoming'"


@pytest.fixture
def first(files):
    files[DAY] = [
        message("1714550400.000100", "seeds are here", reply_count=1),
        message("1714550401.000100", "a tpyo", user="U0BEN"),
        message("1714550402.000100", "soon gone"),
    ]
    return files


def newer(first):
    files = copy.deepcopy(first)
    files["users.json"][1] |= {"name": "benjamin", "deleted": True}
    files["users.json"].append(person("U0DORA", "dora"))
    files["channels.json"][0] |= {"name": "gardens", "is_archived": True, "members": ["U0ADA", "U0DORA"]}
    files["channels.json"].append({"id": "C0POND", "name": "pond", "creator": "U0DORA", "members": ["U0DORA"]})
    files["gardens/2024-05-01.json"] = files.pop(DAY)
    day = files["gardens/2024-05-01.json"]
    day[0]["reply_count"] = 2  # Slack tells a root anew for each reply: nobody sees a difference
    day[1] |= {"text": "a typo", "edited": {"user": "U0BEN", "ts": "1714550500.000000"}}
    day[2] = {"type": "message", "subtype": "tombstone", "user": "U0ADA", "text": "", "ts": "1714550402.000100"}
    files["gardens/2024-06-01.json"] = [
        message("1717228800.000100", "a reply", thread_ts="1714550400.000100"),
        message("1717228801.000100", "a photo", files=[{"id": "F01", "name": "a.png"}]),
        message("1717228802.000100", "hooray", reactions=[{"name": "tada", "users": ["U0ADA", "U0DORA"], "count": 2}]),
    ]
    files["pond/2024-06-01.json"] = [message("1717228803.000100", "frogs", user="U0DORA")]
    files["emoji.json"] = {"moss": "https://emoji.slack-edge.com/moss.png"}
    return files


def test_it_tells_what_is_new_and_what_changed_and_stages_nothing(base, first, write):
    base.stage(write(first))
    base.execute("UPDATE entities SET status = 'success', sent_hash = raw_hash")
    before = base.execute(ROWS)
    found = compare([write(newer(first))], base.connect)
    assert (base.execute(ROWS), base.execute(TABLES)) == (before, [(0,)])

    assert found.added == {"user": 1, "channel": 1, "custom_emoji": 1, "message": 4, "attachment": 1, "reaction": 2}
    assert {(one.name, one.what) for one in found.people} == {
        ("dora", "new"),
        ("benjamin", "renamed, was ben, deactivated"),
    }
    assert {(one.name, one.what) for one in found.channels} == {
        ("pond", "new"),
        ("gardens", "renamed, was garden, archived, 1 new members, 1 members left"),
    }
    garden, pond = sorted(found.in_channels, key=lambda one: one.name)
    assert (garden.messages, garden.replies, garden.files, garden.reactions) == (3, 1, 1, 2)
    assert (garden.edited, garden.edited_sent, garden.deleted) == (1, 1, 1)
    assert (pond.name, pond.messages) == ("pond", 1)

    said = difference_text(found)
    assert "nothing was staged or sent" in said
    assert "1 edited message is on the server: its post gets the new text" in said
    assert "1 message was deleted in Slack since: it stays." in said


def test_it_tells_what_staging_then_does(base, first, write):
    base.stage(write(first))
    export = write(newer(first))
    told = compare([export], base.connect)
    staged = base.stage(export)
    assert (told.added, told.changed) == (dict(staged.added), dict(staged.changed))
    assert compare([export], base.connect).is_nothing


def test_several_parts_are_compared_together_and_what_two_of_them_hold_counts_once(base, first, write):
    base.stage(write(first))
    june = {name: first[name] for name in ("users.json", "channels.json")}
    parts = [
        write(june | {f"garden/2024-06-0{day}.json": [message(f"171722880{day}.000100", f"day {day}")] for day in days})
        for days in ((1, 2), (2, 3))
    ]
    found = compare(parts, base.connect)
    assert found.added == {"message": 3}
    assert found.in_channels[0].messages == 3


def test_before_anything_is_staged_everything_is_new(base, first, write):
    found = compare([write(first)], base.connect)
    assert found.is_first
    assert found.added["message"] == 3
    assert base.execute("SELECT count(*) FROM entities") == [(0,)]
    assert "nothing of it is staged yet" in difference_text(found)
    assert "cleo" not in difference_text(found)  # a list of everybody tells nothing


def test_exports_of_two_workspaces_are_not_one(base, first, write):
    other = copy.deepcopy(first)
    for user in other["users.json"]:
        user["team_id"] = "T0MOSS"
    with pytest.raises(AbortRun, match="is of workspace T0MOSS, the one before it of T0FERN"):
        compare([write(first), write(other)], base.connect)


def test_long_lists_are_folded_unless_all_is_asked_for(base, first, write):
    base.stage(write(first))
    first["users.json"] += [person(f"U1{n:02}", f"fern-{n:02}") for n in range(40)]
    found = compare([write(first)], base.connect)
    assert "... and 20 more: `mm-pipeline diff --all` shows them" in difference_text(found)
    assert "more: `mm-pipeline diff --all`" not in difference_text(found, everything=True)
