"""How quick it goes, and how long it will take, by what was seen in the last minutes. Reads no rows.

Rows come by leaps: what a job brought is settled when it has ended. So time left is told from the last leap and counted down
until the next one: a job that waits or runs makes nothing slower.
"""

from collections import deque

#: A leap is over when nothing has moved for so many seconds; what moves on and on is looked at as often as that.
_RESTED_S, _LOOKED_AT_S = 3.0, 15.0
#: Seconds that are looked back on: several jobs, of a minute or two each.
_LOOKED_BACK_S = 300.0


class Pace:
    """The rate of one kind of rows. Times are seconds of any one clock."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._ends: deque[tuple[float, int]] = (
            deque()
        )  #: of leaps: when, and how many were done then; first the beginning
        self._done = 0
        self._changed_at = 0.0
        self._moving_since: float | None = None

    def see(self, at: float, done: int, began: float | None) -> None:
        """Take note of how many are done at a time. began: when the work on them began; None before.

        Fewer than before: they were taken back, and it begins anew.
        """
        if began is None or done < self._done:
            self._begin(at, done, began)
        elif not self._ends:
            self._begin(began, done, began)
        elif self._began is None or abs(began - self._began) > 1:
            self._begin(began, self._done, began)
        if done != self._done:
            self._moving_since = at if self._moving_since is None else self._moving_since
            self._done, self._changed_at = done, at
        if self._moving_since is not None and (
            at - self._changed_at >= _RESTED_S or at - self._moving_since >= _LOOKED_AT_S
        ):
            self._ends.append((self._changed_at, self._done))
            self._moving_since = None
            while len(self._ends) > 2 and self._ends[1][0] <= self._changed_at - _LOOKED_BACK_S:
                self._ends.popleft()

    def _begin(self, at: float, done: int, began: float | None) -> None:
        self._began, self._done, self._moving_since = began, done, None
        self._ends = deque([(at, done)])

    @property
    def per_second(self) -> float:
        """Rows per second; 0 where nothing tells."""
        (began, first), (ended, last) = (self._ends[0], self._ends[-1]) if self._ends else ((0.0, 0), (0.0, 0))
        return (last - first) / (ended - began) if ended > began else 0.0

    def left_s(self, at: float, undone: int) -> float | None:
        """Return in how many seconds the rest will be done, or None where nothing tells, or it should be by now."""
        if not self.per_second:
            return None
        ended, last = self._ends[-1]
        left_s = (undone + self._done - last) / self.per_second - (at - ended)
        return left_s if left_s > 0 else None


def duration(seconds: float) -> str:
    """Return a time as people say it: 12 s, 3 min 20 s, 2 h 5 min."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
