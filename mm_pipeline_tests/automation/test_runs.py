"""When work that a run has left is due again, and which runs are at work: neither a storm nor silence for ever."""

import time
from collections.abc import Iterator
from types import SimpleNamespace

import dagster as dg
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.test_utils import create_run_for_test  # Dagster offers no public way to make a run without a job

from mm_pipeline import runs
from mm_pipeline.runs import FIRST_PAUSE_S, JOB, LONGEST_PAUSE_S, hindrance, in_flight

Status = dg.DagsterRunStatus
EARLIER = 1.0  #: a time long before all runs of these tests


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as made:
        yield made


def ended(instance: dg.DagsterInstance, *statuses: Status, **tags: str) -> None:
    """Let runs of the job end so, one after the other."""
    for status in statuses:
        run = create_run_for_test(instance, job_name=JOB, status=Status.STARTED, tags=tags)
        if status == Status.FAILURE:
            instance.report_run_failed(run)
        elif status == Status.CANCELED:
            instance.report_run_canceled(run)
        else:
            instance.report_dagster_event(dg.DagsterEvent(dg.DagsterEventType.PIPELINE_SUCCESS.value, JOB), run.run_id)


def hindered(instance: dg.DagsterInstance, since: float = EARLIER, *, once: bool = False, **tags: str) -> str:
    return hindrance(instance, since, tags, once=once)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch):
    """Let so many seconds pass."""

    def pass_by(seconds: float) -> None:
        now = time.time() + seconds
        monkeypatch.setattr(runs, "time", SimpleNamespace(time=lambda: now))

    return pass_by


def test_work_that_no_run_has_had_is_due_at_once(instance):
    assert hindered(instance) == ""
    ended(instance, Status.FAILURE)
    assert hindered(instance, since=time.time() + 1) == ""


@pytest.mark.parametrize(("failures", "pause_s"), [(1, 300), (2, 600), (4, 2400), (5, 3600), (12, 3600)])
def test_what_failed_runs_left_is_due_after_a_pause_that_grows_to_an_hour(instance, later, failures, pause_s):
    ended(instance, Status.SUCCESS, *[Status.FAILURE] * failures)
    later(pause_s - 30)
    assert "failed and left work: the next one starts at" in hindered(instance)
    later(pause_s + 1)
    assert hindered(instance) == ""
    assert FIRST_PAUSE_S <= pause_s <= LONGEST_PAUSE_S


def test_a_run_that_went_well_in_between_ends_the_row_of_failures(instance, later):
    ended(instance, Status.FAILURE, Status.FAILURE, Status.SUCCESS, Status.FAILURE)
    later(FIRST_PAUSE_S + 1)
    assert hindered(instance) == ""


def test_what_somebody_cancelled_is_left_to_people(instance, later):
    ended(instance, Status.CANCELED)
    later(10 * LONGEST_PAUSE_S)
    assert "was cancelled: launch slack_to_mattermost" in hindered(instance)


def test_what_a_run_that_went_well_left_is_not_tried_for_ever(instance):
    ended(instance, Status.SUCCESS)
    assert "stays" in hindered(instance, once=True)
    assert hindered(instance) == ""


def test_an_export_of_the_inbox_is_put_off_by_its_own_failures_alone(instance):
    ended(instance, Status.FAILURE, work="a.zip")
    assert hindered(instance, work="b.zip") == ""
    assert "failed" in hindered(instance, work="a.zip")


@pytest.mark.parametrize("status", [Status.NOT_STARTED, Status.STARTING, Status.STARTED, Status.CANCELING])
def test_a_run_is_at_work_until_it_has_been_silent_for_half_an_hour(instance, later, status):
    """A machine that goes down leaves its run STARTED, and Dagster never ends it."""
    create_run_for_test(instance, job_name=JOB, status=status)
    assert in_flight(instance)
    later(1700)
    assert in_flight(instance)
    later(1900)
    assert not in_flight(instance)
    assert hindered(instance) == ""


def test_a_run_in_the_queue_is_waited_for_as_long_as_it_waits(instance, later):
    here = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("here"), "of these tests")
    create_run_for_test(instance, job_name=JOB, status=Status.QUEUED, remote_job_origin=RemoteJobOrigin(here, JOB))
    later(100_000)
    assert in_flight(instance)


def test_other_jobs_are_no_concern(instance):
    create_run_for_test(instance, job_name="something_else", status=Status.STARTED)
    assert not in_flight(instance)
