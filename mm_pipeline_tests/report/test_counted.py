"""Slack against Mattermost: each number from its own source, in the conversation and month where it belongs."""

from collections.abc import Iterable, Iterator
from typing import cast

import msgspec
import psycopg

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.errors import AbortRun
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.fresh_server import FreshServer
from mm_pipeline.mattermost.on_server import Account, ChannelKind, CountedPost, ExistingChannel, Server
from mm_pipeline.model import EntityType, Status
from mm_pipeline.report.counted import Month, Seen, ask_server, asked_or_why, month_of, staged_and_seen
from mm_pipeline.report.document import document
from mm_pipeline.report.report import Report
from mm_pipeline.report.rows import Rows
from mm_pipeline_tests.rows import WORKSPACE, add_row

MAY, JUNE = 1_714_521_600_000, 1_717_200_000_000


class _Server:
    """Shows what it is given. The real one is asked in end_to_end/test_report.py; this one shows what takes long to make."""

    def __init__(self, **channels: list[CountedPost]) -> None:
        self._channels = channels

    def posts_of(self, channel_id: str) -> Iterator[CountedPost]:
        return iter(self._channels.get(channel_id, ()))

    def has_channel(self, channel_id: str) -> bool:
        return channel_id in self._channels

    def accounts(self) -> Iterator[Account]:
        return iter([Account(id="u1", username="ada", email=""), Account(id="other", username="eve", email="")])

    def emoji_names(self) -> set[str]:
        return {"fern", "of somebody else"}

    def server(self) -> Server:
        return FreshServer("team").server()

    def audit(self) -> "_Server":
        return self

    def channels(self, channel_ids: Iterable[str]) -> dict[str, ExistingChannel]:
        """Counts a post more than it shows in "busy": somebody deleted one."""
        return {
            one: ExistingChannel(
                id=one,
                name=one,
                kind=ChannelKind.PUBLIC,
                total_msg_count=len(self._channels[one]) + (one == "busy"),
                total_msg_count_root=len(self._channels[one]),
            )
            for one in channel_ids
            if one in self._channels
        }


class _Away(_Server):
    def posts_of(self, channel_id: str) -> Iterator[CountedPost]:
        raise AbortRun("The server is away.")


def _post(post_id: str, at: int = MAY, **more: object) -> CountedPost:
    return msgspec.structs.replace(CountedPost(id=post_id, create_at=at), **more)


def _message(database: str, channel: str, number: int, status: Status = Status.SUCCESS, at: int | None = MAY) -> None:
    slack_id = f"{channel}:{number}"
    post_id = f"p{channel}{number}" if status is Status.SUCCESS else None
    add_row(database, EntityType.MESSAGE, slack_id, status=status, channel=channel, create_at=at, mattermost_id=post_id)


def _store(database: str) -> EntityStore:
    return EntityStore(Database(database), WORKSPACE)


def _asked(database: str, server: _Server) -> Seen:
    return ask_server(cast(MattermostAPI, server), _store(database))


def _told(months: list[Month]) -> list[tuple[str, str, int, int | None]]:
    return [(one.conversation, one.month, one.staged, one.there) for one in months]


def test_conversations_that_became_one_channel_are_told_apart(database: str) -> None:
    for channel in ("C1", "C2"):
        add_row(database, EntityType.CHANNEL, channel, status=Status.SUCCESS, mattermost_id="room")
    add_row(database, EntityType.CHANNEL, "C3", status=Status.SUCCESS, mattermost_id="gone")
    add_row(database, EntityType.CHANNEL, "C4", status=Status.SUCCESS, mattermost_id="empty")
    for number in range(3):
        _message(database, "C1", number)
    _message(database, "C2", 1, at=JUNE)
    _message(database, "C2", 2, Status.SKIPPED)
    _message(database, "C3", 1)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO derived_posts (workspace, slack_id, part, create_at, mattermost_id) VALUES (%s, 'C1:0', 1, 1, 'part')",
            [WORKSPACE],
        )
    room = [
        _post("pC21", JUNE, reactions=2),
        _post("pC10"),
        _post("pC11", files=2),
        _post("part", files=1),
        _post("somebody's own", files=1, reactions=1),
    ]
    seen = _asked(database, _Server(room=room, empty=[]))
    assert _told(staged_and_seen(Rows(_store(database)), seen)) == [
        ("C1", "2024-05", 3, 2),
        ("C2", "2024-05", 1, 0),
        ("C2", "2024-06", 1, 1),
        ("C3", "2024-05", 1, 0),
    ]
    assert (seen.parts, seen.besides) == (1, [("C1", 1)])
    assert (seen.objects["message"], seen.objects["attachment"], seen.objects["reaction"]) == (3, 3, 2)
    assert seen.objects["channel"] == 3


