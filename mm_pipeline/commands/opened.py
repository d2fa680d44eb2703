"""The migration that the environment describes, for a command outside of a Dagster run. Starts nothing by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mm_pipeline.errors import AbortRun

if TYPE_CHECKING:  # heavy: `mm-pipeline --help` answers without Dagster
    from mm_pipeline.migration import Migration


@contextmanager
def opened_migration() -> Iterator["Migration"]:
    """The migration that the environment describes, outside of a Dagster run. Raises AbortRun where it describes none."""
    import dagster as dg

    try:
        from mm_pipeline.definitions import resources, value
    except dg.DagsterInvalidDefinitionError as wrong:
        raise AbortRun(str(wrong)) from wrong
    from mm_pipeline.migration import Migration

    # Dagster's own way to fill in the variables sets up an instance first: 2 s and 40 MiB.
    yield Migration(*resources(value).values())
