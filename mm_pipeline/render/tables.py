"""Slack's tables and charts -> Markdown tables. A chart is told by its numbers; draws nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mm_pipeline.render.lookups import Lookups
from mm_pipeline.render.markdown import escape_words, stacked, table
from mm_pipeline.render.mrkdwn import unescaped
from mm_pipeline.render.text_objects import titled
from mm_pipeline.values import Json, object_at, objects, objects_at, text_at, texts

#: A chart of more is written series by series: of thousands, most cells of the one table would be empty.
_MOST_CELLS = 10_000

#: Writes a cell that is a block of its own.
Cell = Callable[[Json], str]


def table_text(block: Json, lookups: Lookups, write: Cell) -> str:
    """Return a `table` or `data_table` with its caption."""
    rows = block.get("rows")
    cells = [[_cell(cell, write) for cell in objects(row)] for row in rows] if isinstance(rows, list) else []
    return stacked([titled(block.get("caption"), lookups), table(cells)])


def _cell(cell: Json, write: Cell) -> str:
    kind = cell.get("type")
    if kind == "raw_text":
        return escape_words(text_at(cell, "text"))
    return escape_words(text_at(cell, "text")) or _number(cell.get("value")) if kind == "raw_number" else write(cell)


def chart_text(block: Json, lookups: Lookups) -> str:
    """Return a `data_visualization`: a row for each segment or category, a column for each series."""
    chart = object_at(block, "chart")
    axes = object_at(chart, "axis_config")
    series = objects_at(chart, "series") or [{"data": chart.get("segments")}]
    columns = [(text_at(one, "name"), _points(one)) for one in series]
    labels = dict.fromkeys([*texts(axes.get("categories")), *(label for _, column in columns for label in column)])
    unit = escape_words(unescaped(text_at(axes, "y_label")))
    title = f"{titled(block.get('title'), lookups)}{f' ({unit})' if unit else ''}"
    corner = text_at(axes, "x_label")
    if len(labels) * len(columns) <= _MOST_CELLS:
        return stacked([title, _chart(corner, labels, columns)])
    return stacked([title, *(_chart(corner, column, [(name, column)]) for name, column in columns)])


def _chart(corner: str, labels: Iterable[str], columns: Sequence[tuple[str, Mapping[str, str]]]) -> str:
    rows = [[label, *(column.get(label, "") for _, column in columns)] for label in labels]
    cells = [
        [escape_words(unescaped(cell)) for cell in row] for row in ([corner, *(name for name, _ in columns)], *rows)
    ]
    return table(cells) if rows else ""


def _points(series: Json) -> dict[str, str]:
    return {text_at(point, "label"): _number(point.get("value")) for point in objects_at(series, "data")}


def _number(value: Any) -> str:
    return str(value) if type(value) in (int, float) else ""
