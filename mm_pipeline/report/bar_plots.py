"""The report's three plots, each for a width. Decides no colour: the page's CSS does.

Slack is the wide pale bar, Mattermost the narrow strong one in front of it: where both end at one height, all is there.
"""

from typing import TYPE_CHECKING

import numpy as np

from mm_pipeline.report.plots import WIDE
from mm_pipeline.report.sheet import LETTERS, MATTERMOST, SLACK, Axes, Counts, Sheet, bars, cut, round_counts, width_of
from mm_pipeline.report.time_axis import TimeAxis, time_axis

if TYPE_CHECKING:
    import pandas as pd

_MOST_CHANNELS = 25  #: of a plot; the table below has all
_COUNTED = ["staged", "there"]
_SHARES = ((SLACK, 0.86), (MATTERMOST, 0.42))  #: of the room for a bar
_MOST_ROOM = 40  #: px of it: two months are no walls
_HEAD, _FOOT = 28, 24  #: px for the words above a plot, and for the labels below it
_LEFT = 64  #: px for labels, at most
_RIGHT = 34  #: px: half of the last label stands beyond its bar
_PAD, _CLEAR = 8, 14  #: px between a label and its plot, and between two labels


def by_month(months: "pd.DataFrame", width: int) -> Sheet:
    """Return all channels' messages per month."""
    time = time_axis(months["month"], width - _LEFT - _RIGHT)
    counts = _over_time(months, time)
    ticks = round_counts(_top(counts), 5)
    left, height = _room(ticks), 200
    sheet = Sheet(width, _HEAD + height + _FOOT)
    sheet.write(0, LETTERS, f"messages per {time.what}")
    _draw_over_time(sheet.axes(left, _HEAD, width - left - _RIGHT, height), counts, time, ticks)
    return sheet


def by_channel(months: "pd.DataFrame", width: int) -> Sheet:
    """Return the largest channels' messages."""
    left, row = (200 if width == WIDE else 116), 22
    summed = months.groupby("label", as_index=False)[_COUNTED].sum(min_count=1)
    counts = summed.sort_values(["staged", "label"], ascending=[False, True]).head(_MOST_CHANNELS)
    head = _HEAD if len(summed) > len(counts) else 0
    inner, height = width - left - _RIGHT, row * len(counts)
    sheet = Sheet(width, head + height + _FOOT)
    if head:
        sheet.write(0, LETTERS, f"messages of the {len(counts)} largest of {_figure(len(summed))}")
    axes = sheet.axes(left, head, inner, height)
    top = _top(counts)
    ticks = round_counts(top, min(6, inner / (width_of(_figure(top)) + _CLEAR)))
    axes.set_xticks(ticks[ticks <= top], map(_figure, ticks[ticks <= top]))
    axes.set(xlim=(0, top), ylim=(len(counts), 0), yticks=[])
    middles = np.arange(len(counts)) + 0.5
    _draw(axes, middles, counts, 1, upright=False)
    for middle, label in zip(middles, counts["label"], strict=True):
        sheet.write(left - _PAD, head + row * middle + LETTERS / 3, cut(label, left - 2 * _PAD), "right")
    return sheet


def by_channel_and_month(months: "pd.DataFrame", width: int) -> Sheet:
    """Return the largest channels' messages per month, a small plot each."""
    columns, most, gap, height = (3, 12, 14, 90) if width == WIDE else (1, 6, 0, 90)
    each, row = (width - gap * (columns - 1)) / columns, _HEAD + height + _FOOT + 8
    sums = months.groupby("label")["staged"].sum().sort_values(ascending=False, kind="stable").head(most)
    time = time_axis(months[months["label"].isin(sums.index)]["month"], each - _LEFT - _RIGHT)
    counts = {label: _over_time(months[months["label"] == label], time) for label in sums.index}
    ticks = {label: round_counts(_top(counted), 3) for label, counted in counts.items()}
    left = max(map(_room, ticks.values()))
    sheet = Sheet(width, _HEAD + row * -(-len(counts) // columns))
    sheet.write(0, LETTERS, f"messages per {time.what}")
    for number, label in enumerate(counts):
        x, y = number % columns * (each + gap) + left, number // columns * row + 2 * _HEAD
        sheet.write(x, y - 10, cut(str(label), each - left))
        _draw_over_time(sheet.axes(x, y, each - left - _RIGHT, height), counts[label], time, ticks[label])
    return sheet


def _over_time(months: "pd.DataFrame", time: TimeAxis) -> "pd.DataFrame":
    """Return what each bar counts, by its first month."""
    return months.groupby(months["month"].map(time.start))[_COUNTED].sum(min_count=1)


def _draw_over_time(axes: Axes, counts: "pd.DataFrame", time: TimeAxis, ticks: Counts) -> None:
    px = time.period * axes.bbox.width / (time.after - time.first)
    labels = time.labels(px, width_of)
    axes.set_xticks(list(labels), list(labels.values()))
    axes.set_yticks(ticks, map(_figure, ticks))
    axes.set(xlim=(time.first, time.after), ylim=(0, ticks[-1]))
    axes.grid(visible=False, axis="x")
    room = time.period * min(1, _MOST_ROOM / px)
    _draw(axes, counts.index.to_numpy() + time.period / 2, counts, room, upright=True)


def _draw(axes: Axes, at: Counts, counts: "pd.DataFrame", room: float, upright: bool) -> None:
    for (color, share), counted in zip(_SHARES, _COUNTED, strict=True):
        bars(axes, at, counts[counted].to_numpy(dtype=float, na_value=np.nan), share * room, color, upright)


def _top(counts: "pd.DataFrame") -> int:
    return max(1, int(counts[_COUNTED].max().max()))


def _room(ticks: Counts) -> float:
    """Return the px that an axis of counts needs left of a plot."""
    return width_of(_figure(ticks[-1])) + _PAD


def _figure(count: float) -> str:
    """Return a count as the page writes it."""
    return f"{count:,.0f}".replace(",", "\u202f")
