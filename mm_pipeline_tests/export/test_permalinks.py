"""Links to Slack's messages: where they lead once the message is there, and what they wait for before that."""

import pytest

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.export.directory import Directory
from mm_pipeline.export.permalinks import Links, Permalinks
from mm_pipeline.mattermost.fresh_server import FreshServer
from mm_pipeline.model import EntityType, Status
from mm_pipeline_tests.rows import WORKSPACE, add_row


@pytest.fixture
def links(database: str) -> Links:
    """The links of a message that stands between one that is there, one that failed and two that are still to be sent."""
    for ts, status, post in (("1.0", "success", "post1"), ("2.0", "failed", None), ("3.0", "pending", None)):
        add_row(
            database,
            EntityType.MESSAGE,
            f"C0SHED:{ts}",
            status=Status(status),
            channel="C0SHED",
            create_at=int(ts[0]) * 1000,
            mattermost_id=post,
        )
    add_row(database, EntityType.MESSAGE, "C0SHED:4.0", channel="C0SHED", create_at=4000)
    add_row(database, EntityType.MESSAGE, "C0SHED:5.0", channel="C0SHED", create_at=5000)
    store = EntityStore(Database(database), WORKSPACE)
    (message,) = store.rows_by_slack_id(EntityType.MESSAGE, ["C0SHED:4.0"])
    return Links(Permalinks(store, Directory(store), FreshServer("crew").server()), message)


def test_a_link_leads_to_the_post_that_its_message_became(links: Links) -> None:
    assert str(links("C0SHED", "1.0")).endswith("/crew/pl/post1")
    assert str(links("c0shed", "1.0")).endswith("/crew/pl/post1")
    assert not links.are_open


def test_a_link_to_what_is_nowhere_stays_slacks(links: Links) -> None:
    assert (links("C0SHED", "2.0"), links("C0SHED", "9.0"), links("C0NONE", "1.0")) == (None, None, None)
    assert not links.are_open


def test_a_link_to_what_is_still_to_be_sent_is_waited_for(links: Links) -> None:
    assert (links("C0SHED", "3.0"), links("C0SHED", "5.0")) == (None, None)
    assert (links.awaited, links.later) == ({"C0SHED:3.0"}, {"C0SHED:5.0"})
