"""pandas frames as tables of the Dagster UI, which shows no HTML in Markdown. Knows nothing of what they hold."""

from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    import pandas as pd


def table(frame: "pd.DataFrame") -> dg.MetadataValue[Any]:
    """Return a frame as a table with its columns in order, its index first if that has a name."""
    shown = frame.reset_index() if frame.index.name else frame
    columns = [dg.TableColumn(str(name), _type_of(shown[name])) for name in shown.columns]
    names = [column.name for column in columns]
    records = [dg.TableRecord(dict(zip(names, row, strict=True))) for row in shown.astype(object).to_numpy().tolist()]
    return dg.MetadataValue.table(records=records, schema=dg.TableSchema(columns))


def _type_of(column: "pd.Series[Any]") -> str:
    return "int" if column.dtype.kind == "i" else "string"
