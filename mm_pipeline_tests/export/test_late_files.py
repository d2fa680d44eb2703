"""Files that join a post which is there, and what is said where its text cannot be mended: the server is played, PostgreSQL is real."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mm_pipeline.content.store import ContentStore
from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore, Partitions
from mm_pipeline.db.status_writer import StatusWriter
from mm_pipeline.export.late_files import STALE_NOTE, late_files, send_late_files
from mm_pipeline.mattermost.on_server import ChannelKind, PostArrived, SeenFile
from mm_pipeline.mattermost.outcome import IN_ARCHIVED
from mm_pipeline.mattermost.outgoing import Post, PostChannel
from mm_pipeline.model import EntityType, Origin, Status
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.report.result import Result
from mm_pipeline_tests.export.bare_run import bare_run
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.plan.rows import server, settings
from mm_pipeline_tests.rows import WORKSPACE, add_row

#: Why a server that is no archived channel's refuses an edit.
TOO_OLD = "the server lets nobody edit it (api.post.update_post.permissions_time_limit.app_error)"


class TheServer:
    """Has the post, takes its file, and answers in some way when its text is to be changed."""

    def __init__(self, answer: str) -> None:
        self.answer, self.asked = answer, list[tuple[str, str]]()

    def find_posts(self, channel: PostChannel, wanted: Any) -> Iterator[PostArrived]:
        return (PostArrived(key=one.key, id="post") for one in wanted)

    def add_reactions(self, posts: list[tuple[PostChannel, Post]]) -> Iterator[PostArrived]:
        for _, post in posts:
            there = tuple(SeenFile(id="file", name=file.name, size=file.size) for file in post.files)
            yield PostArrived(key=post.key, id=post.id, files=there)

    def send_threads(self, threads: Any) -> Iterator[PostArrived]:
        raise AssertionError(f"no further post is needed: {list(threads)}")

    def replace_text(self, post_id: str, old: str, new: str) -> str:
        self.asked.append((old, new))
        return self.answer


@pytest.mark.parametrize(("answer", "note"), [(IN_ARCHIVED, STALE_NOTE), ("", None), (TOO_OLD, None)])
def test_a_text_that_says_that_a_file_is_missing_is_mended_and_where_that_cannot_be_its_row_says_so(
    database: str, tmp_path: Path, answer: str, note: str | None
) -> None:
    """Of an archived channel nobody else would tell it: what people have edited since, or what is too old, is theirs to look at."""
    store, content = EntityStore(Database(database), WORKSPACE), ContentStore(tmp_path)
    there: dict[str, Any] = {"status": Status.SUCCESS, "origin": Origin.CREATED, "sent_hash": "hash"}
    add_row(database, EntityType.USER, "U1", {"name": "fern"}, target_name="fern", mattermost_id="fern", **there)
    key = add_row(database, EntityType.CHANNEL, "C1", {"name": "shed"}, mattermost_id="shed", **there)
    shed = ChannelDecision(slack_id="C1", key=key, slack_name="shed", kind=ChannelKind.PUBLIC, name="shed")
    store.decide(EntityType.CHANNEL, [("C1", "shed", msgspec.json.encode(shed))])
    hangs: dict[str, Any] = {"channel": "C1", "user": "U1", "create_at": 1_000}
    said = {"text": "the plan", "files": [{"id": "F1"}]}
    add_row(database, EntityType.MESSAGE, "C1:1.0", said, mattermost_id="post", **hangs, **there)
    stored = content.put([b"a plan"], 100)
    file = {"id": "F1", "name": "plan.txt", "mode": "hosted", "size": stored.size}
    add_row(database, EntityType.ATTACHMENT, "C1:1.0:F1", file, parent="C1:1.0", content_sha256=stored.sha256, **hangs)
    api, journal = TheServer(answer), MemoryJournal()
    run = bare_run(server(), store=store, content=content, journal=journal, api=api, settings=settings())
    with StatusWriter(store.database) as statuses:
        send_late_files(late_files(run, Partitions.all_of(1)), run, statuses)
    (attachment,), (message,) = store.rows(EntityType.ATTACHMENT), store.rows(EntityType.MESSAGE)
    assert (attachment.status, attachment.mattermost_id) == (Status.SUCCESS, "file")
    old, new = api.asked[0]
    assert "plan.txt" in old
    assert new == "the plan"
    assert (message.status, message.error_message) == (Status.SUCCESS, note)
    remarks = [remark for remark in Result.of(store).remarks if "is there with a note" in remark]
    assert remarks == ([f"1 message is there with a note (C1:1.0): {note}."] if note else [])
