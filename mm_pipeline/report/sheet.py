"""A drawing by matplotlib as SVG that takes its colours and its font from the page. Knows nothing of what is drawn.

All of matplotlib enters here, and late: it costs 26 MiB and 0.7 s. Never pyplot: that keeps each figure, and looks for a screen.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from html import escape
from io import StringIO
from tempfile import TemporaryDirectory
from typing import Any, Literal
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray


@contextmanager
def _nothing_of_the_users() -> Iterator[None]:
    """Let matplotlib find no settings and leave no files: there may be no home, and hundreds of fonts take seconds to list.

    It asks the environment when it is imported. Its own fonts, which the drawings are laid out by, it lists in 0.2 s.
    """
    with TemporaryDirectory(prefix="mm_pipeline-") as folder:
        ours = {
            "MPLCONFIGDIR": folder,
            "MATPLOTLIBRC": folder,
            "MPL_IGNORE_SYSTEM_FONTS": "yes",
            "MPLBACKEND": "svg",
        }
        before = {name: value for name, value in os.environ.items() if name in ours}
        os.environ.update(ours)
        try:
            yield
        finally:
            for name in ours:
                os.environ.pop(name, None)
            os.environ.update(before)


with _nothing_of_the_users():
    from matplotlib import rc_context
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font, LoadFlags
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path
    from matplotlib.ticker import MaxNLocator

__all__ = [
    "LETTERS",
    "MATTERMOST",
    "SLACK",
    "Axes",
    "Counts",
    "Sheet",
    "bars",
    "cut",
    "page_style",
    "round_counts",
    "width_of",
]

Counts = NDArray[np.floating[Any]]
LETTERS = 12  #: px
#: What is drawn in these colours is drawn in the page's, light or dark.
SLACK, MATTERMOST, INK, LINE = (f"#00000{number}" for number in range(1, 5))
_VARIABLES = {SLACK: "var(--slack)", MATTERMOST: "var(--mattermost)", INK: "var(--soft)", LINE: "var(--line)"}
_PER_INCH = 72  # then a point, which matplotlib measures in, is one of the page's px
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text
    "text.parse_math": False,
    "text.color": INK,
    "font.size": LETTERS,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 1,
    **{f"{axis}tick.labelcolor": INK for axis in "xy"},
    **{f"{axis}tick.major.size": 0 for axis in "xy"},
    **{f"{axis}tick.major.pad": 8 for axis in "xy"},
}
_SVG = "{http://www.w3.org/2000/svg}"
#: Of matplotlib's style for a text or a path, what the page does not say better.
_KEPT = ("fill", "stroke", "stroke-width", "text-anchor")
_CORNERS = np.array([Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY], dtype=Path.code_type)


def page_style() -> AbstractContextManager[None]:
    """Return the context that sheets are made and drawn in."""
    return rc_context(_STYLE)


class Sheet:
    """A drawing of so many px; places are px from its left and its top. Lives in page_style()."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._figure = Figure((width / _PER_INCH, height / _PER_INCH), dpi=_PER_INCH, frameon=False)
        self._words: list[str] = []

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Return axes whose inner part lies there."""
        below = self._height - top - height
        of_all = (left / self._width, below / self._height, width / self._width, height / self._height)
        return self._figure.add_axes(of_all, frame_on=False)

    def write(self, x: float, baseline: float, words: str, align: Literal["left", "right"] = "left") -> None:
        """Write what people wrote. matplotlib gets to see its number: it warns of letters that its own font lacks."""
        at = (x / self._width, 1 - baseline / self._height)
        self._figure.text(*at, str(len(self._words)), ha=align, va="baseline", gid="words")
        self._words.append(words)

    def svg(self) -> str:
        """Return the drawing as an element of the page, with no ids: other drawings stand beside it."""
        file = StringIO()
        self._figure.savefig(file, format="svg")
        drawn = "".join(self._elements(ElementTree.fromstring(file.getvalue())))
        size = f'width="{self._width}" height="{self._height}" viewBox="0 0 {self._width} {self._height}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" font-size="{LETTERS}" {size}>{drawn}</svg>'

    def _elements(self, root: ElementTree.Element) -> Iterator[str]:
        for group in root.iter(f"{_SVG}g"):
            for one in group:
                if one.tag == f"{_SVG}path":
                    yield f'<path d="{_short(one.attrib["d"])}"{_attributes(one)}/>'
                elif one.tag == f"{_SVG}text":
                    place = f'x="{_tenths(one.attrib["x"])}" y="{_tenths(one.attrib["y"])}"'
                    words = self._words[int(one.text or "")] if group.get("id") == "words" else one.text or ""
                    yield f"<text {place}{_attributes(one)}>{escape(words)}</text>"


def bars(axes: Axes, at: Counts, counts: Counts, thickness: float, color: str, upright: bool) -> None:
    """Draw bars from 0, all as one path: it takes a third of the bytes of a path for each. Those of nan are not drawn."""
    at, counts = at[~np.isnan(counts)], counts[~np.isnan(counts)]
    half, zero = np.full(len(at), thickness / 2), np.zeros(len(at))
    corners = np.array([[at - half, zero], [at - half, counts], [at + half, counts], [at + half, zero], [at, zero]])
    points = corners.transpose(2, 0, 1).reshape(-1, 2)
    if len(points):
        path = Path(points if upright else points[:, ::-1], np.tile(_CORNERS, len(at)))
        axes.add_patch(PathPatch(path, facecolor=color, linewidth=0, clip_on=False))


def round_counts(top: int, most: float) -> Counts:
    """Return about so many round whole numbers, from 0 to one that is not below the top."""
    return np.asarray(MaxNLocator(max(1, int(most)), steps=[1, 2, 5, 10], integer=True).tick_values(0, top))


def width_of(words: str) -> float:
    """Return how many px words are wide in matplotlib's own font: readers' fonts are narrower, but for emoji at most."""
    return sum(_advance(letter) for letter in words)


def cut(words: str, px: float) -> str:
    """Return words, shortened to what has room."""
    if width_of(words) <= px:
        return words
    while words and width_of(words + "…") > px:
        words = words[:-1]
    return words.rstrip() + "…"


@cache
def _font() -> FT2Font:
    font = FT2Font(findfont("DejaVu Sans"))
    font.set_size(LETTERS, _PER_INCH)
    return font


def _advance(letter: str) -> float:
    if not _font().get_char_index(ord(letter)):
        return 1.3 * LETTERS  # an emoji's, and more than that of most letters
    return _font().load_char(ord(letter), LoadFlags.NO_HINTING).linearHoriAdvance / 65536  # FreeType counts so


def _attributes(one: ElementTree.Element) -> str:
    style = dict(pair.split(": ", 1) for pair in one.attrib.get("style", "").split("; ") if pair)
    return "".join(f' {name}="{_VARIABLES.get(style[name], style[name])}"' for name in _KEPT if name in style)


def _short(path: str) -> str:
    return "".join(word if word.isalpha() else f" {_tenths(word)}" for word in path.replace("z", " z ").split())


def _tenths(number: str) -> str:
    """Of a pixel: a tenth will do, for half of the bytes."""
    return f"{float(number):.1f}".removesuffix(".0")
