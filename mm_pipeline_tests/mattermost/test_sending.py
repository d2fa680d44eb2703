"""What the import half of the stock transport promises, on real servers."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mm_pipeline.mattermost import delivery, departure
from mm_pipeline.mattermost.channel_lines import ARCHIVE, ChannelLines
from mm_pipeline.mattermost.job_clock import JobClock
from mm_pipeline.mattermost.jobs import ImportJobs, Left
from mm_pipeline.mattermost.on_server import ChannelKind, WantedPost
from mm_pipeline.mattermost.outcome import Answer, Done
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel, PostChannel, Thread
from mm_pipeline.mattermost.quiet import NOTICES
from mm_pipeline.mattermost.sending import Sender
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost.people_of import new_channel
from mm_pipeline_tests.mattermost.threads import file
from mm_pipeline_tests.mattermost.world import MORNING, World, by_key
from mm_pipeline_tests.mattermost_server.running import RunningServer

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def world(mattermost: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(mattermost, tmp_path_factory.mktemp("work"))
    assert all(isinstance(one, Done) and one.answer is Answer.CREATED for one in made.populate())
    return made


@pytest.fixture
def fresh(world: World) -> Iterator[World]:
    """The same world with a journal of its own."""
    before, world.journal = world.journal, MemoryJournal()
    world.sender = world.new_sender()
    yield world
    world.journal = before
    world.sender = world.new_sender()


# --- accounts and channels


def test_people_come_with_their_memberships_and_nobody_is_told(world: World) -> None:
    room = world.rest.channel_named(world.room.name)
    assert room is not None
    assert (room["display_name"], room["header"], room["type"]) == ("Küche", "tea", "O")
    assert world.rest.members_of(world.room.id, world.ids.values()) == set(world.ids.values())
    assert world.rest.members_of(world.attic.id, world.ids.values()) == set(world.ids.values())
    assert world.rows("SELECT 1 FROM posts WHERE channelid = %(id)s AND type LIKE 'system%%'", id=world.room.id) == []


def test_a_name_that_is_taken_is_not_sent_again(world: World) -> None:
    before, jobs = world.rest.account_named(world.ada), world.import_jobs()
    taken = NewAccount(key=1, username=world.ada, email="somebody.else@people.invalid")
    assert list(world.sender.create_accounts([taken], [])) == [Done(key=1, answer=Answer.USERNAME_EXISTS)]
    assert world.rest.account_named(world.ada) == before
    assert world.import_jobs() == jobs


def test_one_account_that_the_server_refuses_costs_only_itself(fresh: World) -> None:
    # Its e-mail is somebody else's: valid to look at, and only the server can know.
    tail = fresh.ada.partition(".")[2]
    wish = [
        NewAccount(
            key=1, username=f"eve.{tail}", email=f"eve.{tail}@people.invalid", channels=(fresh.room.name, "none")
        ),
        NewAccount(key=2, username=f"fay.{tail}", email=f"{fresh.ada}@people.invalid"),
        NewAccount(key=3, username=f"gus.{tail}", email=f"gus.{tail}@people.invalid"),
        NewAccount(key=4, username=f"hal.{tail}", email="no address"),
    ]
    outcomes = {one.key: one for one in fresh.sender.create_accounts(wish, [])}
    assert {key for key, one in outcomes.items() if isinstance(one, Done)} == {1, 2, 3}
    assert outcomes[2] == Done(key=2, answer=Answer.EMAIL_EXISTS)
    assert "e-mail" in str(outcomes[4].error)  # type: ignore[union-attr]
    eve = outcomes[1].id  # type: ignore[union-attr]
    assert fresh.rest.members_of(fresh.room.id, [eve]) == {eve}


def test_direct_and_group_channels_stand_with_their_people(world: World) -> None:
    for channel, kind in ((world.dm, "D"), (world.gm, "G"), (world.notes, "D")):
        there = world.http.get(f"/channels/{channel.id}")
        assert there["type"] == kind
        assert there["header"] == "sh"
        assert set(world.rest.all_members_of(channel.id)) == {world.ids[name] for name in channel.members}


def test_a_direct_channel_that_is_there_is_left_as_it_is(world: World) -> None:
    wish = NewChannel(key=7, kind=ChannelKind.DIRECT, members=(world.bo, world.ada), header="another")
    jobs = world.import_jobs()
    assert world.sender.open_direct_channels([wish]) == [Done(key=7, answer=Answer.EXISTED, id=world.dm.id)]
    assert world.import_jobs() == jobs


# --- threads


def test_archives_are_no_larger_than_wished(fresh: World, tmp_path: Path) -> None:
    small = fresh.new_sender(max_file_bytes=300_000)
    noise = [file(tmp_path, 200 + n, f"n{n}.bin", bytes(range(256)) * 400) for n in range(4)]
    threads = [Thread(channel=fresh.attic, root=fresh.post(50 + n, at=500 + n, files=(noise[n],))) for n in range(4)]
    whole = tuple(noise[:3])
    threads.append(Thread(channel=fresh.attic, root=fresh.post(60, at=600, files=whole)))
    jobs = fresh.import_jobs()
    arrived, refused = by_key(small.send_threads(threads))
    assert set(arrived) == {50, 51, 52, 53}
    assert set(refused) == {60}
    assert "FileSettings.MaxFileSize" in refused[60]
    assert fresh.import_jobs() == jobs + 2


# --- refusals


def test_a_bad_line_that_nobody_could_know_costs_one_row(fresh: World) -> None:
    # A sender that believes in longer texts than the server takes sends what the server refuses.
    believing = fresh.new_sender(max_post_runes=20_000)
    good = [
        Thread(
            channel=fresh.room,
            root=fresh.post(800 + n, at=800 + 10 * n),
            replies=(fresh.post(900 + n, at=801 + 10 * n),),
        )
        for n in range(5)
    ]
    long_root = Thread(
        channel=fresh.room, root=fresh.post(80, at=870, message="x" * 17_000), replies=(fresh.post(81, at=871),)
    )
    long_reply = Thread(
        channel=fresh.room,
        root=fresh.post(82, at=880),
        replies=(fresh.post(83, at=881), fresh.post(84, at=882, message="y" * 17_000), fresh.post(85, at=883)),
    )
    arrived, refused = by_key(believing.send_threads([*good[:2], long_root, *good[2:4], long_reply, good[4]]))
    assert set(refused) == {80, 81, 84}
    assert set(arrived) == {*range(800, 805), *range(900, 905), 82, 83, 85}
    assert "longer than the maximum" in refused[80]
    assert "begins its thread" in refused[81]
    assert "longer than the maximum" in refused[84]
    sent = [post for post in fresh.posts_in(fresh.room) if 800 <= post["at"] < 900]
    assert len(sent) == len(arrived)  # nothing twice


def test_a_bad_line_that_the_server_does_not_name_is_found(fresh: World) -> None:
    tail = fresh.ada.partition(".")[2]
    made = fresh.http.post(
        "/users", {"username": f"ida.{tail}", "email": f"ida.{tail}@x.invalid", "password": "Pa55w0rd-of-ida"}
    )
    threads = [Thread(channel=fresh.attic, root=fresh.post(n, at=n)) for n in range(2000, 2003)]
    by_ida = Thread(channel=fresh.attic, root=fresh.post(2010, f"ida.{tail}", at=2010))

    def renamed_meanwhile() -> Iterator[Thread]:
        yield from threads
        yield by_ida

    fresh.sender._existing.learn_people([f"ida.{tail}"])
    fresh.http.put(f"/users/{made['id']}/patch", {"username": f"idaline.{tail}"})
    arrived, refused = by_key(fresh.sender.send_threads(renamed_meanwhile()))
    assert set(arrived) == set(range(2000, 2003))
    assert set(refused) == {2010}
    assert "users not found" in refused[2010]


# --- crashes


class Crash(BaseException):
    """kill -9, as far as a test can be killed and go on."""


class CrashingJournal(MemoryJournal):
    """Ends the run at one step: after what the step is about was done on the server, before it is remembered."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self._step = step

    def job_uploaded(self, import_file: str, lines: int, size: int) -> int:
        record = super().job_uploaded(import_file, lines, size)
        self._crash_at("upload")
        return record

    def job_sent(self, record: int, job_id: str) -> None:
        self._crash_at("begin")
        super().job_sent(record, job_id)
        self._crash_at("run")

    def job_ended(self, record: int, status: str, error: str = "") -> None:
        self._crash_at("end")
        super().job_ended(record, status, error)

    def _crash_at(self, step: str) -> None:
        if step == self._step:
            self._step = ""
            raise Crash


