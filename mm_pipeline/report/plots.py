"""Slack against Mattermost as plots: SVG whose colours the page's CSS decides. Counts nothing.

Each plot is drawn twice, for a screen and for a phone: one drawing made smaller has labels that nobody can read.
"""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

WIDE, NARROW = 860, 320  #: px


class Plot(NamedTuple):
    """One plot in two widths. What it says in words is for those who do not see it."""

    name: str
    title: str
    wide: str
    narrow: str


def plots(months: "pd.DataFrame") -> list[Plot]:
    """Draw a frame of (label, month, staged, there) - `there` may be missing - by month, by channel, and by both."""
    from mm_pipeline.report import bar_plots, sheet  # and matplotlib with them

    dated = months[months["month"] != ""]
    wanted = [
        ("months", "Messages over time", bar_plots.by_month, dated),
        ("channels", "Messages by channel", bar_plots.by_channel, months),
        ("both", "The largest channels over time", bar_plots.by_channel_and_month, dated),
    ]
    with sheet.page_style():
        return [
            Plot(name, title, draw(frame, WIDE).svg(), draw(frame, NARROW).svg())
            for name, title, draw, frame in wanted
            if not frame.empty
        ]
