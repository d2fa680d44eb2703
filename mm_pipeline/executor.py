"""Where the steps of a run are executed: all in one process, or each in one of its own. Knows no step."""

from typing import Any

import dagster as dg


@dg.configured(
    dg.multi_or_in_process_executor,
    config_schema=dg.Field(
        dg.Selector(  # type: ignore[no-untyped-call]
            {
                "in_process": dg.Field({}, description="All steps in one process."),
                "multiprocess": dg.Field(
                    {"max_concurrent": dg.Field(int, is_required=False, description="Steps at the same time.")},
                    description="Each step in a process of its own.",
                ),
            }
        ),
        default_value={"in_process": {}},
    ),
)
def executor(chosen: dict[str, Any]) -> dict[str, Any]:
    """In one process, unless a run's config chooses Dagster's other one by its own name: `execution: config: multiprocess`.

    Workers are threads inside a step: processes make nothing quicker, and starting them costs 6 s for each of the 16 steps
    (facts/dagster). From one that has loaded everything, as here, it is 1 s.
    """
    if "multiprocess" not in chosen:
        return chosen
    return {"multiprocess": {**chosen["multiprocess"], "start_method": {"forkserver": {}}}}