@pytest.mark.parametrize("step", ["upload", "begin", "run", "end"])
def test_a_job_that_was_begun_before_a_crash_is_not_repeated(fresh: World, step: str, tmp_path: Path) -> None:
    at = 3000 + 100 * ["upload", "begin", "run", "end"].index(step)
    threads = [Thread(channel=fresh.dm, root=fresh.post(n, at=at + n, files=(file(tmp_path, n),))) for n in range(1, 4)]
    wanted = [WantedPost(key=n, create_at=MORNING + at + n, user_id=fresh.ids[fresh.ada]) for n in range(1, 4)]
    journal = CrashingJournal(step)
    jobs = fresh.import_jobs()
    with pytest.raises(Crash):
        list(fresh.new_sender(journal).send_threads(threads))
    assert journal.open_jobs()

    again = fresh.new_sender(journal)
    again.resume()
    assert not journal.open_jobs()
    found = {one.key for one in again.find_posts(fresh.dm, wanted)}
    assert found == (set() if step == "upload" else {1, 2, 3})
    rest = [thread for thread in threads if thread.root.key not in found]
    arrived, _ = by_key(again.send_threads(rest))
    assert set(arrived) | found == {1, 2, 3}
    assert fresh.import_jobs() == jobs + 1
    posts = [post for post in fresh.posts_in(fresh.dm) if at < post["at"] < at + 100]
    assert [post["files"] for post in posts] == [["notes.txt"]] * 3


