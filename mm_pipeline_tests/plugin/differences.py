"""In which columns of which rows the plugin's tables are other than the server's own. Asks nothing, and judges nothing."""

from collections.abc import Iterable, Mapping
from typing import Any

Row = Mapping[str, Any]
#: What a difference is called by: the table, what tells its row from others, the column.
Place = tuple[str, ...]
ABSENT = "no such row"


def differences(
    table: str, keys: Iterable[str], job: Iterable[Row], plugin: Iterable[Row], aside: Iterable[str] = ()
) -> dict[Place, tuple[Any, Any]]:
    """Return (the job's value, the plugin's) by place. A row that one of them has alone differs as a whole."""
    names, left_out = tuple(keys), set(aside)
    of_job, of_plugin = (_by_key(table, names, rows) for rows in (job, plugin))
    found: dict[Place, tuple[Any, Any]] = {}
    for place in of_job.keys() | of_plugin.keys():
        if place not in of_job or place not in of_plugin:
            found[place] = tuple(ABSENT if place not in rows else "a row" for rows in (of_job, of_plugin))  # type: ignore[assignment]
            continue
        one, other = of_job[place], of_plugin[place]
        for column in (one.keys() | other.keys()) - left_out:
            if one.get(column, ABSENT) != other.get(column, ABSENT):
                found[*place, column] = (one.get(column, ABSENT), other.get(column, ABSENT))
    return found


def _by_key(table: str, keys: tuple[str, ...], rows: Iterable[Row]) -> dict[Place, Row]:
    found: dict[Place, Row] = {}
    for row in sorted(rows, key=repr):
        place = (table, *(str(row[key]) for key in keys))
        # Where one key is of several rows, the next ones are called so.
        while place in found:
            place = (*place, "another")
        found[place] = row
    return found
