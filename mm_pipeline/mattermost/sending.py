"""The import half of the stock transport: accounts, channels and threads go by import jobs, one job at a time.

Makes no REST change of its own: members, settings and read marks are not here.
"""

import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import NamedTuple, TypeVar

from mm_pipeline.errors import AbortRun
from mm_pipeline.http import ApiError, Http
from mm_pipeline.mattermost.ahead import one_ahead
from mm_pipeline.mattermost.archive_writer import remove_left
from mm_pipeline.mattermost.channel_lines import ChannelLines
from mm_pipeline.mattermost.delivery import Delivery
from mm_pipeline.mattermost.existing import Existing
from mm_pipeline.mattermost.job_clock import JobClock
from mm_pipeline.mattermost.jobs import ImportJobs, Outcome
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.newcomers import Newcomers
from mm_pipeline.mattermost.on_server import PostArrived, Server, WantedPost
from mm_pipeline.mattermost.outcome import Done, Refused
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel, Post, PostChannel, Thread
from mm_pipeline.mattermost.packing import Packed, Packer
from mm_pipeline.mattermost.read_back import read_back
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.mattermost.settings import READING_BACK, leave_changed

Item = TypeVar("Item")

#: Import lines say by whom a direct channel is shown from here on.
_SHOWN_BY = (10, 1)


class _Ran(NamedTuple):
    """A shipment whose job is over (None: it has not run)."""

    packed: Packed
    outcome: Outcome | None


class Sender:
    """Sends to one server and one team. One job at a time: the journal's lock is held from upload to end.

    `meanwhile` is done beside the last job, from when it waits for its turn: the server has nothing to do then.
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
        self._newcomers = Newcomers(rest, server.team_name, self._jobs, self._packer, journal)
        self.keeps_creators = False
        self.hides_direct_channels = server.version < _SHOWN_BY

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
        self.stop_fetching_links()
        return _or_abort(read_back(self._http, channel.id, wanted))

    def resume(self) -> None:
        """Take up what an earlier run left: wait for its jobs, look at whom they made, and remove its archives."""
        try:
            self._jobs.resume()
            self._newcomers.resume()
        except ApiError as refused:
            raise AbortRun(str(refused)) from refused
        remove_left(self._work_folder)

    # --- threads

    def _send(self, packed: Iterator[Packed]) -> Iterator[PostArrived | Refused]:
        """Read what a job brings while it runs, and what is left at its end while the next one runs.

        After a job that failed the next one waits until that is mended.
        """
        self.stop_fetching_links()
        delivery = Delivery(
            self._rest,
            self._server,
            self._journal,
            self._jobs,
            new_path=self._packer.new_path,
        )
        mended = threading.Event()
        mended.set()

        def run_each() -> Generator[_Ran | list[PostArrived], None, None]:
            with closing(one_ahead(packed, _discard)) as built, ThreadPoolExecutor(1, "meanwhile") as beside:
                for one in built:
                    mended.wait()
                    also = beside.submit(self._meanwhile) if one.is_last else None
                    outcome = (yield from delivery.run(one.shipment)) if one.shipment else None
                    if not _went_well(outcome):
                        mended.clear()
                    yield _Ran(one, outcome)
                    if also:
                        also.result()

        running = run_each()
        ran = one_ahead(running, _discard_ran)
        try:
            for one in ran:
                if not isinstance(one, _Ran):
                    yield from one
                    continue
                yield from one.packed.refused
                if one.packed.shipment:
                    yield from delivery.settle(one.packed.shipment, one.outcome)
                if not _went_well(one.outcome):
                    mended.set()
        finally:
            with self._jobs.left():
                mended.set()
                ran.close()
                running.close()
            self._existing.remove_fetched()

    def stop_fetching_links(self) -> None:
        """Once: what is put back when all is finished need not be looked at for every channel."""
        with self._links:
            if not self._links_are_off:
                leave_changed(self._rest, self._journal, READING_BACK)
                self._links_are_off = True


def _or_abort(outcomes: Iterable[Item]) -> Iterator[Item]:
    """Yield the outcomes; a request that the server refused concerns no single row here, so it stops the run."""
    try:
        yield from outcomes
    except ApiError as refused:
        raise AbortRun(str(refused)) from refused


def _went_well(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.ok


def _discard_ran(ran: _Ran | list[PostArrived]) -> None:
    if isinstance(ran, _Ran):
        _discard(ran.packed)


def _discard(packed: Packed) -> None:
    if packed.shipment:
        packed.shipment.writer.release()
