"""What could not be kept: the report says what docs/fidelity.md says, and only of what occurred."""

from typing import Any

import msgspec
import pytest

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.errors import SkipReason
from mm_pipeline.export.late_files import STALE_NOTE
from mm_pipeline.mattermost.fresh_server import FreshServer
from mm_pipeline.model import EntityType, Status
from mm_pipeline.report.losses import PLAINLY, Loss, losses, plainly
from mm_pipeline.report.rows import Rows
from mm_pipeline.report.subjects import ALWAYS, SAID, SUBJECTS, Subject
from mm_pipeline_tests.rows import WORKSPACE, add_row
from mm_pipeline_tests.structure.test_fidelity import LINES

_SERVER = FreshServer("team").server()


def _found(database: str, version: tuple[int, int] = (11, 4), *, by_plugin: bool = False) -> dict[str, Loss]:
    store = EntityStore(Database(database), WORKSPACE)
    reactions = store.counts()[EntityType.REACTION][Status.SUCCESS]
    server = msgspec.structs.replace(_SERVER, version=version, by_plugin=by_plugin)
    return {loss.what: loss for loss in losses(Rows(store), server, reactions) if loss.count is not None}


def _message(database: str, number: int, parent: str | None = None, **raw: Any) -> None:
    add_row(
        database,
        EntityType.MESSAGE,
        f"C1:{number}.000001",
        {"ts": f"{number}.000001", **raw},
        status=Status.SUCCESS,
        channel="C1",
        parent=parent,
    )


def _file(database: str, slack_id: str, message: str, mode: str, why: str = SkipReason.NO_BYTES) -> None:
    raw = {"mode": mode}
    add_row(
        database, EntityType.ATTACHMENT, slack_id, raw, status=Status.SKIPPED, parent=message, error_message=str(why)
    )


@pytest.mark.parametrize("subject", [*SUBJECTS, *ALWAYS], ids=lambda one: one.line[:40])
def test_each_subject_is_a_line_of_the_page_with_the_same_fate(subject: Subject) -> None:
    (line,) = [line for line in LINES if line.slack == subject.line]
    assert line.section.startswith(subject.of)
    fates = line.fates[:1] if subject.before < (99, 0) else line.fates
    if subject.counted == "file: hosted":  # kept where its bytes are to be had, and counted where they are not
        assert fates == ("kept", "kept")
    else:
        said = subject.fate if subject.fate == SAID else f"{subject.fate}: {subject.why}"
        assert set(fates) == {said}


def test_where_nothing_was_lost_nothing_is_told(database: str) -> None:
    _message(database, 1, text="plain", blocks=[{"type": "rich_text", "elements": [{"type": "text", "text": "plain"}]}])
    assert _found(database) == {}


def test_what_occurred_is_counted(database: str) -> None:
    styled = {"type": "text", "text": "x", "style": {"underline": True}}
    dated = {"type": "date", "timestamp": 1, "fallback": "then"}
    _message(
        database, 1, edited={"ts": "2"}, blocks=[{"type": "rich_text", "elements": [{"elements": [styled, dated]}]}]
    )
    _message(database, 2, blocks=[{"type": "rich_text", "elements": [{"elements": [dated, dated]}]}, {"type": "image"}])
    _message(database, 3, "C1:0.5", subtype="thread_broadcast")
    page = {"from_url": "https://a.example/?a=1&b=2", "color": "0f0"}
    _message(
        database, 4, attachments=[{"color": "f00", "text": "card"}, page], text="see <https://a.example/?a=1&amp;b=2>"
    )
    _message(database, 7, attachments=[page], text="what is shown here is said by the text nowhere else")
    _message(database, 5, attachments=[{"is_share": True, "text": "said"}], text="<!date^1^{date}|then>")
    _message(database, 6, subtype="pinned_item", blocks="none", attachments={"color": "f00"})
    for number, mode in enumerate(["external", "hidden_by_limit", "hidden_by_limit", "hosted"]):
        _file(database, f"F{number}", "C1:1.000001", mode)
    add_row(database, EntityType.USER, "U1", {"profile": {"status_text": "away"}}, status=Status.SUCCESS)
    found = {what: loss.count for what, loss in _found(database).items()}
    assert found == {
        "Earlier versions of an edited message, records of deleted ones": 1,
        "Underlined, highlighted: the words": 1,
        "A date in a block: the writer's words, else UTC": 3,
        "A picture that lies elsewhere: its words and a link; shown in place everybody's reader would fetch it from its host": 1,
        "A reply that stood in the channel, too: “Also sent to the channel.”": 1,
        "A thread whose root is absent: a root that says so": 1,
        "The colour of a card's bar: a coloured square before its first words": 2,
        "An unfurl that only repeats a link of the text": 1,
        "A shared message: author, channel, date, words, files, link": 1,
        "A date that everybody saw in their own time zone": 1,
        "A notice: “pinned a message to the channel”": 1,
        "A file that lies elsewhere: name and link": 1,
        "A file that Slack hid by its plan's limit": 2,
        "A file whose bytes nobody had: its name, size and link": 1,
        "Status text and emoji": 1,
    }


def test_a_file_is_lost_where_its_message_came_and_nobody_chose_to_leave_it(database: str) -> None:
    _message(database, 1)
    add_row(database, EntityType.MESSAGE, "C2:1.0", status=Status.SKIPPED, channel="C2")
    _file(database, "F1", "C1:1.000001", "hosted")
    _file(database, "F2", "C1:1.000001", "hosted", f"{SkipReason.LEFT_OUT}: MM_WITHOUT=files")
    _file(database, "F3", "C2:1.0", "hosted", f"{SkipReason.LEFT_OUT}: the conversation, pond, is left out in the plan")
    _file(database, "F4", "C2:1.0", "hosted")
    _file(database, "F5", "C1:1.000001", "hosted", f"{SkipReason.TOO_LARGE}: 9 bytes, the server takes 8")
    _file(database, "F6", "C1:1.000001", "canvas", f"{SkipReason.TOO_LARGE}: 9 bytes, the server takes 8")
    assert {what: loss.count for what, loss in _found(database).items()} == {
        "A file whose bytes nobody had: its name, size and link": 1,
        "A file larger than the server takes: its name, size and link": 2,
    }


def test_texts_that_still_call_a_file_missing_are_counted(database: str) -> None:
    there = {"status": Status.SUCCESS, "channel": "C1", "error_message": STALE_NOTE}
    add_row(database, EntityType.MESSAGE, "C1:1.0", {"text": "the plan"}, **there)
    (found,) = _found(database).values()
    assert (found.of, found.count) == ("Files", 1)
    assert "archived" in found.why


def test_no_line_shows_a_code_name_of_slacks_and_each_other_word_for_one_is_of_the_page() -> None:
    assert [one.line for one in (*SUBJECTS, *ALWAYS) if "`" in plainly(one.line)] == []
    assert {line.slack for line in LINES} >= PLAINLY.keys()


def test_what_an_older_server_drops_is_told_of_that_server_alone(database: str) -> None:
    _message(database, 1)
    _message(database, 2, "C1:1.000001")
    followers, props = "Followers of a thread: who wrote in it", "Slack's ts and channel, in the props of a reply"
    assert {followers, props} <= _found(database, (9, 9)).keys()
    assert not {followers, props} & _found(database, (11, 4)).keys()
    # Through the plugin both came.
    assert not {followers, props} & _found(database, (9, 9), by_plugin=True).keys()
