"""How quick it goes, and how long it will take, by what was seen in the last minute or so. Reads no rows."""

from collections import deque

#: Seconds that are looked back on: a job leaps when it ends, so a shorter time sees nothing, or too much.
_LOOKED_BACK_S = 90.0


class Pace:
    """The rate of one kind of rows. Times are seconds of any one clock."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def see(self, at: float, done: int) -> None:
        """Take note of how many are done at a time. Fewer than before: they were taken back, and it begins anew."""
        if self._seen and done < self._seen[-1][1]:
            self._seen.clear()
        self._seen.append((at, done))
        while len(self._seen) > 2 and self._seen[1][0] <= at - _LOOKED_BACK_S:
            self._seen.popleft()

    @property
    def per_second(self) -> float:
        """Rows per second; 0 where nothing tells."""
        if len(self._seen) < 2:
            return 0.0
        (began, first), (now, last) = self._seen[0], self._seen[-1]
        return (last - first) / (now - began) if now > began else 0.0

    def left_s(self, undone: int) -> float | None:
        """Return in how many seconds the rest will be done, or None where nothing tells."""
        rate = self.per_second
        return undone / rate if rate > 0 else None


def duration(seconds: float) -> str:
    """Return a time as people say it: 12 s, 3 min 20 s, 2 h 5 min."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
