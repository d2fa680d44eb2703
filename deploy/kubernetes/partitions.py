"""Launches a migration with a run for each partition, so that Dagster's launcher gives each a pod of its own. Knows no rule.

    python deploy/kubernetes/partitions.py --workers 8 --host 127.0.0.1 --port 3000

In waves: staging and the plan; then type by type, all partitions side by side; the whole job, for what is left (finish, report).
A wave ends before the next begins, because pods start when they like, and a run waits but seconds for one that has not begun.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from dagster import DagsterRunStatus
from dagster_graphql import DagsterGraphQLClient

_JOB = "slack_to_mattermost"
#: Dagster's own name for what runs assets that are launched by themselves.
_ASSETS = "__ASSET_JOB"
_FRONT = ["slack_export", "plan"]
_TYPES = ["user", "custom_emoji", "attachment", "channel", "message", "reaction"]
_ENDED = {DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED}
_EVERY_S = 5.0


def main() -> int:
    """Launch one wave after the other; return 0 when all runs went well, 1 after the first wave that did not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, required=True, help="EXPORT_WORKERS of the code location")
    parser.add_argument("--host", default="127.0.0.1", help="of Dagster's web server")
    parser.add_argument("--port", type=int, default=3000, help="of Dagster's web server")
    asked = parser.parse_args()
    client = DagsterGraphQLClient(asked.host, port_number=asked.port)
    for name, launches in waves(asked.workers):
        statuses = _ended(client, [client.submit_job_execution(**launch) for launch in launches])
        for run, status in statuses.items():
            print(f"{name}: run {run[:8]} ended as {status.value}", flush=True)
        if set(statuses.values()) != {DagsterRunStatus.SUCCESS}:
            print("Its page in the UI says why. When that is mended, the same command goes on.", file=sys.stderr)
            return 1
    return 0


def waves(workers: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the name of each wave, and how its runs are submitted."""
    yield "plan", [{"job_name": _ASSETS, "asset_selection": _FRONT}]
    for one in _TYPES:
        launch = {"job_name": _ASSETS, "asset_selection": [one]}
        yield one, [{**launch, "tags": {"dagster/partition": str(partition)}} for partition in range(workers)]
    yield "rest", [{"job_name": _JOB}]


def _ended(client: DagsterGraphQLClient, runs: Sequence[str]) -> dict[str, DagsterRunStatus]:
    """Wait until all runs have ended; return what they ended as."""
    while True:
        statuses = {run: client.get_run_status(run) for run in runs}
        if set(statuses.values()) <= _ENDED:
            return statuses
        time.sleep(_EVERY_S)


if __name__ == "__main__":
    sys.exit(main())
