"""An export that was staged too early is taken back: all rows are as they were before it, as long as nothing of it was sent."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.errors import AbortRun
from mm_pipeline.mattermost.fresh_server import FreshServer
from mm_pipeline.plan.planner import make_plan
from mm_pipeline.plan.settings import PlanSettings
from mm_pipeline.staging import TakenBack, take_back

from .conftest import Base, Files, message, person

Write = Callable[..., Path]
WORKSPACE = "T0FERN"
DAY = "garden/2024-05-01.json"
#: All that staging writes on a row; what it was touched by is no part of it.
ROWS = (
    "SELECT entity_type, slack_id, raw_data, raw_hash, sent_data, parent_slack_id, user_slack_id, create_at, status, sent_hash "
    "FROM entities ORDER BY entity_type, slack_id"
)


def newer(files: Files) -> Files:
    """Somebody joined, somebody renamed himself, one message was edited, one is new with a file and a reaction."""
    said = message(
        "9.0", "new", files=[{"id": "F01", "name": "a.png"}], reactions=[{"name": "tada", "users": ["U0BEN"]}]
    )
    people = [*files["users.json"][:-1], person("U0CLEO", "cleopatra"), person("U0DORA", "dora")]
    channels = [files["channels.json"][0] | {"members": ["U0ADA", "U0BEN", "U0DORA"]}]
    edited = files[DAY][0] | {"text": "seeds are gone", "edited": {"ts": "8.0"}}
    return files | {"users.json": people, "channels.json": channels, DAY: [edited, said]}


def back(base: Base) -> TakenBack:
    return take_back(base.connect, WORKSPACE)


def plan(base: Base) -> Any:
    store = EntityStore(Database(base.url), WORKSPACE)
    return make_plan(store, FreshServer("team"), PlanSettings(staged_at=1_790_000_000_000))


@pytest.mark.parametrize("is_sent", [False, True], ids=["before anything was sent", "after the first was sent"])
def test_the_rows_are_as_they_were_and_the_same_export_can_be_staged_again(
    base: Base, files: Files, write: Write, is_sent: bool
) -> None:
    base.stage(write(files))
    if is_sent:
        base.execute("UPDATE entities SET status = 'success', sent_hash = raw_hash, mattermost_id = 'x'")
        base.execute("INSERT INTO steps (workspace, step, started_at) VALUES ('T0FERN', 'message', now())")
    before = base.execute(ROWS)
    export = write(newer(files))
    staged = base.stage(export)
    after = base.execute(ROWS)
    taken = back(base)
    assert taken == TakenBack(name=export.name, removed=staged.added, restored=sum(staged.changed.values()))
    assert base.execute(ROWS) == before
    again = base.stage(export)
    assert (again.added, again.changed) == (staged.added, staged.changed)
    assert base.execute(ROWS) == after


def test_exports_are_taken_back_the_newest_first_until_nothing_is_staged(
    base: Base, files: Files, write: Write
) -> None:
    base.stage(write(files))
    first = base.execute(ROWS)
    base.stage(write(newer(files)))
    second = base.execute(ROWS)
    base.stage(write(newer(files) | {DAY: [message("1714550400.000100", "seeds are back")]}))
    back(base)
    assert base.execute(ROWS) == second
    back(base)
    assert base.execute(ROWS) == first
    back(base)
    assert base.execute(ROWS) == []
    with pytest.raises(AbortRun, match="there is nothing to take back"):
        back(base)


def test_the_plan_forgets_who_came_with_it_and_keeps_what_was_decided(base: Base, files: Files, write: Write) -> None:
    base.stage(write(files))
    before = plan(base)
    base.stage(write(newer(files)))
    assert "dora" in plan(base).channels[0].members
    back(base)
    after = plan(base)
    assert [one.username for one in after.people] == [one.username for one in before.people]
    assert after.channels[0].members == before.channels[0].members


def test_once_an_export_has_begun_it_stays_and_what_to_do_instead_is_said(
    base: Base, files: Files, write: Write
) -> None:
    base.stage(write(files))
    export = write(newer(files))
    base.stage(export)
    before = base.execute(ROWS)
    base.execute("INSERT INTO steps (workspace, step, started_at) VALUES ('T0FERN', 'plan', now())")
    base.execute("INSERT INTO steps (workspace, step, started_at) VALUES ('T0FERN', 'user', now())")
    with pytest.raises(AbortRun, match=f"{export.name} cannot be taken back: an export has begun .* MM_UNTIL"):
        back(base)
    assert base.execute(ROWS) == before


def test_what_an_earlier_version_staged_stays(base: Base, files: Files, write: Write) -> None:
    base.stage(write(files))
    base.execute("UPDATE staged_exports SET staged_at = NULL")
    with pytest.raises(AbortRun, match="staged by an earlier version"):
        back(base)
