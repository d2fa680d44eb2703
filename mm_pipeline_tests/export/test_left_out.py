"""What hangs on something that is chosen to be left out: it says so, nothing tries it again, and it comes when that comes."""

from typing import Any

import msgspec
import pytest

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore, Partitions
from mm_pipeline.db.status_writer import StatusWriter, retry, take_in_again
from mm_pipeline.errors import RowSkipped, SkipReason
from mm_pipeline.export.attachment_exporter import AttachmentExporter
from mm_pipeline.export.messages import _settle_left_over
from mm_pipeline.export.reaction_exporter import ReactionExporter
from mm_pipeline.export.reasons import leave_out, parent_missing
from mm_pipeline.export.run import Run
from mm_pipeline.export.threads import threads_of
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.model import EntityType, Status
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.plan.edits import LEFT_OUT
from mm_pipeline.plan.people import PersonDecision
from mm_pipeline_tests.export.bare_run import bare_run
from mm_pipeline_tests.plan.rows import server
from mm_pipeline_tests.rows import WORKSPACE, add_row

#: As the plan's table leaves a conversation out.
BY_TABLE = f"{SkipReason.LEFT_OUT.value}: the conversation, seeds, is left out"
WHOLE = Partitions.all_of(1)


@pytest.fixture
def store(database: str) -> EntityStore:
    """A message that is left out with its conversation, a reply, a file and two reactions below it; one that failed, too."""
    add_row(database, EntityType.CHANNEL, "C1", {"name": "seeds"}, channel="C1", status=Status.SKIPPED)
    left_out: dict[str, Any] = {"status": Status.SKIPPED, "error_message": BY_TABLE}
    add_row(database, EntityType.MESSAGE, "C1:1", channel="C1", create_at=1, **left_out)
    add_row(database, EntityType.MESSAGE, "C1:2", channel="C1", create_at=2, parent="C1:1")
    add_row(database, EntityType.ATTACHMENT, "C1:1:F1", channel="C1", parent="C1:1")
    add_row(database, EntityType.REACTION, "C1:1:tada:U1", channel="C1", parent="C1:1", user="U1")
    add_row(database, EntityType.MESSAGE, "C2:1", channel="C2", create_at=1, status=Status.FAILED, error_message="no")
    add_row(database, EntityType.REACTION, "C2:1:tada:U1", channel="C2", parent="C2:1", user="U1")
    store = EntityStore(Database(database), WORKSPACE)
    decision = ChannelDecision(
        slack_id="C1", key=1, slack_name="seeds", kind=ChannelKind.PUBLIC, name="seeds", skip="left out in the plan"
    )
    store.decide(EntityType.CHANNEL, [("C1", "seeds", msgspec.json.encode(decision))])
    return store


def run_of(store: EntityStore) -> Run:
    """A run that neither the server nor any bytes are asked of."""
    return bare_run(server(), store=store)


def reasons(store: EntityStore) -> dict[str, str]:
    """Return why each pending or skipped row of these is so: Slack id -> reason, "" of those that are pending."""
    kinds = (EntityType.MESSAGE, EntityType.ATTACHMENT, EntityType.REACTION)
    return {row.slack_id: row.error_message or "" for kind in kinds for row in store.rows(kind)}


def test_what_hangs_on_what_is_left_out_is_left_out_and_only_what_hangs_on_a_failed_row_is_to_be_mended(
    store: EntityStore,
) -> None:
    with StatusWriter(store.database) as statuses:
        _settle_left_over(run_of(store), WHOLE, statuses)
    found = reasons(store)
    assert {found[one] for one in ("C1:1", "C1:2", "C1:1:F1", "C1:1:tada:U1")} == {BY_TABLE}
    assert found["C2:1:tada:U1"].startswith(SkipReason.PARENT.value)
    assert retry(store.database, WORKSPACE) == 2  # the failed message, and its reaction
    assert reasons(store)["C1:1:tada:U1"] == BY_TABLE
    take_in_again(store.database, WORKSPACE)
    assert set(reasons(store).values()) == {""}


