"""An archive that is not full goes when the server would stand still beside it."""

import pytest

from mm_pipeline.mattermost import departure
from mm_pipeline.mattermost.departure import Departure

_NOW = 1000.0
_FULL = 100_000


def goes(monkeypatch: pytest.MonkeyPatch, *, look: float | None, after_s: float, posts: int) -> bool:
    """Whether an archive goes that holds so many posts so many seconds after it was begun; `look`: seconds after that."""
    clock = iter([_NOW, _NOW + after_s])
    monkeypatch.setattr(departure.time, "monotonic", lambda: next(clock))
    return Departure(None if look is None else _NOW + look, _FULL).is_now(posts)


@pytest.mark.parametrize(
    ("look", "after_s", "posts", "expected"),
    [
        pytest.param(5, 3.6, 5_000, True, id="the server is about to look"),
        pytest.param(5, 3.4, 5_000, False, id="there is time for more"),
        pytest.param(5, 3.6, 4_999, False, id="it is not worth a job"),
        pytest.param(5, 6, 5_000, False, id="the server has just looked"),
        pytest.param(5, 18.6, 5_000, True, id="it looks again fifteen seconds later"),
        pytest.param(6, 1, 14_000, True, id="no time to fill it, and enough until the server looks again"),
        pytest.param(6, 1, 13_999, False, id="no time to fill it, and too little until the server looks again"),
        pytest.param(9, 1, 14_000, False, id="time to fill it"),
        pytest.param(9, 5, 30_000, True, id="time to fill it as it seemed, and then it was packed slowly"),
        pytest.param(None, 20, 99_999, False, id="nobody knows when the server looks"),
    ],
)
def test_an_archive_goes(
    monkeypatch: pytest.MonkeyPatch, look: float | None, after_s: float, posts: int, expected: bool
) -> None:
    assert goes(monkeypatch, look=look, after_s=after_s, posts=posts) is expected
