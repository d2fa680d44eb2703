"""Tells Dagster in one sentence what stopped a step, or the tick of a sensor. Catches nothing that is a bug."""

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
        raise dg.Failure(description=masked(str(error)), allow_retries=False) from error
