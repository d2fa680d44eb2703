"""One shipment on its way: its job runs, what arrived is read back and named, and what did not is sent again.

Believes nothing because a job said success. Packs nothing, and knows no shipment but its own.
"""

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path

import msgspec

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.errors import AbortRun, RowFailed
from mm_pipeline.mattermost.arriving import Arriving
from mm_pipeline.mattermost.culprits import all_missing, verdict
from mm_pipeline.mattermost.hidden import absent
from mm_pipeline.mattermost.jobs import ImportJobs, Outcome
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.newcomers import FRUITLESS_JOBS
from mm_pipeline.mattermost.on_server import PostArrived, Server
from mm_pipeline.mattermost.outcome import Refused
from mm_pipeline.mattermost.read_back import PAGE, read_back
from mm_pipeline.mattermost.read_state import MARK_READ, MARK_THREADS, remember_threads, remember_unread
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.mattermost.shipment import Pieces, Shipment
from mm_pipeline.nouns import counted
from mm_pipeline.side_by_side import dealt

#: Channels read back at the same time: 3 take two thirds of the time of one on two cores, more no less.
_READERS = 3
#: While a job runs, and 1,500 posts come in a second. Each look costs a page of every channel that grows: every second it
#: would take the server a tenth of the time that the job needs.
_LOOK_EVERY_S = 4.0
#: Jobs in a row that the server lost before anything of them arrived.
LOST_JOBS = 3


class Delivery:
    """Delivers the shipments of one stream, in their order. `new_path` says where an archive may be written."""

    def __init__(
        self,
        rest: Rest,
        server: Server,
        journal: Journal,
        jobs: ImportJobs,
        *,
        new_path: Callable[[], Path],
    ) -> None:
        self._rest = rest
        self._server = server
        self._journal = journal
        self._jobs = jobs
        self._new_path = new_path
        self._lost_roots: set[tuple[str, int]] = set()

    def run(self, shipment: Shipment) -> Generator[list[PostArrived], None, Outcome | None]:
        """Run a shipment's job, and wait for its end; yield what has come by then, and mark it.

        Returns None where it cannot go as it is: a root of its replies was refused.
        """
        if self._orphans(shipment):
            return None
        began = threading.Event()
        try:
            with ThreadPoolExecutor(1, "import job") as beside:
                job = beside.submit(self._run, shipment, began.set)
                if not shipment.known:
                    yield from self._arriving(shipment, began, job)
                return job.result()
        except BaseException:
            shipment.writer.release()
            raise

    def settle(self, shipment: Shipment, first: Outcome | None) -> Iterator[PostArrived | Refused]:
        """Read back what a shipment's job brought (None: it has not run), and send again what did not arrive.

        Until each post is there or refused. Releases the shipment.
        """
        todo = [shipment]
        fruitless = 0
        try:
            while todo:
                current = todo[-1]
                again: list[Pieces] = []
                if orphans := self._orphans(current):
                    yield from _refused(current, orphans, _root_refused)
                    others = [unit for unit in current.units if unit not in orphans]
                    again = [all_missing(current, others)] if others else []
                else:
                    outcome = first or self._run(current)
                    first = None
                    if current.known and current.writer.files:
                        # A file that joins others is in the database, but the post is shown without it until then.
                        self._rest.invalidate_caches()
                    yield from self._read_back(current, outcome)
                    fruitless = 0 if outcome.ok or current.has_arrived else fruitless + 1
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
                            yield Refused(key=current.key(post), error=RowFailed(outcome.refusal()))
                        self._lost_roots |= {current.root_of(unit) for unit in current.units_begun_by(judged.refused)}
                        again = [*judged.again]
                # The pieces are taken from the archive, so it goes last.
                smaller = [current.piece(self._new_path(), pieces) for pieces in reversed(again)]
                todo.pop().writer.release()
                todo += smaller
        finally:
            for left in todo:
                left.writer.release()

    def _orphans(self, shipment: Shipment) -> list[int]:
        """Return the units whose root was refused."""
        lost = self._lost_roots
        return [unit for unit in shipment.units if shipment.root_of(unit) in lost] if lost else []

    def _run(self, shipment: Shipment, on_begin: Callable[[], None] = lambda: None) -> Outcome:
        self._begin(shipment)
        megabytes = shipment.writer.path.stat().st_size / 1e6
        backend_logger.info("sending %s (%.1f MB)", counted(shipment.posts, "post"), megabytes)
        changes = shipment.changes_channels
        lines = len(shipment.writer)
        outcome = self._jobs.run(shipment.writer.path, lines, channel_lines=changes, on_begin=on_begin)
        if changes:
            self._rest.invalidate_caches()
        if not outcome.ok:
            backend_logger.warning("the import job ended at line %d: %s", outcome.line, outcome.error)
            self._jobs.settle(shipment.channel_ids)
        return outcome

    def _begin(self, shipment: Shipment) -> None:
        """Before the first of a run comes into channels: what people have unread there stays so, all else will be marked read."""
        if self._server.imports_followers:
            remember_threads(self._rest, self._journal, shipment.grown)
        self._journal.owe(MARK_THREADS, shipment.grown)
        if new := sorted(set(shipment.channel_ids).difference(self._journal.owed(MARK_READ))):
            with ThreadPoolExecutor(_READERS) as pool:
                channels = list(pool.map(self._rest.channel, new))
            remember_unread(self._rest, self._journal, channels)
            self._journal.owe(MARK_READ, new)

    def _arriving(
        self, shipment: Shipment, began: threading.Event, job: "Future[Outcome]"
    ) -> Iterator[list[PostArrived]]:
        """Yield what comes until a job is over: its end is the end of all waiting, so little should be left to read then."""
        while not (began.wait(_LOOK_EVERY_S) or job.done()):
            pass
        arriving = Arriving(self._rest.http, shipment)
        while not job.done():
            for news in arriving.look():
                yield [self._marked(shipment, seen) for seen in news]
                if job.done():
                    return
            wait([job], _LOOK_EVERY_S)

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
        def read(wanted: tuple[str, Iterable[int]]) -> Iterator[PostArrived]:
            channel_id, posts = wanted
            yield from read_back(self._rest.http, channel_id, shipment.recognised_by(posts))

        for seen in dealt(shipment.wanted(poorer=poorer).items(), read, hands=_READERS, at_once=PAGE):
            yield self._marked(shipment, seen)

    def _marked(self, shipment: Shipment, seen: PostArrived) -> PostArrived:
        shipment.mark_found(seen.key)
        return msgspec.structs.replace(seen, key=shipment.key(seen.key))


def _refused(shipment: Shipment, units: Iterable[int], why: Callable[[int], RowFailed]) -> Iterator[Refused]:
    for unit in units:
        for post in shipment.missing(unit):
            yield Refused(key=shipment.key(post), error=why(shipment.create_at(post)))


def _root_refused(_: int) -> RowFailed:
    return RowFailed(
        "It cannot be sent because the post that begins its thread was refused: mend that one, then try again."
    )
