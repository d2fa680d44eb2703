"""The migration that the environment describes, for a command outside of a Dagster run. Starts nothing by itself."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from mm_pipeline.errors import AbortRun

if TYPE_CHECKING:  # heavy: `mm-pipeline --help` answers without Dagster
    from mm_pipeline.migration import Migration


@contextmanager
def opened_migration() -> Iterator["Migration"]:
    """The migration that the environment describes, outside of a Dagster run. Raises AbortRun where it describes none."""
    import dagster as dg

    try:
        from mm_pipeline.definitions import resources
    except dg.DagsterInvalidDefinitionError as wrong:
        raise AbortRun(str(wrong)) from wrong
    from mm_pipeline.migration import Migration

    with ExitStack() as live:
        mm, postgres, slack, plan_choices = (
            live.enter_context(resource.process_config_and_initialize_cm()) for resource in resources().values()
        )
        yield Migration(mm, postgres, slack, plan_choices)
