"""The plots as SVG: read as text and as shapes, without a browser."""

import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pandas as pd
import pytest

from mm_pipeline.report import tables
from mm_pipeline.report.plots import NARROW, WIDE, plots
from mm_pipeline.report.sheet import width_of
from mm_pipeline_tests.report.documents import HOSTILE, a_document, a_month

_SVG = "{http://www.w3.org/2000/svg}"
#: Whoever has no home, many fonts or Japanese channels: nothing is said, nothing stays, no browser's engine is loaded.
_ALONE = """
import resource, sys
import pandas
from mm_pipeline.report import page
from mm_pipeline.report.plots import plots
assert "matplotlib" not in sys.modules
months = pandas.DataFrame({"label": ["港の話題", "🚢 $x$\\n"], "month": ["2024-05", "2024-06"], "staged": [4, 5], "there": [4, 5]})
months.groupby("label").sum()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
drawn = plots(months)
assert "港の話題" in drawn[1].wide and "🚢 $x$\\n" in drawn[1].wide
assert not [name for name in sys.modules if "pyplot" in name]
assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 80 * 1024
"""


class Box(NamedTuple):
    words: str
    left: float
    right: float
    baseline: float


def frame(channels: int = 2, months: int = 3, there: bool = True) -> pd.DataFrame:
    labels = {f"C{number}": f"channel-{number}" for number in range(channels)}
    counted = [
        a_month(
            channel,
            f"{2014 + at // 12}-{at % 12 + 1:02}",
            1 + 9 ** (number % 8),
            1 + 9 ** (number % 8) if there else None,
        )
        for number, channel in enumerate(labels)
        for at in range(months)
    ]
    return tables.months(a_document(0, labels=labels, months=counted))


def drawings(months: pd.DataFrame) -> list[str]:
    return [svg for plot in plots(months) for svg in (plot.wide, plot.narrow)]


def boxes(svg: str) -> Iterator[Box]:
    """Return each text's place."""
    for one in ElementTree.fromstring(svg).iter(f"{_SVG}text"):
        x, width = float(one.attrib["x"]), width_of(one.text or "")
        left = x - width * {"middle": 0.5, "end": 1.0}.get(one.get("text-anchor", "start"), 0.0)
        yield Box(one.text or "", left, left + width, float(one.attrib["y"]))


def ends(svg: str, color: str) -> list[float]:
    """Return how high the bars of a colour reach, px from the top."""
    paths = [one.attrib["d"] for one in ElementTree.fromstring(svg).iter(f"{_SVG}path") if one.get("fill") == color]
    return [
        min(map(float, re.findall(r"[ML] \S+ ([\d.]+)", bar)))
        for path in paths
        for bar in path.split("z")
        if bar.strip()
    ]


@pytest.mark.parametrize(("channels", "months"), [(1, 1), (3, 5), (9, 36), (6, 160), (2, 700)], ids=str)
def test_every_label_is_whole_and_none_touches_another(channels: int, months: int) -> None:
    for at, svg in enumerate(drawings(frame(channels, months))):
        labels = list(boxes(svg))
        assert len(labels) > 3
        for one in labels:
            assert one.left >= -0.1, one
            assert one.right <= (NARROW if at % 2 else WIDE), one
        for one, other in combinations(labels, 2):
            apart = one.right + 3 < other.left or other.right + 3 < one.left
            assert apart or abs(one.baseline - other.baseline) >= 12, (one, other)


def test_where_all_is_there_both_bars_end_at_one_height() -> None:
    months = frame(channels=1)
    months.loc[1, "there"] = 1
    for svg in drawings(months)[:2]:
        slack, mattermost = ends(svg, "var(--slack)"), ends(svg, "var(--mattermost)")
        assert len(slack) == len(mattermost) == 3
        assert [one == other for one, other in zip(slack, mattermost, strict=True)] == [True, False, True]
        assert mattermost[1] > slack[1]


def test_without_a_server_there_are_slacks_bars_alone() -> None:
    for svg in drawings(frame(there=False)):
        assert "var(--slack)" in svg
        assert "var(--mattermost)" not in svg


def test_a_bar_counts_more_than_a_month_where_that_could_not_be_seen_and_it_is_said() -> None:
    for months, wide, narrow in [(24, "month", "month"), (120, "month", "quarter"), (400, "quarter", "year")]:
        first = plots(frame(1, months))[0]
        assert f"messages per {wide}<" in first.wide
        assert f"messages per {narrow}<" in first.narrow
        assert len(ends(first.narrow, "var(--slack)")) == -(-months // {"month": 1, "quarter": 3, "year": 12}[narrow])


def test_figures_are_round_and_written_as_in_the_tables() -> None:
    words = [one.words for svg in drawings(frame(7, 2)) for one in boxes(svg)]
    assert "1\u202f000\u202f000" in words
    figures = {int(word.replace("\u202f", "")) for word in words if re.fullmatch(r"[\d\u202f]+", word)}
    assert len(figures) > 10
    assert {f"{figure:e}"[:3] for figure in figures} <= {f"{figure}.{rest}" for figure in range(10) for rest in "05"}


def test_the_page_decides_colours_and_font_and_no_drawing_knows_another() -> None:
    for svg in drawings(frame()):
        assert not re.search(r"#|\bid=|style|font-family|url\(|<image|<!", svg)
        colours = set(re.findall(r'(?:fill|stroke)="([^"]*)"', svg))
        assert colours <= {"none", "var(--slack)", "var(--mattermost)", "var(--soft)", "var(--line)"}


def test_the_same_numbers_are_the_same_drawing() -> None:
    assert drawings(frame()) == drawings(frame())


def test_what_people_wrote_is_text() -> None:
    months = frame(1)
    months["label"] = HOSTILE
    for svg in drawings(months)[2:]:
        assert not re.search(r"<(?!/?(svg|path|text)\b)", svg)
        assert any(one.words.startswith("<script>") and one.words.endswith("…") for one in boxes(svg))


def test_it_says_nothing_leaves_nothing_and_needs_little_memory(tmp_path: Path) -> None:
    environment = {
        "HOME": "/nowhere",
        "MPLCONFIGDIR": "/nowhere",
        "MPLBACKEND": "none of these",
        "TMPDIR": str(tmp_path),
    }
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", _ALONE],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert not list(tmp_path.iterdir())
