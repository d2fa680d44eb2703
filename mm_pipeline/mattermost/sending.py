"""The import half of the stock transport: sends archives, reads back what arrived, and names what did not.

Believes nothing because a job said success. Makes no REST change of its own: members, settings and read marks are not here.
"""

import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.errors import AbortRun, RowFailed
from mm_pipeline.http import ApiError, Http
from mm_pipeline.mattermost.ahead import one_ahead
from mm_pipeline.mattermost.api import (
    Done,
    Journal,
    NewAccount,
    NewChannel,
    Post,
    PostArrived,
    PostChannel,
    Refused,
    Server,
    Thread,
    WantedPost,
)
from mm_pipeline.mattermost.archive_writer import remove_left
from mm_pipeline.mattermost.channel_lines import ChannelLines
from mm_pipeline.mattermost.culprits import all_missing, verdict
from mm_pipeline.mattermost.existing import Existing
from mm_pipeline.mattermost.hidden import absent
from mm_pipeline.mattermost.job_clock import JobClock
from mm_pipeline.mattermost.jobs import ImportJobs, Outcome
from mm_pipeline.mattermost.newcomers import FRUITLESS_JOBS, Newcomers
from mm_pipeline.mattermost.packing import Packed, Packer
from mm_pipeline.mattermost.read_back import PAGE, read_back
from mm_pipeline.mattermost.read_state import MARK_READ, MARK_THREADS, remember_unread
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.mattermost.settings import READING_BACK, leave_changed
from mm_pipeline.mattermost.shipment import Pieces, Shipment
from mm_pipeline.side_by_side import side_by_side

Item = TypeVar("Item")

#: Channels read back at the same time: 3 take two thirds of the time of one on two cores, more no less.
_READERS = 3
#: Jobs in a row that the server lost before anything of them arrived.
LOST_JOBS = 3


class _Ran(NamedTuple):
    """A shipment whose job is over (None: it has not run)."""

    packed: Packed
    outcome: Outcome | None


