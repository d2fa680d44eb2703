"""Dagster stores the text of an error and of all that it was made from; no secret gets there, and a bug keeps its traceback."""

from collections.abc import Callable

import dagster as dg
import pytest

from mm_pipeline.assets.failure import told_to_dagster
from mm_pipeline.errors import AbortRun

TOKEN = "xoxe-1234567890-orchard"


def _sentence() -> None:
    raise AbortRun("The server is away.") from ConnectionError(f"Max retries exceeded with url: /files/F0?t={TOKEN}")


def _bug() -> None:
    raise KeyError(f"https://files.slack.com/F0?t={TOKEN}")


def _harmless_bug() -> None:
    raise KeyError("a name")


def _stored(work: Callable[[], None]) -> str:
    """Return what the event log holds of an asset that does some work."""

    @dg.asset
    def garden() -> None:
        with told_to_dagster():
            work()

    instance = dg.DagsterInstance.ephemeral()
    result = dg.materialize([garden], instance=instance, raise_on_error=False)
    assert not result.success
    return "\n".join(dg.serialize_value(entry) for entry in instance.all_logs(result.run_id))


def test_a_sentence_is_stored_without_a_cause_that_holds_a_token() -> None:
    stored = _stored(_sentence)

    assert "The server is away." in stored
    assert TOKEN not in stored


@pytest.mark.parametrize("bug", [_bug, _harmless_bug])
def test_a_bug_is_stored_with_its_traceback_and_without_a_token(bug: Callable[[], None]) -> None:
    stored = _stored(bug)

    assert f"in {bug.__name__}" in stored
    assert "KeyError" in stored
    assert TOKEN not in stored
