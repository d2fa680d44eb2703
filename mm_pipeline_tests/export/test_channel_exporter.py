"""How a conversation's row is settled: what its channel lacks all the same is said with it."""

from typing import Any

import pytest

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.db.status_writer import StatusWriter
from mm_pipeline.export.channel_exporter import ChannelExporter
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.mattermost.outcome import Answer, Done
from mm_pipeline.model import EntityType, Status
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline_tests.export.bare_run import bare_run
from mm_pipeline_tests.plan.rows import server
from mm_pipeline_tests.rows import WORKSPACE, add_row

ABSENT = "it is archived on the server: fern is not in it"


@pytest.mark.parametrize("name", ["settle", "settle_again"])
def test_who_did_not_come_into_a_channel_that_is_archived_stands_in_its_row(database: str, name: str) -> None:
    sent: dict[str, Any] = {"mattermost_id": "id-shed"} if name == "settle_again" else {}
    add_row(database, EntityType.CHANNEL, "C1", {"name": "shed"}, **sent)
    store = EntityStore(Database(database), WORKSPACE)
    run = bare_run(server(), store=store)
    (row,) = store.rows(EntityType.CHANNEL)
    decision = ChannelDecision(key=row.id, slack_id="C1", kind=ChannelKind.PUBLIC, name="shed", slack_name="shed")
    run.__dict__["directory"] = type("Decided", (), {"channel_decisions": {"C1": decision}})
    with StatusWriter(store.database) as statuses:
        exporter = ChannelExporter(row, statuses, run)
        getattr(exporter, name)(Done(key=row.id, answer=Answer.EXISTED, id="id-shed", note=ABSENT))
    (row,) = store.rows(EntityType.CHANNEL)
    assert (row.status, row.error_message, row.mattermost_id) == (Status.SUCCESS, ABSENT, "id-shed")