def test_a_run_reads_again_only_what_the_server_counts_otherwise(database: str) -> None:
    for channel, there in (("C1", "quiet"), ("C2", "busy"), ("C3", "gone"), ("C4", "empty")):
        add_row(database, EntityType.CHANNEL, channel, status=Status.SUCCESS, mattermost_id=there)
    for channel in ("C1", "C2", "C3"):
        _message(database, channel, 1)
    add_row(database, EntityType.REACTION, "C1:1:+1:U1", status=Status.SUCCESS, channel="C1", parent="C1:1")
    add_row(database, EntityType.ATTACHMENT, "C1:1:F1", status=Status.SUCCESS, channel="C1", parent="C1:1")
    server = _Server(quiet=[_post("is not asked for")], busy=[_post("pC21")], empty=[])
    seen = ask_server(cast(MattermostAPI, server), _store(database), read_all=False)
    assert seen.by_totals == 2
    assert _told(staged_and_seen(Rows(_store(database)), seen)) == [
        ("C1", "2024-05", 1, 1),
        ("C2", "2024-05", 1, 1),
        ("C3", "2024-05", 1, 0),
    ]
    assert (seen.objects["attachment"], seen.objects["reaction"], seen.objects["channel"]) == (1, 1, 3)
    assert _asked(database, server).posts == [("C2", "2024-05", 1)]


def test_people_and_emoji_are_those_that_the_server_has(database: str) -> None:
    for slack_id, account in (("U1", "u1"), ("U2", "deleted")):
        add_row(database, EntityType.USER, slack_id, status=Status.SUCCESS, mattermost_id=account)
    for name in ("fern", "lost"):
        said = {"status": Status.SUCCESS, "mattermost_id": name, "target_name": name}
        add_row(database, EntityType.CUSTOM_EMOJI, name, **said)
    for name, shown in (("bracken", "fern"), ("thx", "pray"), ("nothing", "lost")):
        add_row(database, EntityType.CUSTOM_EMOJI, name, status=Status.SUCCESS, target_name=shown)
    objects = _asked(database, _Server()).objects
    assert (objects["user"], objects["custom_emoji"]) == (1, 3)  # other names of an emoji are there as that one


def test_times_that_are_none_have_a_month_of_their_own(database: str) -> None:
    for number, at in enumerate((None, -5, 10**17, JUNE)):
        _message(database, "C1", number, Status.FAILED, at)
    assert _told(staged_and_seen(Rows(_store(database)), None)) == [("C1", "", 3, None), ("C1", "2024-06", 1, None)]
    assert [month_of(ms) for ms in (-5, 10**17, JUNE)] == ["", "", "2024-06"]


def test_a_server_that_is_away_leaves_no_number_and_says_so(database: str) -> None:
    add_row(database, EntityType.CHANNEL, "C1", status=Status.SUCCESS, mattermost_id="room")
    _message(database, "C1", 1)
    seen, why = asked_or_why(cast(MattermostAPI, _Away()), _store(database))
    assert (seen, why) == (None, "The server is away.")
    assert _told(staged_and_seen(Rows(_store(database)), seen)) == [("C1", "2024-05", 1, None)]


def test_what_the_server_said_before_stands_where_it_cannot_be_asked_and_nothing_changed(database: str) -> None:
    add_row(database, EntityType.CHANNEL, "C1", status=Status.SUCCESS, mattermost_id="room")
    _message(database, "C1", 1)
    store = _store(database)
    before = ask_server(cast(MattermostAPI, _Server(room=[_post("pC11")])), store)
    away = cast(MattermostAPI, _Away())

    def seen_by(earlier: Seen | None) -> tuple[Seen | None, str]:
        made = document(store, away, Report.of(store, ()), {}, email_domain="people.invalid", earlier=earlier)
        return made.seen, made.not_asked

    assert seen_by(before) == (before, "The server is away.")
    assert seen_by(msgspec.structs.replace(before, settled_at=1.0)) == (None, "The server is away.")


def test_what_was_counted_is_as_old_as_the_newest_row_that_was_settled(database: str) -> None:
    _message(database, "C1", 1)
    seen = _asked(database, _Server())
    assert seen.settled_at == Rows(_store(database)).settled_at()
    _message(database, "C1", 2)
    assert seen.settled_at < Rows(_store(database)).settled_at()


def test_what_failed_or_was_skipped_is_listed_with_the_time_of_its_message(database: str) -> None:
    hanging = {"channel": "folder:a", "parent": "folder:a:1717200000.5"}
    add_row(database, EntityType.REACTION, "folder:a:1717200000.5:+1:U1", status=Status.FAILED, **hanging)
    add_row(database, EntityType.ATTACHMENT, "odd", status=Status.SKIPPED, error_message="no bytes")
    _message(database, "C1", 1, Status.SKIPPED, JUNE)
    _message(database, "C1", 2)
    add_row(database, EntityType.USER, "U1", status=Status.FAILED, error_message="taken")
    assert [(one.type, one.create_at, one.why) for one in Rows(_store(database)).not_there()] == [
        ("user", None, "taken"),
        ("attachment", None, "no bytes"),
        ("message", JUNE, "no reason was recorded"),
        ("reaction", JUNE + 500, "no reason was recorded"),
    ]
