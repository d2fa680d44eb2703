"""Runs the job in this process and shows how far it is, as PostgreSQL tells it. Knows nothing of the job's steps."""

import logging
import os
import threading
import time
import traceback

import dagster as dg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from mm_pipeline.automation import JOB
from mm_pipeline.backend_logger import backend_logger, masked
from mm_pipeline.db.entity_store import workspaces
from mm_pipeline.definitions import defs
from mm_pipeline.errors import PipelineError
from mm_pipeline.migration import Migration
from mm_pipeline.model import EntityType, Status

_EVERY_S = 1.0


def run_with_progress(migration: Migration) -> bool:
    """Run the whole road. Returns whether no row failed and none is pending; prints a sentence for what stopped it."""
    ended = threading.Event()
    console = Console(stderr=True)
    shown = threading.Thread(target=_show, args=(migration, console, ended), daemon=True)
    shown.start()
    try:
        sentences = _run_job()
    finally:
        ended.set()
        shown.join()
    for sentence in sentences:
        console.print(sentence, style="red", markup=False, highlight=False, soft_wrap=True)
    return not sentences


def _run_job() -> list[str]:
    """Run the job in process; return the sentences of the steps that stopped it."""
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    job = defs.resolve_job_def(JOB)
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    try:
        with dg.DagsterInstance.get() if os.environ.get("DAGSTER_HOME") else dg.DagsterInstance.ephemeral() as instance:
            result = job.execute_in_process(instance=instance, run_config=quiet, raise_on_error=False)
            events = result.all_events
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
    """Draw done/total, rate and time left per type, once a second, until the run has ended."""
    columns = (
        TextColumn("{task.description:<13}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:>9}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    began = time.monotonic()
    with Progress(*columns, console=console, refresh_per_second=2) as progress:
        tasks = {one: progress.add_task(one.value, total=None, rate="", note="") for one in EntityType}
        over = False
        while not over:
            over = ended.wait(_EVERY_S)
            try:
                _update(progress, tasks, migration, time.monotonic() - began)
            except PipelineError:
                continue  # the run itself says what is wrong with the database


def _update(progress: Progress, tasks: dict[EntityType, TaskID], migration: Migration, seconds: float) -> None:
    if not workspaces(migration.database):
        return
    for entity_type, counts in migration.store.counts().items():
        total = sum(counts.values())
        done = total - counts[Status.PENDING]
        before = progress.tasks[tasks[entity_type]].completed
        rate = f"{max(done - before, 0) / _EVERY_S:,.0f}/s" if done < total else ""
        note = f"{counts[Status.FAILED]} failed" if counts[Status.FAILED] else ""
        progress.update(tasks[entity_type], total=total, completed=done, rate=rate, note=note)
