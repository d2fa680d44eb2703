"""What a server keeps to itself of its past, in sentences: a licence hides old posts, data retention deletes them. Asks nothing.

A licence that limits the message history (Entry has one from 11 on) shows the newest posts only, to administrators too.
It is worked out every 30 minutes, so it may begin in the middle of a run (facts: 11.4's source, ComputeLastAccessiblePostTime).
"""

import time

from mm_pipeline.errors import DELETED_BY_RETENTION, AbortRun, RowFailed
from mm_pipeline.mattermost.on_server import Server

#: How to be rid of the limit for the migration.
REMEDY = (
    "Do the migration with a licence that shows all posts, or with none (where the server gives itself one, "
    "MM_FEATUREFLAGS_ENABLEMATTERMOSTENTRY=false in its environment keeps it from that), then run the same command again"
)


def hides(before: int) -> AbortRun:
    """Return what stops a run that looks for posts which the server hides: those up to `before` (ms)."""
    day = time.strftime("%Y-%m-%d", time.gmtime(before / 1000))
    return AbortRun(
        f"The server hides its posts up to {day}, because its licence limits the message history: what is there cannot be "
        f"told from what is missing, so nothing is sent again. {REMEDY}."
    )


def absent(server: Server, create_at: int) -> RowFailed:
    """Return why a post (of `create_at`, ms) is not there though its job went well."""
    age_hours = (time.time() - create_at / 1000) / 3600
    if server.retention_hours and age_hours > server.retention_hours:
        return RowFailed(f"{DELETED_BY_RETENTION}: it came and is gone. Switch that off, then try again.")
    return RowFailed(
        "The import job said success, but the post is not there: the server's log says why; mend that, then try again."
    )