class Sender:
    """Sends to one server and one team. One job at a time: the journal's lock is held from upload to end.

    `meanwhile` is done beside each job with threads: the server leaves an archive lying for up to 15 s.
    """

    def __init__(
        self,
        http: Http,
        server: Server,
        journal: Journal,
        work_folder: Path,
        max_archive_bytes: int | None = None,
        *,
        poll_s: float = 0.5,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        work_folder.mkdir(parents=True, exist_ok=True)
        rest = Rest(http, server.team_name)
        self._http = http
        self._server = server
        self._rest = rest
        self._links = threading.Lock()
        self._links_are_off = False
        self._journal = journal
        self._meanwhile = meanwhile
        self._work_folder = work_folder
        self._jobs = ImportJobs(http, journal, work_folder, poll_s=poll_s)
        self._existing = Existing(rest, work_folder)
        lines = ChannelLines(rest, journal, work_folder)
        clock = JobClock(rest)
        self._packer = Packer(server, self._existing, work_folder, max_archive_bytes, lines.archiving, clock)
        self._newcomers = Newcomers(rest, server.team_name, self._jobs, self._packer)

    def create_accounts(
        self, accounts: Sequence[NewAccount], channels: Sequence[NewChannel]
    ) -> Iterator[Done | Refused]:
        """Create people (no bots) with their memberships, and those of the public and private `channels` that are absent.

        One outcome per account, looked up afterwards; none for channels.
        """
        return _or_abort(self._newcomers.create_accounts(accounts, channels))

    def open_direct_channels(self, channels: Sequence[NewChannel]) -> list[Done | Refused]:
        """Create direct and group channels. One outcome per channel, looked up afterwards."""
        return list(_or_abort(self._newcomers.open_direct_channels(channels)))

    def send_threads(self, threads: Iterable[Thread]) -> Iterator[PostArrived | Refused]:
        """Send threads; yield each post as it was read back, or why it is not there. Roots with an id are not reported.

        The threads are read on a thread of their own, so that the next archive is built while a job runs.
        """
        return _or_abort(self._send(self._packer.pack(threads)))

    def add_reactions(self, posts: Iterable[tuple[PostChannel, Post]]) -> Iterator[PostArrived | Refused]:
        """Send reactions and files to posts that the server has (`id` set, `files` all of theirs); yield each as it is then."""
        threads = (Thread(channel=channel, root=post) for channel, post in posts)
        return _or_abort(self._send(self._packer.pack(threads, known=True)))

    def find_posts(self, channel: PostChannel, wanted: Iterable[WantedPost]) -> Iterator[PostArrived]:
        """Read a channel back and yield those of the wanted posts that are there."""
        self._stop_fetching_links()
        return _or_abort(read_back(self._http, channel.id, wanted))

    def resume(self) -> None:
        """Take up what an earlier run left: wait for its jobs, and remove its archives."""
        try:
            self._jobs.resume()
        except ApiError as refused:
            raise AbortRun(str(refused)) from refused
        remove_left(self._work_folder)

    # --- threads

    def _send(self, packed: Iterator[Packed]) -> Iterator[PostArrived | Refused]:
        """While one shipment is read back, the next one's job runs; after a job that failed only when that is mended."""
        self._stop_fetching_links()
        lost_roots: set[tuple[str, int]] = set()
        mended = threading.Event()
        mended.set()

        def run_each() -> Generator[_Ran, None, None]:
            with closing(one_ahead(packed, _discard)) as built:
                for one in built:
                    mended.wait()
                    outcome = self._first_run(one.shipment, lost_roots) if one.shipment else None
                    if not _went_well(outcome):
                        mended.clear()
                    yield _Ran(one, outcome)

        running = run_each()
        ran = one_ahead(running, lambda one: _discard(one.packed))
        try:
            for one, outcome in ran:
                yield from one.refused
                if one.shipment:
                    yield from self._deliver(one.shipment, outcome, lost_roots)
                if not _went_well(outcome):
                    mended.set()
        finally:
            mended.set()
            with self._jobs.left():
                ran.close()
            running.close()
            self._existing.remove_fetched()

    def _first_run(self, shipment: Shipment, lost_roots: set[tuple[str, int]]) -> Outcome | None:
        """Run a shipment's job; None where it cannot go as it is."""
        if _orphans(shipment, lost_roots):
            return None
        try:
            return self._run(shipment)
        except BaseException:
            shipment.writer.release()
            raise

    def _deliver(
        self, shipment: Shipment, first: Outcome | None, lost_roots: set[tuple[str, int]]
    ) -> Iterator[PostArrived | Refused]:
        """Read back what a shipment's job brought (None: it has not run), and send again what did not arrive.

        Until each post is there or refused.
        """
        todo = [shipment]
        fruitless = 0
        try:
            while todo:
                current = todo[-1]
                again: list[Pieces] = []
                if orphans := _orphans(current, lost_roots):
                    yield from _refused(current, orphans, _root_refused)
                    others = [unit for unit in current.units if unit not in orphans]
                    again = [all_missing(current, others)] if others else []
                else:
                    outcome = first or self._run(current)
                    first = None
                    if current.known and current.writer.files:
                        # A file that joins others is in the database, but the post is shown without it until then.
                        self._rest.invalidate_caches()
                    arrived = 0
                    for seen in self._read_back(current, outcome):
                        arrived += 1
                        yield seen
                    fruitless = 0 if outcome.ok or arrived else fruitless + 1
                    if fruitless >= (LOST_JOBS if outcome.lost else FRUITLESS_JOBS):
                        raise AbortRun(
                            f"Import after import brings nothing: {outcome.error or 'the server loses its jobs'}. "
                            "Its log says why; mend that, then run the same command again."
                        )
                    incomplete = [unit for unit in current.units if current.missing(unit)]
                    if outcome.ok:
                        yield from _refused(current, incomplete, partial(absent, self._server))
                    elif incomplete:
                        judged = verdict(current, outcome, incomplete)
                        for post in judged.refused:
                            error = RowFailed(
                                f"The import job refused it: {outcome.error}. Trying again will not help."
                            )
                            yield Refused(key=current.key(post), error=error)
                        lost_roots |= {current.root_of(unit) for unit in current.units_begun_by(judged.refused)}
                        again = [*judged.again]
                # The pieces are taken from the archive, so it goes last.
                smaller = [current.piece(self._packer.new_path(), pieces) for pieces in reversed(again)]
                todo.pop().writer.release()
                todo += smaller
        finally:
            for left in todo:
                left.writer.release()

    def _stop_fetching_links(self) -> None:
        """Once: what is put back when all is finished need not be looked at for every channel."""
        with self._links:
            if not self._links_are_off:
                leave_changed(self._rest, self._journal, READING_BACK)
                self._links_are_off = True

    def _run(self, shipment: Shipment) -> Outcome:
        self._begin(shipment)
        backend_logger.info("sending %d posts, %d bytes", shipment.posts, shipment.writer.path.stat().st_size)
        changes = shipment.changes_channels
        with ThreadPoolExecutor(1, "meanwhile") as beside:
            done_beside = beside.submit(self._meanwhile)
            outcome = self._jobs.run(shipment.writer.path, len(shipment.writer), channel_lines=changes)
            done_beside.result()
        if changes:
            self._rest.invalidate_caches()
        if not outcome.ok:
            backend_logger.warning("the import job ended at line %d: %s", outcome.line, outcome.error)
            self._jobs.settle(shipment.channel_ids)
        return outcome

    def _begin(self, shipment: Shipment) -> None:
        """Before the first of a run comes into channels: what people have unread there stays so, all else will be marked read."""
        self._journal.owe(MARK_THREADS, shipment.grown)
        if new := sorted(set(shipment.channel_ids).difference(self._journal.owed(MARK_READ))):
            remember_unread(self._rest, self._journal, map(self._rest.channel, new))
            self._journal.owe(MARK_READ, new)

    def _read_back(self, shipment: Shipment, outcome: Outcome) -> Iterator[PostArrived]:
        """Yield what arrived, and mark it.

        Of what lines bring to posts that were there before, only a job that went well says anything.
        """
        if outcome.ok:
            yield from self._arrived(shipment)
            if shipment.wanted():
                self._jobs.settle(shipment.channel_ids)
                yield from self._arrived(shipment)
        elif not shipment.known:
            yield from self._arrived(shipment, poorer=False)

    def _arrived(self, shipment: Shipment, *, poorer: bool = True) -> Iterator[PostArrived]:
        channels = iter(list(shipment.wanted(poorer=poorer).items()))

        def read() -> Iterator[PostArrived]:
            for channel_id, posts in channels:  # each reader takes the next one
                yield from read_back(self._http, channel_id, shipment.recognised_by(posts))

        for seen in side_by_side([read() for _ in range(_READERS)], at_once=PAGE):
            shipment.mark_found(seen.key)
            yield msgspec.structs.replace(seen, key=shipment.key(seen.key))


def _or_abort(outcomes: Iterable[Item]) -> Iterator[Item]:
    """Yield the outcomes; a request that the server refused concerns no single row here, so it stops the run."""
    try:
        yield from outcomes
    except ApiError as refused:
        raise AbortRun(str(refused)) from refused


def _refused(shipment: Shipment, units: Iterable[int], why: Callable[[int], RowFailed]) -> Iterator[Refused]:
    for unit in units:
        for post in shipment.missing(unit):
            yield Refused(key=shipment.key(post), error=why(shipment.create_at(post)))


def _orphans(shipment: Shipment, lost_roots: set[tuple[str, int]]) -> list[int]:
    """Return the units whose root was refused."""
    return [unit for unit in shipment.units if shipment.root_of(unit) in lost_roots] if lost_roots else []


def _went_well(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.ok


def _discard(packed: Packed) -> None:
    if packed.shipment:
        packed.shipment.writer.release()


def _root_refused(_: int) -> RowFailed:
    return RowFailed(
        "It cannot be sent because the post that begins its thread was refused: mend that one, then try again."
    )
