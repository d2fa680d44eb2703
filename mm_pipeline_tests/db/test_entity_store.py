"""What the export reads: shares of the work, threads in order, parts of messages, the journal."""

from itertools import groupby

import psycopg
import pytest

from mm_pipeline.db import entity_store
from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore, Partitions
from mm_pipeline.db.journal import PostgresJournal
from mm_pipeline.model import EntityType, Status
from mm_pipeline_tests.rows import WORKSPACE, add_row


def _store(url: str) -> EntityStore:
    return EntityStore(Database(url), WORKSPACE)


def test_the_partitions_share_the_rows_out_without_rest_or_overlap(database: str) -> None:
    everybody = {f"U{number}" for number in range(40)}
    for slack_id in everybody:
        add_row(database, EntityType.USER, slack_id)
    shares = [Partitions(workers=3, keys=(key,)) for key in range(3)]
    dealt = [row.slack_id for share in shares for row in _store(database).rows(EntityType.USER, share=share)]
    assert sorted(dealt) == sorted(everybody)


def test_what_came_of_a_partition_is_counted_in_it_alone(database: str) -> None:
    for number in range(20):
        add_row(database, EntityType.USER, f"U{number}", status=Status.FAILED if number % 4 else Status.SUCCESS)
    add_row(database, EntityType.CUSTOM_EMOJI, "sprout")
    store = _store(database)
    counts = store.counts_by_partition(EntityType.USER, 3)
    assert {status: sum(one[status] for one in counts.values()) for status in Status} == store.counts()[EntityType.USER]
    for key, one in counts.items():
        share = Partitions(workers=3, keys=(key,))
        assert sum(one.values()) == len([*store.rows(EntityType.USER, share=share)])


def test_threads_come_whole_root_first_and_replies_by_time(database: str) -> None:
    for slack_id, parent, status in (
        ("C1:3.0", None, Status.PENDING),
        ("C1:1.0", None, Status.SUCCESS),
        ("C1:4.0", "C1:1.0", Status.PENDING),
        ("C1:2.0", "C1:1.0", Status.PENDING),
        ("C1:0.5", None, Status.SUCCESS),
    ):
        at = int(float(slack_id.split(":")[1]) * 1000)
        add_row(database, EntityType.MESSAGE, slack_id, channel="C1", parent=parent, status=status, create_at=at)
    found = [row.slack_id for row in _store(database).thread_messages(Partitions.all_of(2))]
    assert found == ["C1:1.0", "C1:2.0", "C1:4.0", "C1:3.0"]


def test_threads_of_many_channels_come_channel_by_channel_and_those_of_none_once(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entity_store, "_SORTED", 3)
    for number in range(12):
        channel = f"C{number % 4}"
        add_row(database, EntityType.MESSAGE, f"{channel}:{number}.0", channel=channel, create_at=number)
    add_row(database, EntityType.MESSAGE, "nowhere:1.0", create_at=1)
    workers = 3
    shares = [Partitions(workers=workers, keys=(key,)) for key in range(workers)]
    found = [[row.slack_id for row in _store(database).thread_messages(share)] for share in shares]
    assert sorted(one for ids in found for one in ids) == sorted(
        [f"C{number % 4}:{number}.0" for number in range(12)] + ["nowhere:1.0"]
    )
    for ids in found:
        channels = [slack_id.split(":")[0] for slack_id in ids]
        assert len(list(groupby(channels))) == len(set(channels))


def test_a_prepared_file_is_not_undone(database: str) -> None:
    add_row(database, EntityType.ATTACHMENT, "C1:1.0:F1", content_sha256="a" * 64)
    add_row(database, EntityType.ATTACHMENT, "C1:1.0:F2")
    assert _store(database).undone(EntityType.ATTACHMENT) == 1


def test_work_is_what_is_pending_and_what_changed_after_it_was_sent(database: str) -> None:
    store = _store(database)
    add_row(database, EntityType.USER, "U1", status=Status.SUCCESS, sent_hash="hash")
    assert store.newest_work() is None
    assert not store.has_changed()
    assert list(store.rows(EntityType.USER, changed=True)) == []
    add_row(database, EntityType.USER, "U2", {"name": "new"}, status=Status.SUCCESS, sent_hash="as it was")
    changed = store.newest_work()
    assert changed is not None
    assert not store.has_pending()
    assert store.has_changed()
    assert store.changed_since_sent() == {EntityType.USER: 1}
    add_row(database, EntityType.USER, "U3")
    assert (store.newest_work() or 0) > changed
    assert store.has_pending()
    (row,) = store.rows(EntityType.USER, changed=True)
    assert (row.slack_id, row.is_changed, row.sent_data) == ("U2", True, None)


