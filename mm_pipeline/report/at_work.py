"""Who is at work on a workspace at this moment, on what, how quick, and what the server makes of it. Asks PostgreSQL alone."""

from collections.abc import Sequence

import msgspec

from mm_pipeline.db.advisory_lock import end_of, held, partition_of, plan_of, run_on, staging_of, work_on
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.db.journal import PostgresJournal
from mm_pipeline.db.pauses import Pause, before_export, paused
from mm_pipeline.mattermost.job_clock import LOOKS_EVERY_S
from mm_pipeline.model import EntityType, JobAtWork, Outage, Status
from mm_pipeline.nouns import counted
from mm_pipeline.report.pace import duration

#: Seconds after which a job that waits is late: a busy server looks a little later.
_LATE_S = 5.0
#: Bytes below which an archive is told in KB.
_SMALL = 100_000


class TypeAtWork(msgspec.Struct, frozen=True, kw_only=True):
    """A type that is being exported."""

    type: EntityType
    programs: tuple[str, ...]  #: "process 4711 on host"
    partitions: int  #: of the workers' shares, how many are held
    workers: int
    since_s: float
    settled: int  #: rows, since then
    lasted_s: float = 0.0  #: from then until the last of them: a job that waits or runs makes nothing slower
    undone: int
    total: int

    def __str__(self) -> str:
        share = "" if self.partitions == self.workers else f" ({self.partitions} of {self.workers} partitions)"
        return (
            f"{self.type.value}{share}: {', '.join(self.programs)}, for {duration(self.since_s)}; "
            f"{self.total - self.undone:,} of {self.total:,} rows settled{self._pace}"
        )

    @property
    def _pace(self) -> str:
        """Rate and time left as they were when rows were settled last, counted down since; "" where nothing tells."""
        if not self.settled or self.lasted_s <= 0:
            return ""
        rate = self.settled / self.lasted_s
        left_s = self.undone / rate - (self.since_s - self.lasted_s)
        return f", {rate:,.0f}/s" + (f", about {duration(left_s)} left" if self.undone and left_s > 0 else "")


class AtWork(msgspec.Struct, frozen=True, kw_only=True):
    """What goes on."""

    pause: Pause | None
    programs: tuple[str, ...]  #: which hold a share of the work, or are staging
    types: tuple[TypeAtWork, ...]
    jobs: tuple[JobAtWork, ...]
    outage: Outage | None = None  #: the server does not answer them
    doing: str = "at work"  #: what they do where they export no type
    left_jobs: tuple[JobAtWork, ...] = ()  #: import jobs whose end nobody waits for
    left_changed: tuple[str, ...] = ()  #: settings of the server that a run which was cut off has not put back

    @classmethod
    def of(cls, store: EntityStore, journal: PostgresJournal) -> "AtWork":
        """Look at locks, steps, rows and jobs as they are now."""
        workers = store.export_workers() or 1
        locks = {
            partition_of(entity_type, store.workspace, key, workers): entity_type
            for entity_type in EntityType
            for key in range(workers)
        }
        general = {
            staging_of(store.workspace): "staging",
            plan_of(store.workspace): "planning",
            end_of(store.workspace): "finishing",
            work_on(store.workspace): "at work",
            run_on(store.workspace): "at work, between two steps",
        }
        with store.database.session() as connection:
            all_held = held(connection, [*locks, *general, journal.lock])
        found = [(name, program) for name, program in all_held if name != journal.lock]
        names = {name for name, _ in all_held}
        types = {locks[name] for name in names if name in locks}
        jobs = tuple(journal.jobs_at_work())
        return cls(
            pause=paused(store.database, store.workspace),
            programs=tuple(sorted({program for _, program in found})),
            types=tuple(
                _type_at_work(store, one, [(n, p) for n, p in found if locks.get(n) is one], workers)
                for one in EntityType
                if one in types
            ),
            jobs=jobs if found else (),
            outage=journal.outage() if found else None,
            doing=next((what for name, what in general.items() if name in names), "at work"),
            # Who works on another workspace of this server holds its lock for his job.
            left_jobs=() if names else jobs,
            left_changed=() if found else tuple(sorted(journal.settings_to_put_back())),
        )

    def sentences_of(self, entity_type: EntityType) -> list[str]:
        """Return what there is to say of one type that is being exported, and of the server's jobs."""
        return [str(one) for one in self.types if one.type is entity_type] + [job_sentence(job) for job in self.jobs]

    def sentences(self) -> list[str]:
        """Return what there is to say, one line each."""
        return list(self.told().values())

    def told(self) -> dict[tuple[object, ...], str]:
        """Return what there is to say by what it says beside the seconds that went by: of equal keys only these differ."""
        told: dict[tuple[object, ...], str] = {}
        if self.outage:
            told[self.outage.what, self.outage.since] = outage_sentence(self.outage)
        told |= {(one.type, one.programs, one.partitions, one.undone): str(one) for one in self.types}
        if self.programs and not self.types:
            told[self.doing, self.programs] = f"{self.doing}: {', '.join(self.programs)}"
        told |= {
            (job.job_id, job.began_s is None, job.began_s is None and _is_late(job.sent_s)): job_sentence(job)
            for job in self.jobs
        }
        if self.pause:
            what = "ends at its next safe point" if self.programs else "`mm-pipeline resume` lets it go on"
            told[str(self.pause), what] = f"{self.pause}: {what}"
        told = told or {(): "nobody is at work"}
        told |= {("left", job.job_id): left_job_sentence(job, is_paused=bool(self.pause)) for job in self.left_jobs}
        return (
            told | {self.left_changed: left_changed_sentence(self.left_changed, is_paused=bool(self.pause))}
            if self.left_changed
            else told
        )


