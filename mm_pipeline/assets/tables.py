"""Tables of the Dagster UI, which shows no HTML in Markdown. Knows nothing of what they hold."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    import pandas as pd


def table(frame: "pd.DataFrame") -> dg.MetadataValue[Any]:
    """Return a pandas frame as a table with its columns in order, its index first if that has a name."""
    shown = frame.reset_index() if frame.index.name else frame
    names = [str(name) for name in shown.columns]
    rows = shown.astype(object).to_numpy().tolist()
    return table_of([dict(zip(names, row, strict=True)) for row in rows])


def table_of(lines: Sequence[Mapping[str, Any]]) -> dg.MetadataValue[Any]:
    """Return lines, which have the same columns, as a table; where there is none, the word: an empty table says nothing."""
    if not lines:
        return dg.MetadataValue.text("none")
    columns = [dg.TableColumn(name, _type_of([line[name] for line in lines])) for name in lines[0]]
    return dg.MetadataValue.table(
        records=[dg.TableRecord(dict(line)) for line in lines], schema=dg.TableSchema(columns)
    )


def links(addresses: Mapping[str, str]) -> dg.MetadataValue[Any]:
    """Return addresses, by what stands there, as links in a line."""
    return dg.MetadataValue.md(" · ".join(f"[{_plain(name)}]({address})" for name, address in addresses.items()))


def _type_of(values: Sequence[Any]) -> str:
    return "int" if values and all(type(value) is int for value in values) else "string"


def _plain(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\[]*_`<>" else sign for sign in text)