def test_a_root_whose_replies_are_there_is_found(database: str) -> None:
    for slack_id, parent, status in (
        ("C1:1.0", None, Status.PENDING),
        ("C1:2.0", "C1:1.0", Status.SUCCESS),
        ("C1:3.0", None, Status.PENDING),
        ("C1:4.0", "C1:3.0", Status.PENDING),
    ):
        add_row(database, EntityType.MESSAGE, slack_id, channel="C1", parent=parent, status=status)
    assert [row.slack_id for row in _store(database).found_roots(Partitions.all_of(2))] == ["C1:1.0"]


def test_parts_of_a_message_get_the_next_free_ms_and_keep_it(database: str) -> None:
    add_row(database, EntityType.MESSAGE, "C1:1.0", channel="C1", create_at=1000)
    add_row(database, EntityType.MESSAGE, "C1:1.001", channel="C1", create_at=1001)
    store = _store(database)
    message = store.rows_by_slack_id(EntityType.MESSAGE, ["C1:1.0"])[0]
    first, second = store.derive_post(message, 1), store.derive_post(message, 2)
    assert (first.create_at, second.create_at) == (1002, 1003)
    assert store.derive_post(message, 1) == first
    store.derived_arrived([(first.id, "p1")])
    assert store.with_missing_parts([message.id]) == {message.id}
    store.derived_arrived([(second.id, "p2")])
    assert store.with_missing_parts([message.id]) == set()


def test_a_part_finds_a_free_ms_behind_thousands_that_are_taken(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO entities (workspace, entity_type, slack_id, raw_data, raw_hash, channel_slack_id, create_at, shard)"
            " SELECT %s, 'message', 'C1:' || ms, '{}', '', 'C1', ms, 0 FROM generate_series(1000, 3999) AS ms",
            [WORKSPACE],
        )
    store = _store(database)
    message = store.rows_by_slack_id(EntityType.MESSAGE, ["C1:1000"])[0]
    assert [store.derive_post(message, part).create_at for part in (1, 2)] == [4000, 4001]


def test_the_server_lock_may_be_taken_again_by_the_thread_that_holds_it(database: str) -> None:
    journal = PostgresJournal(Database(database), "https://chat.example.org")
    with journal.server_lock(), journal.server_lock():
        pass
    with journal.server_lock():
        pass


def test_the_journal_remembers_the_oldest_value_of_a_setting(database: str) -> None:
    journal = PostgresJournal(Database(database), "https://chat.example.org")
    journal.setting_changed("EmailSettings.SendEmailNotifications", True)
    journal.setting_changed("EmailSettings.SendEmailNotifications", False)
    assert journal.settings_to_put_back() == {"EmailSettings.SendEmailNotifications": True}
    journal.setting_put_back("EmailSettings.SendEmailNotifications")
    assert journal.settings_to_put_back() == {}


def test_handles_of_user_groups_are_those_that_texts_name(database: str) -> None:
    for at, text in enumerate(
        ("<!subteam^S0CREW|@old-crew>", "<!subteam^S0CREW|@crew> and <!subteam^S0NONE>", "plain")
    ):
        add_row(database, EntityType.MESSAGE, f"C1:{at}", {"text": text}, channel="C1", create_at=at)
    assert _store(database).user_group_handles() == {"S0CREW": "crew"}


def test_what_stays_behind_with_people_is_what_they_wrote_and_what_others_answered_in_their_threads(
    database: str,
) -> None:
    chosen: dict[str, object] = {
        "status": Status.SKIPPED,
        "error_message": "chosen to be left out: MM_SINCE=2024-01-31",
    }
    for slack_id, who, parent, more in (
        ("C1:1", "U1", None, {}),
        ("C1:2", "U2", "C1:1", {}),
        ("C1:3", "U1", "C1:1", {}),
        ("C1:4", "U3", "C1:1", {}),  # is left out, too: theirs
        ("C1:5", "U2", None, {}),
        ("C1:6", "U1", "C1:5", {}),
        ("C1:7", "U1", None, {"status": Status.SUCCESS}),  # is on the server
        ("C1:8", "U1", None, chosen),  # stays behind anyway
    ):
        add_row(database, EntityType.MESSAGE, slack_id, channel="C1", user=who, parent=parent, **more)  # type: ignore[arg-type]
    assert _store(database).messages_of_people(["U1", "U3", "U9"]) == {"U1": (3, 1), "U3": (1, 0)}
    assert _store(database).messages_of_people([]) == {}