def test_the_reaction_step_says_the_same_and_no_bytes_are_fetched_for_what_is_left_out(store: EntityStore) -> None:
    with StatusWriter(store.database) as statuses:
        AttachmentExporter.export(run_of(store), WHOLE, statuses)
        ReactionExporter.export(run_of(store), WHOLE, statuses)
    found = reasons(store)
    assert (found["C1:1:F1"], found["C1:1:tada:U1"]) == (BY_TABLE, BY_TABLE)


@pytest.mark.parametrize(
    ("why", "said"), [(LEFT_OUT, "in the plan's table"), ("MM_SKIP_PEOPLE=fern", "MM_SKIP_PEOPLE=fern")]
)
def test_what_leaves_a_row_out_is_said_once(why: str, said: str) -> None:
    with pytest.raises(RowSkipped, match=f"^chosen to be left out: {said}$"):
        leave_out(why)


@pytest.mark.parametrize(
    "why", ["the server said no", SkipReason.DELETED_IN_SLACK.value, f"{SkipReason.PARENT.value}: its author", None]
)
def test_any_other_reason_of_the_parent_is_to_be_mended_there(why: str | None) -> None:
    assert parent_missing("its message", why).reason is SkipReason.PARENT


def test_what_others_answered_to_somebody_who_is_left_out_names_the_beginning_of_its_thread(database: str) -> None:
    store = EntityStore(Database(database), WORKSPACE)
    people = [
        PersonDecision(slack_id=who, key=key, slack_name=name, username=name, skip=skip)
        for key, (who, name, skip) in enumerate((("U1", "dora", "left out in the plan"), ("U2", "ben", "")), start=1)
    ]
    store.decide(EntityType.USER, [(one.slack_id, one.username, msgspec.json.encode(one)) for one in people])
    pond = ChannelDecision(slack_id="C1", key=3, slack_name="pond", kind=ChannelKind.PUBLIC, name="pond")
    there: dict[str, Any] = {"status": Status.SUCCESS, "mattermost_id": "there"}
    add_row(database, EntityType.CHANNEL, "C1", {"name": "pond"}, **there)
    store.decide(EntityType.CHANNEL, [("C1", "pond", msgspec.json.encode(pond))])
    add_row(database, EntityType.USER, "U2", {"name": "ben"}, target_name="ben", **there)
    for at, who in enumerate(("U1", "U2", "U1"), start=1):
        thread: dict[str, Any] = {"parent": None if at == 1 else "C1:1", "channel": "C1", "create_at": at}
        add_row(database, EntityType.MESSAGE, f"C1:{at}", {"text": "hi"}, user=who, **thread)
    add_row(database, EntityType.REACTION, "C1:2:tada:U2", channel="C1", parent="C1:2", user="U2")
    with StatusWriter(store.database) as statuses:
        assert list(threads_of(run_of(store), WHOLE, statuses)) == []
        statuses.flush()
        _settle_left_over(run_of(store), WHOLE, statuses)
    theirs = f"{SkipReason.LEFT_OUT.value}: the author, dora, is left out"
    of_others = f"{SkipReason.LEFT_OUT.value}: the message that began the thread is left out, because the author, dora, is left out"
    assert reasons(store) == {"C1:1": theirs, "C1:2": of_others, "C1:3": theirs, "C1:2:tada:U2": of_others}


def test_a_reaction_to_a_message_that_is_left_out_with_its_author_does_not_call_that_its_own_author() -> None:
    said = str(parent_missing("its message", f"{SkipReason.LEFT_OUT.value}: the author, dora, is left out"))
    assert said == f"{SkipReason.LEFT_OUT.value}: its message is left out, because the author, dora, is left out"


def test_what_a_setting_leaves_out_is_told_by_that_setting_with_all_that_hangs_on_it() -> None:
    why = f"{SkipReason.LEFT_OUT.value}: MM_SINCE=2024-01-31"  # by which it comes back when that is another one
    assert str(parent_missing("its message", why)) == why
