"""When the server will look for pending jobs next, told by when it last began one. Asks only, and promises nothing."""

import time

from mm_pipeline.mattermost.rest import Rest

#: A node looks for pending jobs so often (facts: contract 5).
LOOKS_EVERY_S = 15.0
#: After so long the looks have drifted too far to be told.
_TOLD_FOR_S = 600.0
#: Jobs that are looked at: the newest may have been withdrawn before it began.
_NEWEST = 5
#: The server's Date is cut to the second.
_DATE_S = 1.0


class JobClock:
    """The looks of one server. Where it is wrong (a cluster, another version) a job waits as long as it would anyway."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def next_look(self) -> float | None:
        """Return when the server looks next at the earliest, on the clock of `time.monotonic`; None where nothing tells it."""
        newest = self._rest.http.get("/jobs/type/import_process", {"page": 0, "per_page": _NEWEST})
        began = next((job["start_at"] for job in newest if job["start_at"]), 0)
        since_s = (self._rest.now() - began) / 1000
        if not began or since_s > _TOLD_FOR_S:
            return None
        return time.monotonic() + LOOKS_EVERY_S - since_s % LOOKS_EVERY_S - _DATE_S