def left_changed_sentence(settings: Sequence[str], *, is_paused: bool = False) -> str:
    """Return what a run that was cut off left on the server, and how to mend it. is_paused: nothing begins before `resume`."""
    silent = (
        ", so it may send no mails and no pushes" if any(name.startswith("EmailSettings.") for name in settings) else ""
    )
    return (
        f"A run that was cut off left settings of the server changed{silent} ({', '.join(settings)}): "
        f"{before_export(is_paused)}`mm-pipeline export` goes on and puts them back."
    )


def left_job_sentence(job: JobAtWork, *, is_paused: bool = False) -> str:
    """Return what is known of an import job whose end no run saw, and what sees to it. is_paused: nothing begins before `resume`."""
    what = _what(job)
    left = (
        f"an uploaded archive ({what}), maybe with no import job asked for yet"
        if not job.job_id
        else f"import job {job.job_id} ({what}), which {'waited there' if job.began_s is None else 'ran there'} when it was seen last"
    )
    return f"A run that was cut off left on the server {left}: {before_export(is_paused)}`mm-pipeline export` sees to it first."


def job_sentence(job: JobAtWork) -> str:
    """Return what the server makes of an import job."""
    what = _what(job)
    if not job.job_id:
        return f"an archive was uploaded {duration(job.sent_s)} ago, its import job is to follow ({what})"
    if job.began_s is None:
        return f"import job {job.job_id} waits for the server to begin, for {duration(job.sent_s)}: {_usual(job.sent_s)} ({what})"
    return f"import job {job.job_id} runs on the server for {duration(job.began_s)} ({what})"


def outage_sentence(outage: Outage) -> str:
    """Return since when the server does not answer, and until when the run tries."""
    since, until = (f"{at.astimezone():%H:%M:%S}" for at in (outage.since, outage.until))
    return f"{outage.what}, since {since}: the run tries again until {until}"


def _what(job: JobAtWork) -> str:
    size = f"{job.bytes / 1e6:,.1f} MB" if job.bytes >= _SMALL else f"{max(1, round(job.bytes / 1e3)):,} KB"
    return f"{counted(job.lines, 'line')}, {size}"


def _is_late(waited_s: float) -> bool:
    return waited_s > LOOKS_EVERY_S + _LATE_S


def _usual(waited_s: float) -> str:
    """Return how that compares: a server looks for jobs every so often, and begins one at a time."""
    if not _is_late(waited_s):
        return f"usually within {LOOKS_EVERY_S:.0f} s"
    return f"usually within {LOOKS_EVERY_S:.0f} s, unless another import is before it or the server runs no jobs"


def _type_at_work(
    store: EntityStore, entity_type: EntityType, found: Sequence[tuple[str, str]], workers: int
) -> TypeAtWork:
    counts = store.counts(entity_type)[entity_type]
    since_s, settled, lasted_s = store.begun_step(entity_type) or (0.0, 0, 0.0)
    return TypeAtWork(
        type=entity_type,
        programs=tuple(sorted({program for _, program in found})),
        partitions=len({name for name, _ in found}),
        workers=workers,
        since_s=since_s,
        settled=settled,
        lasted_s=lasted_s,
        undone=counts[Status.PENDING],
        total=sum(counts.values()),
    )
