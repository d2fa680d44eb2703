"""How a person's row is settled: whose account it is, ours or one that was there before us."""

import msgspec
import pytest

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.db.status_writer import StatusWriter
from mm_pipeline.export.user_exporter import UserExporter
from mm_pipeline.mattermost.on_server import Account
from mm_pipeline.mattermost.ours import MADE_ACCOUNT
from mm_pipeline.mattermost.outcome import Answer, Done
from mm_pipeline.model import EntityType, Origin
from mm_pipeline.plan.people import PersonDecision
from mm_pipeline.report.rows import Rows
from mm_pipeline_tests.export.bare_run import bare_run
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.plan.rows import account, server, settings
from mm_pipeline_tests.rows import WORKSPACE, add_row


class TheServer:
    """Has fern's account already."""

    def account_named(self, username: str) -> Account:
        return account(username, "fern@orchard.example")


@pytest.mark.parametrize(("made", "origin"), [(["fern"], Origin.CREATED), ([], Origin.MATCHED)])
def test_an_account_that_a_killed_run_made_is_ours_and_its_person_has_a_password_to_choose(
    database: str, made: list[str], origin: Origin
) -> None:
    store, journal = EntityStore(Database(database), WORKSPACE), MemoryJournal()
    key = add_row(database, EntityType.USER, "U1", {"name": "fern"})
    fern = PersonDecision(slack_id="U1", key=key, slack_name="fern", username="fern", email="fern@orchard.example")
    store.decide(EntityType.USER, [("U1", "fern", msgspec.json.encode(fern))])
    journal.owe(MADE_ACCOUNT, made)
    run = bare_run(server(), store=store, journal=journal, api=TheServer(), settings=settings())
    with StatusWriter(store.database) as statuses:
        (row,) = store.rows(EntityType.USER)
        UserExporter(row, statuses, run).settle(Done(key=key, answer=Answer.USERNAME_EXISTS))
    (row,) = store.rows(EntityType.USER)
    assert (row.origin, row.mattermost_id) == (origin, "id-fern")
    assert [slack_id for slack_id, _, _ in Rows(store).newcomers()] == (["U1"] if made else [])
