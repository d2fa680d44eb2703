"""Slack against Mattermost as plots: SVG whose colours the page's CSS decides. Counts nothing.

Each plot is drawn twice, for a screen and for a phone: one drawing made smaller has labels that nobody can read. Slack is
the wide pale bar, Mattermost the narrow strong one in front of it: where both end at one height, all is there.
"""

import re
from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

WIDE, NARROW = 860, 320  #: px
#: Channels of a plot; the table below has all.
_MOST_CHANNELS, _MOST_SMALL = 25, {WIDE: 12, NARROW: 6}
_SLACK, _MATTERMOST = "var(--slack)", "var(--mattermost)"
_INK, _LINE = "var(--soft)", "var(--line)"
_CONFIG = {
    "background": "transparent",
    "padding": {
        "left": 14,
        "right": 14,
        "top": 5,
        "bottom": 5,
    },  # the reader's letters may be wider than those measured here
    "aria": False,  # else each bar says its numbers once more; the table does
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": _INK,
        "titleColor": _INK,
        "gridColor": _LINE,
        "domainColor": _LINE,
        "tickColor": _LINE,
        "labelFontSize": 12,
        "titleFontWeight": "normal",
    },
    "header": {"labelColor": _INK, "labelFontSize": 12},
}
_ID = re.compile(r'(\bid="|url\(#|href="#)(?=\w)')
_FRACTION = re.compile(r"(\.\d)\d+")  # of a pixel: a tenth will do, for half of the bytes
_DRAWN = re.compile(r'\bd="[^"]*"')


class Plot(NamedTuple):
    """One plot in two widths. What it says in words is for those who do not see it."""

    name: str
    title: str
    wide: str
    narrow: str


def plots(months: "pd.DataFrame") -> list[Plot]:
    """Draw a frame of (label, month, staged, there) - `there` may be missing - by month, by channel, and by both."""
    dated = months[months["month"] != ""]
    wanted = [
        ("months", "Messages over time", by_month, dated),
        ("channels", "Messages by channel", by_channel, months),
        ("both", "The largest channels over time", by_channel_and_month, dated),
    ]
    return [
        Plot(name, title, _svg(draw(frame, WIDE), f"{name}-wide-"), _svg(draw(frame, NARROW), f"{name}-narrow-"))
        for name, title, draw, frame in wanted
        if not frame.empty
    ]


def by_month(months: "pd.DataFrame", width: int) -> "alt.LayerChart":
    """Return all channels' messages per month."""
    import altair as alt

    summed = months.groupby("month", as_index=False)[["staged", "there"]].sum(min_count=1)
    base = alt.Chart(_days(summed)).encode(x=_time(summed["month"], width - 80))
    drawn: alt.LayerChart = _two_bars(base, "y").properties(width=width - 80, height=220)
    return drawn


def by_channel(months: "pd.DataFrame", width: int) -> "alt.LayerChart":
    """Return the largest channels' messages."""
    import altair as alt

    summed = months.groupby("label", as_index=False)[["staged", "there"]].sum(min_count=1)
    largest = summed.sort_values(["staged", "label"], ascending=[False, True]).head(_MOST_CHANNELS)
    names = 200 if width == WIDE else 110
    axis = alt.Axis(title=None, labelLimit=names - 30, ticks=False, domain=False)
    base = alt.Chart(largest).encode(y=alt.Y("label:N", sort=list(largest["label"]), axis=axis))
    drawn: alt.LayerChart = _two_bars(base, "x").properties(width=width - names - 60, height=alt.Step(22))
    return drawn


def by_channel_and_month(months: "pd.DataFrame", width: int) -> "alt.FacetChart":
    """Return the largest channels' messages per month, a small plot each."""
    import altair as alt

    largest = (
        months.groupby("label")["staged"].sum().sort_values(ascending=False, kind="stable").head(_MOST_SMALL[width])
    )
    shown = months[months["label"].isin(largest.index)]
    summed = shown.groupby(["label", "month"], as_index=False)[["staged", "there"]].sum(min_count=1)
    columns = 3 if width == WIDE else 1
    each = width // columns - 72
    base = alt.Chart(_days(summed)).encode(x=_time(summed["month"], each))
    small = _two_bars(base, "y").properties(width=each, height=90)
    facet = alt.Facet("label:N", sort=list(largest.index), header=alt.Header(title=None, labelLimit=each))
    drawn: alt.FacetChart = small.facet(facet, columns=columns).resolve_scale(y="independent")
    return drawn


def _two_bars(base: "alt.Chart", direction: str) -> "alt.LayerChart":
    """Return Slack's bars with Mattermost's in front of them."""
    import altair as alt

    channel = {"x": alt.X, "y": alt.Y}[direction]
    axis = alt.Axis(title=None, tickCount=4, tickMinStep=1, format=",d")
    thickness = {"x": "height", "y": "width"}[direction]

    def bars(counted: str, color: str, share: float) -> "alt.Chart":
        style: dict[str, Any] = {"color": color, thickness: alt.RelativeBandSize(share)}
        return cast("alt.Chart", base.mark_bar(**style).encode(**{direction: channel(f"sum({counted}):Q", axis=axis)}))

    return cast("alt.LayerChart", bars("staged", _SLACK, 0.86) + bars("there", _MATTERMOST, 0.42))


def _time(months: "pd.Series[str]", width: int) -> "alt.X":
    """Return the axis of time: by month while a bar of that is wide enough to be seen, else by quarter or year."""
    import altair as alt

    first, last = (int(month[:4]) * 12 + int(month[5:]) for month in (min(months), max(months)))
    each = width / (last - first + 1)
    unit: Any = "utcyearmonth" if each >= 4 else "utcyearquarter" if each >= 1.3 else "utcyear"
    axis = alt.Axis(title=None, format="%b %Y", labelOverlap=True, tickCount=max(2, width // 90), grid=False)
    return alt.X("day:T", timeUnit=unit, axis=axis)


def _days(months: "pd.DataFrame") -> "pd.DataFrame":
    """Vega reads a day as UTC; a month alone it would read in the time zone of the machine."""
    return months.assign(day=months["month"] + "-01")


def _svg(chart: Any, prefix: str) -> str:
    import vl_convert

    svg = vl_convert.vegalite_to_svg(chart.to_dict() | {"config": _CONFIG})
    drawn = _DRAWN.sub(lambda path: _FRACTION.sub(r"\1", path[0]), svg)
    return _ID.sub(rf"\g<1>{prefix}", drawn)  # several drawings share a page: each has ids of its own
