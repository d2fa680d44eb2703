"""Gives each message of one channel a millisecond of its own. Knows no rows and no files.

Slack counts messages in microseconds (and often in mere sequence numbers), Mattermost in milliseconds: cut, several messages of a channel
meet in one. They get +1 ms each, in ts order. A time that was given once is never given again, nor changed by a newer export.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, pairwise

#: A message's place: its ts in microseconds and, where several share it, which of them (1, 2 ...).
Moment = tuple[int, int]


class Timeline:
    """The times of one channel. Holds only those that differ from the ts, whatever the channel's size."""

    def __init__(
        self, stamps: Sequence[int], copies: Mapping[int, int], staged: Mapping[Moment, int], taken: Iterable[int] = ()
    ) -> None:
        """Go through the channel's `stamps` (us, ascending, repeats allowed).

        copies: how many different messages share a ts (us), where more than one do.
        staged: ms of the messages that an earlier export brought; taken: further ms that are in use.
        """
        self._moved: dict[Moment, int] = {}
        used = {*staged.values(), *taken}
        last = -1
        for us, _ in groupby(stamps):
            for copy in range(1, copies.get(us, 1) + 1):
                ms = staged.get((us, copy))
                if ms is None:
                    ms = max(us // 1000, last + 1)
                    while ms in used:
                        ms += 1
                if ms != us // 1000:
                    self._moved[us, copy] = ms
                last = max(last, ms)

    def ms(self, us: int, copy: int = 1) -> int:
        """Return the ms (since the epoch) of the message at a ts (us)."""
        return self._moved.get((us, copy), us // 1000)


def ascending(stamps: Iterable[int]) -> Sequence[int]:
    """Return stamps in order, 8 bytes each: Slack's day files are in order, sorting is the exception."""
    given = array("q", stamps)
    return given if all(a <= b for a, b in pairwise(given)) else array("q", sorted(given))


def repeated(stamps: Sequence[int]) -> set[int]:
    """Return the stamps that stand more than once in an ascending row."""
    return {a for a, b in pairwise(stamps) if a == b}
