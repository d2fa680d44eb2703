"""The import half of the stock transport: sends archives, reads back what arrived, and names what did not.

Believes nothing because a job said success. Makes no REST change of its own: members, settings and read marks are not here.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

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
from mm_pipeline.mattermost.culprits import all_missing, verdict
from mm_pipeline.mattermost.existing import Existing
from mm_pipeline.mattermost.hidden import absent
from mm_pipeline.mattermost.jobs import ImportJobs, Outcome
from mm_pipeline.mattermost.newcomers import FRUITLESS_JOBS, Newcomers
from mm_pipeline.mattermost.packing import Packed, Packer
from mm_pipeline.mattermost.read_back import PAGE, read_back
from mm_pipeline.mattermost.read_state import MARK_READ, remember_unread
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.mattermost.settings import READING_BACK, leave_changed
from mm_pipeline.mattermost.shipment import Pieces, Shipment
from mm_pipeline.side_by_side import side_by_side

Item = TypeVar("Item")

#: Channels read back at the same time: 3 take two thirds of the time of one on two cores, more no less.
_READERS = 3
#: Jobs in a row that the server lost before anything of them arrived.
LOST_JOBS = 3


class Sender:
    """Sends to one server and one team. One job at a time: the journal's lock is held from upload to end."""

    def __init__(
        self,
        http: Http,
        server: Server,
        journal: Journal,
        work_folder: Path,
        max_archive_bytes: int | None = None,
        *,
        poll_s: float = 0.5,
    ) -> None:
        work_folder.mkdir(parents=True, exist_ok=True)
        rest = Rest(http, server.team_name)
        self._http = http
        self._server = server
        self._rest = rest
        self._links = threading.Lock()
        self._links_are_off = False
        self._journal = journal
        self._work_folder = work_folder
        self._jobs = ImportJobs(http, journal, work_folder, poll_s=poll_s)
        self._existing = Existing(rest, work_folder)
        self._packer = Packer(server, self._existing, work_folder, max_archive_bytes)
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
        self._links_are_off = False  # whoever resumes puts settings back first
        try:
            self._jobs.resume()
        except ApiError as refused:
            raise AbortRun(str(refused)) from refused
        remove_left(self._work_folder)

    # --- threads

    def _send(self, packed: Iterator[Packed]) -> Iterator[PostArrived | Refused]:
        self._stop_fetching_links()
        lost_roots: set[tuple[str, int]] = set()
        try:
            for one in one_ahead(packed, _discard):
                yield from one.refused
                if one.shipment:
                    yield from self._deliver(one.shipment, lost_roots)
        finally:
            self._existing.remove_fetched()

    def _deliver(self, shipment: Shipment, lost_roots: set[tuple[str, int]]) -> Iterator[PostArrived | Refused]:
        """Send a shipment, and again what of it did not arrive, until each post is there or refused."""
        todo = [shipment]
        fruitless = 0
        try:
            while todo:
                current = todo[-1]
                again: list[Pieces] = []
                orphans = [unit for unit in current.units if current.root_of(unit) in lost_roots]
                if orphans:
                    yield from _refused(current, orphans, _root_refused)
                    others = [unit for unit in current.units if unit not in orphans]
                    again = [all_missing(current, others)] if others else []
                else:
                    outcome = self._run(current)
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
        self._begin(shipment.channel_ids)
        backend_logger.info("sending %d posts, %d bytes", shipment.posts, shipment.writer.path.stat().st_size)
        outcome = self._jobs.run(shipment.writer.path, len(shipment.writer))
        if not outcome.ok:
            backend_logger.warning("the import job ended at line %d: %s", outcome.line, outcome.error)
            self._jobs.settle(shipment.channel_ids)
        return outcome

    def _begin(self, channel_ids: Iterable[str]) -> None:
        """Before the first of a run comes into channels: what people have unread there stays so, all else will be marked read."""
        if new := sorted(set(channel_ids).difference(self._journal.owed(MARK_READ))):
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


def _discard(packed: Packed) -> None:
    if packed.shipment:
        packed.shipment.writer.release()


def _root_refused(_: int) -> RowFailed:
    return RowFailed(
        "It cannot be sent because the post that begins its thread was refused: mend that one, then try again."
    )