def test_with_nothing_left_over_resuming_asks_for_no_job(fresh: World) -> None:
    jobs = fresh.import_jobs()
    fresh.sender.resume()
    assert fresh.import_jobs() == jobs


def test_links_are_not_fetched_while_reading_back(fresh: World) -> None:
    fresh.http.put("/config/patch", {"ServiceSettings": {"EnableLinkPreviews": True}})
    list(fresh.sender.find_posts(fresh.room, []))
    assert fresh.http.get("/config")["ServiceSettings"]["EnableLinkPreviews"] is False
    assert fresh.journal.settings_to_put_back() == {"ServiceSettings.EnableLinkPreviews": True}


# --- channels that are archived on the way


def closing(world: World, at: int) -> tuple[PostChannel, Thread]:
    """Return a channel that is to be archived, and a thread for it."""
    made = new_channel(world.http, world.rest.team_id)
    channel = PostChannel(id=made["id"], kind=ChannelKind.PUBLIC, name=made["name"])
    world.journal.owe(ARCHIVE, [channel.id])
    reply = world.post(2, world.bo, at=at + 1, reactions=world.reactions(at + 1, world.cy))
    return channel, Thread(channel=channel, root=world.post(1, at=at), replies=(reply,))


def test_a_channel_is_archived_by_the_job_of_its_last_posts(fresh: World) -> None:
    closed, thread = closing(fresh, 5000)
    jobs = fresh.import_jobs()
    elsewhere = Thread(channel=fresh.attic, root=fresh.post(3, at=5000))
    arrived, refused = by_key(fresh.sender.send_threads([thread, elsewhere]))
    assert (set(arrived), refused) == ({1, 2, 3}, {})
    (row,) = fresh.rows(
        "SELECT deleteat, totalmsgcount, totalmsgcountroot FROM channels WHERE id = %(id)s", id=closed.id
    )
    assert row["deleteat"] > 0
    assert (row["totalmsgcount"], row["totalmsgcountroot"]) == (2, 1)
    assert [(post["message"], post["reactions"]) for post in fresh.posts_in(closed)] == [
        ("post 1", []),
        ("post 2", [("cy", "tada")]),
    ]
    # What comes later still comes, and nothing is archived a second time.
    late = Thread(channel=closed, root=fresh.post(4, at=5004))
    arrived, refused = by_key(fresh.sender.send_threads([late]))
    assert (set(arrived), refused) == ({4}, {})
    assert fresh.import_jobs() == jobs + 2
    ChannelLines(fresh.rest, fresh.journal, fresh.work_folder).archive()
    assert fresh.journal.owed(ARCHIVE) == []
    assert fresh.import_jobs() == jobs + 2


def test_a_channel_in_which_a_notice_is_still_to_be_removed_stays_open(fresh: World) -> None:
    noticed, thread = closing(fresh, 5100)
    fresh.journal.owe(NOTICES, [f"{noticed.id} {MORNING}"])
    arrived, _ = by_key(fresh.sender.send_threads([thread]))
    assert set(arrived) == {1, 2}
    assert fresh.rest.channel(noticed.id)["delete_at"] == 0  # type: ignore[index]


