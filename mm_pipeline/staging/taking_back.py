"""Takes back the export that was staged last, as long as nothing of it can be on the server. Reads no export, asks no server.

The one place that removes rows: nobody but this database has seen them.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

import msgspec
import psycopg

from mm_pipeline.db.advisory_lock import advisory_lock, staging_of, work_on
from mm_pipeline.errors import AbortRun
from mm_pipeline.model import EntityType
from mm_pipeline.staging.loader import QUERIES

#: What goes on from rows that an export has begun to send.
_INSTEAD = (
    "MM_UNTIL with the day of the earlier export leaves newer messages behind, and `mm-pipeline rollback` takes back what is on the "
    "server."
)


class TakenBack(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the rows."""

    name: str  #: of the export
    removed: dict[str, int]  #: per type, rows that it had brought
    restored: int  #: rows that it had told otherwise


def take_back(connect: Callable[[], psycopg.Connection], workspace: str) -> TakenBack:
    """Have the rows of a workspace be as they were before its newest export was staged; the plan is looked at once more.

    Raises AbortRun, and changes nothing, where that cannot be.
    """
    key = {"workspace": workspace}
    # The work alone, too: a step that is at work sends these very rows.
    with (
        connect() as connection,
        advisory_lock(connection, staging_of(workspace)),
        advisory_lock(connection, work_on(workspace)),
        connection.transaction(),
    ):
        fingerprint, name, staged_at = _newest(connection, workspace)
        of_it = key | {"staged_at": staged_at}
        restored = connection.execute(QUERIES["restore_replaced"], of_it).rowcount
        removed = Counter(kind for (kind,) in connection.execute(QUERIES["remove_added"], of_it))
        for statement in ("forget_replaced", "forget_decisions", "forget_parts_of_none", "look_at_plan_again"):
            connection.execute(QUERIES[statement], of_it)
        connection.execute(QUERIES["forget_staged"], key | {"fingerprint": fingerprint})
    return TakenBack(name=name, removed=dict(removed), restored=restored)


def _newest(connection: psycopg.Connection, workspace: str) -> tuple[str, str, datetime]:
    """Return fingerprint, name and moment of the export that was staged last. Raises AbortRun where it must stay."""
    found = connection.execute(QUERIES["staged_last"], {"workspace": workspace}).fetchone()
    if found is None:
        raise AbortRun("No export is staged: there is nothing to take back.")
    fingerprint, name, staged_at = found
    if staged_at is None:
        raise AbortRun(
            "The export was staged by an earlier version, which did not keep what it took the place of: it cannot be taken back. "
            "Begin anew with another MM_PIPELINE_STATE."
        )
    begun = {"workspace": workspace, "staged_at": staged_at, "steps": [kind.value for kind in EntityType]}
    has_begun = connection.execute(QUERIES["export_has_begun"], begun).fetchone()
    if has_begun and has_begun[0]:
        raise AbortRun(f"{name} cannot be taken back: an export has begun since it was staged. {_INSTEAD}")
    return fingerprint, name, staged_at
