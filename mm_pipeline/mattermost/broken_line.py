"""How often an upload that breaks off is taken up again, and after how long. Sends nothing."""

import time
from collections.abc import Callable

from mm_pipeline.errors import AbortRun, Paused
from mm_pipeline.http import ApiError

#: Of one request. The first must have 5 MiB, unless it is the whole file; what proxies let through is rarely more than 10.
PART_BYTES = 8 << 20
_BROKEN_PARTS = 5
#: Seconds, times how often it broke off.
_WAIT_S = 1.0


class BrokenLine:
    """What one upload has borne since it last got further. `passes`: whether the server says no for this moment alone."""

    def __init__(self, passes: Callable[[ApiError], bool]) -> None:
        self._passes = passes
        self._broken = self._furthest = 0

    def bear(self, cut: AbortRun | ApiError) -> None:
        """Wait until it may go on. Raises what cut it off where that is no accident, or has happened too often."""
        if isinstance(cut, Paused) or (isinstance(cut, ApiError) and not self._passes(cut)):
            raise cut
        self._broken += 1
        if self._broken > _BROKEN_PARTS:
            raise AbortRun(f"An upload breaks off time after time: {cut}") from cut
        time.sleep(self._broken * _WAIT_S)

    def reached(self, offset: int) -> None:
        """Take note of how far it is: a line that breaks now and then ends no upload that gets on."""
        if offset > self._furthest:
            self._broken, self._furthest = 0, offset