def test_a_channel_that_somebody_archives_meanwhile_costs_no_post(
    fresh: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, thread = closing(fresh, 5200)
    lines = ChannelLines(fresh.rest, fresh.journal, fresh.work_folder).archiving()
    fresh.rest.archive(closed.id)
    monkeypatch.setattr(ChannelLines, "archiving", lambda _: lines)
    arrived, refused = by_key(fresh.new_sender().send_threads([thread]))
    assert (set(arrived), refused) == ({1, 2}, {})


# --- several archives


def test_the_next_job_runs_while_the_last_archive_is_read_back(fresh: World) -> None:
    threads = [Thread(channel=fresh.room, root=fresh.post(n, message="x" * 900, at=6000 + n)) for n in range(1, 5)]
    small = Sender(fresh.http, fresh.server, fresh.journal, fresh.work_folder, 4_000)
    jobs = fresh.import_jobs()
    outcomes = small.send_threads(threads)
    first = next(outcomes)
    eventually(lambda: fresh.import_jobs() >= jobs + 2)
    arrived, refused = by_key([first, *outcomes])
    assert (set(arrived), refused) == ({1, 2, 3, 4}, {})


def test_what_a_job_brings_is_told_while_it_still_runs(fresh: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "_LOOK_EVERY_S", 0.2)
    threads = [Thread(channel=fresh.room, root=fresh.post(n, at=7000 + n)) for n in range(1, 6001)]
    outcomes = fresh.sender.send_threads(threads)
    first = next(outcomes)
    still_running = fresh.rows("SELECT 1 FROM jobs WHERE type = 'import_process' AND status = 'in_progress'")
    arrived, refused = by_key([first, *outcomes])
    assert (set(arrived), refused) == (set(range(1, 6001)), {})
    assert still_running


def test_an_archive_goes_when_the_server_is_about_to_look_for_jobs(
    fresh: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departure, "_WORTH_A_JOB", 2)
    monkeypatch.setattr(JobClock, "next_look", lambda _: time.monotonic() + 1)
    threads = [Thread(channel=fresh.room, root=fresh.post(n, at=6100 + n)) for n in range(1, 6)]
    jobs = fresh.import_jobs()
    arrived, refused = by_key(fresh.sender.send_threads(threads))
    assert (set(arrived), refused) == ({1, 2, 3, 4, 5}, {})
    assert fresh.import_jobs() == jobs + 2


def test_what_can_be_done_meanwhile_is_done_once_beside_the_last_job(fresh: World) -> None:
    went_well = "SELECT 1 FROM jobs WHERE type = 'import_process' AND status = 'success'"
    seen: list[int] = []
    small = Sender(
        fresh.http,
        fresh.server,
        fresh.journal,
        fresh.work_folder,
        4_000,
        meanwhile=lambda: seen.append(len(fresh.rows(went_well))),
    )
    before = len(fresh.rows(went_well))
    threads = [Thread(channel=fresh.room, root=fresh.post(n, message="x" * 900, at=6160 + n)) for n in range(1, 10)]
    arrived, refused = by_key(small.send_threads(threads))
    assert (set(arrived), refused) == (set(range(1, 10)), {})
    jobs = len(fresh.rows(went_well)) - before
    assert jobs > 2
    assert seen == [before + jobs - 1]


def test_who_leaves_early_leaves_the_job_to_the_next_run(fresh: World, tmp_path: Path) -> None:
    threads = [Thread(channel=fresh.room, root=fresh.post(n, at=6200 + n)) for n in range(1, 3)]
    (packed,) = (one for one in fresh.sender._packer.pack(threads) if one.shipment)
    assert packed.shipment
    jobs = ImportJobs(fresh.http, fresh.journal, tmp_path, poll_s=60)
    with ThreadPoolExecutor(1) as elsewhere:
        waiting = elsewhere.submit(jobs.run, packed.shipment.writer.path, 2)
        eventually(lambda: any(job.job_id for job in fresh.journal.open_jobs()))
        with jobs.left(), pytest.raises(Left):
            waiting.result(20)
    packed.shipment.writer.release()
    before = fresh.import_jobs()
    fresh.sender.resume()
    wanted = [WantedPost(key=n, create_at=MORNING + 6200 + n, user_id=fresh.ids[fresh.ada]) for n in range(1, 3)]
    assert {one.key for one in fresh.sender.find_posts(fresh.room, wanted)} == {1, 2}
    assert fresh.import_jobs() == before
    assert fresh.journal.open_jobs() == []


def eventually(true: Callable[[], Any], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.1)
