"""How a person's row is settled: whose account it is, ours or one that was there before us."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec import structs

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore, Partitions
from mm_pipeline.db.status_writer import StatusWriter
from mm_pipeline.export.renamed_people import take_names_of_now
from mm_pipeline.export.run import Run
from mm_pipeline.export.user_exporter import UserExporter
from mm_pipeline.mattermost.on_server import Account, ChannelKind
from mm_pipeline.mattermost.ours import MADE_ACCOUNT, OVERWRITTEN_ACCOUNT
from mm_pipeline.mattermost.outcome import Answer, Done
from mm_pipeline.mattermost.outgoing import NewAccount
from mm_pipeline.mattermost.strangers import account_overwritten
from mm_pipeline.model import EntityType, Origin, Status
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.plan.people import PersonDecision
from mm_pipeline.report.rows import Rows
from mm_pipeline_tests.export.bare_run import bare_run
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.plan.rows import account, server, settings
from mm_pipeline_tests.rows import WORKSPACE, add_row


class TheServer:
    """Has fern's account already, who is called Hazel by now."""

    def __init__(self, journal: MemoryJournal | None = None, answer: Answer = Answer.USERNAME_EXISTS) -> None:
        self.journal, self.answer = journal or MemoryJournal(), answer

    def accounts(self) -> Iterator[Account]:
        return iter([structs.replace(account("hazel", "fern@orchard.example"), id="id-fern")])

    def activate_account(self, user_id: str) -> None:
        raise AssertionError(f"{user_id} is owed nothing")

    def account_named(self, username: str) -> Account:
        return account(username, "fern@orchard.example")

    def account_with_email(self, email: str) -> Account:
        return account("fern", email)

    def create_accounts(self, wanted: list[NewAccount], channels: Any) -> Iterator[Done]:
        """Finds each name taken, and calls ours what it was asked to make: what was ours before is to be known by then."""
        for one in wanted:
            self.journal.owe(MADE_ACCOUNT, [one.username])
            yield Done(key=one.key, answer=self.answer)


def _run(store: EntityStore, journal: MemoryJournal, api: TheServer) -> Run:
    return bare_run(server(), store=store, journal=journal, api=api, settings=settings(), fetch_avatar=lambda row: None)


@pytest.mark.parametrize(("made", "origin"), [(["fern"], Origin.CREATED), ([], Origin.MATCHED)])
def test_an_account_that_a_killed_run_made_is_ours_and_its_person_has_a_password_to_choose(
    database: str, made: list[str], origin: Origin
) -> None:
    store, journal = EntityStore(Database(database), WORKSPACE), MemoryJournal()
    key = add_row(database, EntityType.USER, "U1", {"name": "fern"})
    fern = PersonDecision(slack_id="U1", key=key, slack_name="fern", username="fern", email="fern@orchard.example")
    store.decide(EntityType.USER, [("U1", "fern", msgspec.json.encode(fern))])
    journal.owe(MADE_ACCOUNT, made)
    run = _run(store, journal, TheServer(journal))
    with StatusWriter(store.database) as statuses:
        UserExporter.export(run, Partitions.all_of(1), statuses)
    (row,) = store.rows(EntityType.USER)
    assert (row.origin, row.mattermost_id) == (origin, "id-fern")
    assert [slack_id for slack_id, *_ in Rows(store).newcomers()] == (["U1"] if made else [])


@pytest.mark.parametrize("found_by", ["the plan", Answer.USERNAME_EXISTS, Answer.EMAIL_EXISTS])
def test_an_account_of_somebody_else_that_an_import_overwrote_is_nobodys(database: str, found_by: str) -> None:
    """It has this person's e-mail address by now, and another person's password, messages and channels."""
    store, journal = EntityStore(Database(database), WORKSPACE), MemoryJournal()
    key = add_row(database, EntityType.USER, "U1", {"name": "fern"})
    matched_id = "id-fern" if found_by == "the plan" else ""
    fern = PersonDecision(
        slack_id="U1", key=key, slack_name="fern", username="fern", email="fern@orchard.example", matched_id=matched_id
    )
    store.decide(EntityType.USER, [("U1", "fern", msgspec.json.encode(fern))])
    journal.owe(OVERWRITTEN_ACCOUNT, ["id-fern"])
    run = _run(store, journal, TheServer(journal, Answer.USERNAME_EXISTS if matched_id else Answer(found_by)))
    with StatusWriter(store.database) as statuses:
        UserExporter.export(run, Partitions.all_of(1), statuses)
    (row,) = store.rows(EntityType.USER)
    assert (row.status, row.mattermost_id, row.error_message) == (Status.FAILED, None, account_overwritten("fern"))
    assert "Give it its own address back" in account_overwritten("fern")


def test_a_matched_account_that_was_renamed_since_the_plan_is_called_by_its_name_of_now(database: str) -> None:
    """By the planned one its messages would have no author, and its channels would lack it."""
    store = EntityStore(Database(database), WORKSPACE)
    key = add_row(database, EntityType.USER, "U1", {"name": "fern"})
    fern = PersonDecision(slack_id="U1", key=key, slack_name="fern", username="fern", matched_id="id-fern")
    store.decide(EntityType.USER, [("U1", "fern", msgspec.json.encode(fern))])
    journal = MemoryJournal()
    run = bare_run(server(), store=store, journal=journal, api=TheServer(), settings=settings())
    with StatusWriter(store.database) as statuses:
        UserExporter.export(run, Partitions.all_of(1), statuses)
    again = bare_run(server(), store=store)
    assert again.directory.people["U1"].username == "hazel"
    pond = ChannelDecision(slack_id="C1", key=2, slack_name="pond", kind=ChannelKind.PUBLIC, members=("fern",))
    assert again.directory.members_of(pond) == ("hazel",)


def test_who_was_renamed_since_they_came_is_known_by_the_new_name_and_stays_ours(database: str) -> None:
    store, journal = EntityStore(Database(database), WORKSPACE), MemoryJournal()
    there: dict[str, Any] = {"status": Status.SUCCESS, "mattermost_id": "id-fern", "sent_hash": "hash"}
    add_row(database, EntityType.USER, "U1", {"name": "fern"}, target_name="fern", origin="created", **there)
    journal.owe(MADE_ACCOUNT, ["fern"])
    run = bare_run(server(), store=store, journal=journal, api=TheServer(), settings=settings())
    take_names_of_now(run)
    assert run.directory.people["U1"].username == "fern"  # nothing is to be sent, so nothing was asked
    add_row(database, EntityType.MESSAGE, "C1:1", channel="C1", user="U1", create_at=1)
    take_names_of_now(run)
    assert bare_run(server(), store=store).directory.people["U1"].username == "hazel"
    assert [*journal.owed(MADE_ACCOUNT)] == ["hazel"]
