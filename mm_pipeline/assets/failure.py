"""Tells Dagster in one sentence what stopped a step, or the tick of a sensor. Catches nothing that is a bug."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from mm_pipeline.backend_logger import masked
from mm_pipeline.errors import PipelineError


@contextmanager
def told_to_dagster() -> Iterator[None]:
    """Turn what stops a run into a Failure whose description is the sentence for the person; never retried by itself."""
    try:
        yield
    except PipelineError as error:
        raise dg.Failure(description=masked(str(error)), allow_retries=False) from _harmless(error)
    except Exception as bug:
        if _harmless(bug):
            raise
        raise dg.Failure(description=masked(traceback.format_exc()), allow_retries=False) from None


def _harmless(error: Exception) -> Exception | None:
    """Return an error that Dagster may store, with all that it was made from, as it is: no secret stands in their texts."""
    told = "".join(traceback.format_exception(error))
    return error if masked(told) == told else None
