"""Runs the job in this process and shows how far it is, as PostgreSQL tells it. Knows nothing of the job's steps."""

import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import dagster as dg
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.text import Text

from mm_pipeline.automation import JOB
from mm_pipeline.backend_logger import backend_logger, masked
from mm_pipeline.db.entity_store import workspaces
from mm_pipeline.db.pauses import ENDED_AS_ASKED, interrupt
from mm_pipeline.definitions import defs
from mm_pipeline.errors import PipelineError
from mm_pipeline.lines import wrapped
from mm_pipeline.migration import Migration
from mm_pipeline.model import EntityType, Status
from mm_pipeline.report.at_work import job_sentence
from mm_pipeline.report.pace import Pace, duration

_EVERY_S = 1.0
#: Columns of a terminal that have room for a long bar.
_WIDE = 100
#: How a shell calls the end by Ctrl-C.
_INTERRUPTED = 130


def run_with_progress(migration: Migration) -> bool:
    """Run the whole road. Returns whether no row failed and none is pending; prints a sentence for what stopped it.

    Ctrl-C has it end at its next safe point; once more, at once.
    """
    with _own_door() as console:
        return _run_shown(migration, console)


@contextmanager
def _own_door() -> Iterator[Console]:
    """A way to the terminal that stays: while a step runs Dagster has a file in place of standard error, to keep a copy of it."""
    with open(os.dup(sys.stderr.fileno()), "w", encoding=sys.stderr.encoding, errors="replace") as door:
        yield Console(file=door)


def _run_shown(migration: Migration, console: Console) -> bool:
    ended = threading.Event()
    shown = threading.Thread(target=_show, args=(migration, console, ended), daemon=True)
    sentences: list[str] = []
    # On a thread of its own: on the first one Dagster would take Ctrl-C for itself.
    runs = threading.Thread(target=lambda: sentences.extend(_run_job()), daemon=True, name="the job")
    with _ending_gently(console):
        shown.start()
        runs.start()
        while runs.is_alive():
            runs.join(_EVERY_S)
        ended.set()
        shown.join()
    for sentence in sentences:
        _say(console, sentence, style="red")
    return not sentences


def _say(console: Console, sentence: str, *, style: str = "") -> None:
    """Write a sentence, wrapped as all commands do it: only where a person reads."""
    text = wrapped(sentence, console.width if console.is_terminal else None)
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _ending_gently(console: Console) -> Iterator[None]:
    """Take Ctrl-C (and a friendly kill) for the wish to end at a safe point; a second one ends the process there and then."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = threading.Event()

    def wish(signum: int, frame: FrameType | None) -> None:
        if asked.is_set():
            console.show_cursor()
            os._exit(_INTERRUPTED)  # as after a kill: the next run finds what was sent
        asked.set()
        interrupt()
        _say(
            console,
            "Ending at the next safe point: an import job that runs is seen to its end first. Once more ends at once, "
            "and nothing is lost either.",
        )

    before = {number: signal.signal(number, wish) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run_job() -> list[str]:
    """Run the job in process; return the sentences of the steps that stopped it."""
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    try:
        job = defs.resolve_job_def(JOB)
        with dg.DagsterInstance.get() if os.environ.get("DAGSTER_HOME") else dg.DagsterInstance.ephemeral() as instance:
            result = job.execute_in_process(instance=instance, run_config=quiet, raise_on_error=False)
            sentences = _sentences(result.all_events)
            if sentences and set(sentences) == {ENDED_AS_ASKED}:
                # A step that stops is a failure to Dagster; this one is what somebody wanted, and the sensor leaves it to them.
                instance.report_run_canceled(result.dagster_run, message=ENDED_AS_ASKED)
    except Exception as broken:
        # Steps tell their errors as events, so this is Dagster's own: mostly its storage, which raises many kinds.
        backend_logger.debug("%s", traceback.format_exc())
        cause = str(broken).strip().partition("\n")[0]
        return [
            masked(
                f"Dagster could not keep its history ({type(broken).__name__}: {cause}). Nothing is lost: rows that were "
                "not confirmed stay pending. Start its database again (`mm-pipeline up`) and run the same command."
            )
        ]
    return sentences


def _sentences(events: Sequence[dg.DagsterEvent]) -> list[str]:
    stopped = {event.step_key: said for event in events if (said := _said_by_check(event))}
    return [masked(stopped.get(event.step_key) or _sentence(event)) for event in events if event.is_step_failure]


def _said_by_check(event: dg.DagsterEvent) -> str:
    """Return what a check says that stops the run, "" for all other events."""
    if event.event_type != dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        return ""
    check = event.asset_check_evaluation_data
    stops = check.blocking and not check.passed and check.severity == dg.AssetCheckSeverity.ERROR
    return check.description or check.check_name if stops else ""


def _sentence(event: dg.DagsterEvent) -> str:
    data = event.step_failure_data
    if data.user_failure_data and data.user_failure_data.description:
        return data.user_failure_data.description
    # A bug: the whole story goes to the log, the terminal gets its last line.
    backend_logger.debug("%s", data.error.to_string() if data.error else event.message)
    cause = data.error.cause or data.error if data.error else None
    return f"{event.step_key} stopped: {cause.message.strip() if cause else event.message} (--verbose says more)"


def _show(migration: Migration, console: Console, ended: threading.Event) -> None:
    """Draw done/total, rate and time left per type, and the server's import job, once a second, until the run has ended."""
    columns = (
        TextColumn("{task.description:<13}"),
        BarColumn(bar_width=30 if console.width >= _WIDE else 10),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:>9}"),
        TextColumn("{task.fields[left]:>12}"),
        TextColumn("{task.fields[note]}"),
    )
    progress, server = Progress(*columns, console=console, auto_refresh=False), Text()
    tasks = {one: progress.add_task(one.value, total=None, rate="", left="", note="") for one in EntityType}
    paces = {one: Pace() for one in EntityType}
    over = False
    is_read = sys.stdout.isatty()  # then what the report prints goes above the bars, else to where it is sent
    with Live(Group(progress, server), console=console, refresh_per_second=2, redirect_stdout=is_read):
        while not over:
            over = ended.wait(_EVERY_S)
            if over:
                server.plain = ""  # nobody waits for a job any more, whether or not the database can still be asked
            try:
                if workspaces(migration.database):
                    _update(progress, tasks, paces, migration)
                    if not over:
                        server.plain = "\n".join(map(job_sentence, migration.journal.jobs_at_work()))
            except PipelineError:
                continue  # the run itself says what is wrong with the database


def _update(
    progress: Progress, tasks: dict[EntityType, TaskID], paces: dict[EntityType, Pace], migration: Migration
) -> None:
    now = time.monotonic()
    begun = {step: now - ago_s for step, ago_s in migration.store.begun_steps().items()}
    for entity_type, of_type in migration.store.counts().items():
        total, undone, failed = sum(of_type.values()), of_type[Status.PENDING], of_type[Status.FAILED]
        pace = paces[entity_type]
        pace.see(now, total - undone, begun.get(entity_type))
        left_s = pace.left_s(now, undone) if undone else None
        progress.update(
            tasks[entity_type],
            total=total,
            completed=total - undone,
            rate=f"{pace.per_second:,.0f}/s" if undone and pace.per_second else "",
            left=f"{duration(left_s)} left" if left_s else "",
            note=f"{failed} failed" if failed else "",
        )
