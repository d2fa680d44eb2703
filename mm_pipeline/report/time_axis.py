"""An axis of time in months: what a bar counts, and which labels have room. Draws nothing."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

#: How many months a bar may count, the finest first, and what they are called.
PERIODS = {1: "month", 3: "quarter", 12: "year"}
_FINEST = 4  # px of room for a bar
_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200)  # months from a label to the next
_CLEAR = 12  # px at least between two labels
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class TimeAxis(NamedTuple):
    """From the first month to the one after the last, counted from the year 0; and how many of them a bar counts."""

    first: int
    after: int
    period: int

    @property
    def what(self) -> str:
        """What one bar counts: a month, a quarter, a year."""
        return PERIODS[self.period]

    def start(self, month: str) -> int:
        """Return the first month of the bar that counts a month like 2024-05."""
        return _number(month) // self.period * self.period

    def labels(self, px: float, width_of: Callable[[str], float]) -> dict[float, str]:
        """Return the middles of bars, each of which has so many px, and the month or year to write there: as many as have room."""
        labels: dict[float, str] = {}
        for step in _STEPS:
            if step % self.period:
                continue
            starts = range(-(-self.first // step) * step, self.after, step)
            labels = {start + self.period / 2: _label(start, step) for start in starts}
            widest = max(map(width_of, labels.values()), default=0)
            if widest + _CLEAR <= px * step / self.period:
                break
        return labels


def time_axis(months: Iterable[str], width: float) -> TimeAxis:
    """Return the axis of months like 2024-05 on so many px: by month while a bar of that can be seen, else by more."""
    numbers = [_number(month) for month in months]
    first, after = min(numbers), max(numbers) + 1
    period = next((one for one in PERIODS if one * width / (after - first) >= _FINEST), max(PERIODS))
    return TimeAxis(first // period * period, -(-after // period) * period, period)


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _label(month: int, step: int) -> str:
    return f"{month // 12}" if step >= 12 else f"{_NAMES[month % 12]} {month // 12}"
