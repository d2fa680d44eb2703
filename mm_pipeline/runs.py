"""The job's runs as Dagster remembers them: which is at work, and when what a run has left is due again. Starts none."""

import time
from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile

import dagster as dg

JOB = "slack_to_mattermost"
#: The tag of a run that a sensor starts: what it is for.
WORK = "mm_pipeline/work"
#: After a run that failed, what it left is due after so many seconds; after each further one twice as many.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 300.0, 3600.0
#: A run that has said nothing for so long died with its machine: Dagster never ends it. `finish` is the step that is
#: silent for longest (a millisecond for each person in each channel).
_SILENT_S = 1800.0
#: Runs that are looked back on: more failures than this make no pause longer.
_LOOKED_BACK = 10

_IN_FLIGHT = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def in_flight(instance: dg.DagsterInstance) -> bool:
    """Whether the job runs, or assets that somebody materializes by themselves; a run that died in silence does not."""
    return any(
        record.dagster_run.job_name in (JOB, "__ASSET_JOB") and _lives(instance, record)
        for record in instance.get_run_records(dg.RunsFilter(statuses=_IN_FLIGHT))
    )


def last_run(instance: dg.DagsterInstance) -> str:
    """Return the id of the job's newest run, "" if there is none."""
    return next((run.run_id for run in instance.get_runs(dg.RunsFilter(job_name=JOB), limit=1)), "")


def hindrance(instance: dg.DagsterInstance, since: float, tags: dict[str, str], *, once: bool) -> str:
    """Return why no run is to be started for some work now, "" if one is.

    since: when the work came (s since 1970); runs (with `tags`, if any are given) that ended later had it to do. After
    those that failed there is a pause, longer each time, and never an end. What somebody cancelled is left to people,
    and what one left that went well, if such work is done `once`.
    """
    records = instance.get_run_records(dg.RunsFilter(job_name=JOB, tags=tags), limit=_LOOKED_BACK)
    had_it = [record for record in records if _ended_at(record) > since]
    if not had_it:
        return ""
    last = had_it[0].dagster_run
    if last.status == dg.DagsterRunStatus.CANCELED:
        return f"Run {last.run_id[:8]} was cancelled: launch {JOB} when it is to go on."
    if last.status == dg.DagsterRunStatus.SUCCESS:
        return "What is left after a run that went well stays: `mm-pipeline status` says why." if once else ""
    due = _ended_at(had_it[0]) + min(FIRST_PAUSE_S * 2 ** (_failures(had_it) - 1), LONGEST_PAUSE_S)
    if due <= time.time():
        return ""
    at = datetime.fromtimestamp(due).astimezone().strftime("%H:%M:%S %Z")
    return f"Run {last.run_id[:8]} failed and left work: the next one starts at {at}."


def _failures(records: Sequence[dg.RunRecord]) -> int:
    """Return how many of the newest runs failed one after the other; one that died in silence did, too."""
    ended = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.CANCELED)
    return sum(1 for _ in takewhile(lambda record: record.dagster_run.status not in ended, records))


def _lives(instance: dg.DagsterInstance, record: dg.RunRecord) -> bool:
    if record.dagster_run.status == dg.DagsterRunStatus.QUEUED:
        return True  # it may wait for its turn as long as it likes
    events = instance.get_records_for_run(record.dagster_run.run_id, limit=1, ascending=False).records
    last_sign = max([record.create_timestamp.timestamp(), *(event.timestamp for event in events)])
    return time.time() - last_sign < _SILENT_S


def _ended_at(record: dg.RunRecord) -> float:
    return record.end_time or record.update_timestamp.timestamp()
