"""Writes the report into a folder: one page, the same as JSON, its tables as CSV. Finds nothing out."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from mm_pipeline.errors import PipelineError
from mm_pipeline.plan.decisions_csv import guarded
from mm_pipeline.report.document import Document
from mm_pipeline.report.page import page
from mm_pipeline.report.plots import Plot
from mm_pipeline.report.tables import HEADS, all_tables

if TYPE_CHECKING:
    import pandas as pd

PAGE, DATA = "report.html", "report.json"
#: Columns that hold no word of anybody's: a spreadsheet may take them for the times that they are.
_OURS = ["month", "time"]


class Written(NamedTuple):
    """Where the page is, and what it lacks."""

    page: Path
    lacks: str  #: what is missing in it because the server could not be asked, and why; "" if it was


def write_report(document: Document, folder: Path, drawn: Sequence[Plot] | None = None) -> Written:
    """Write report.html, report.json and the tables as CSV. Raises PipelineError: it cannot be written."""
    files = {PAGE: page(document, drawn).encode(), DATA: msgspec.json.encode(document)}
    files |= {f"{name}.csv": _csv(table, HEADS[name]).encode() for name, table in all_tables(document).items()}
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, content in files.items():
            _replace(folder / name, content)
    except OSError as error:
        raise PipelineError(f"The report cannot be written to {folder}: {error.strerror}.") from error
    return Written(folder / PAGE, _lacks(document))


def _lacks(document: Document) -> str:
    if not document.not_asked:
        return ""
    if document.seen:
        then = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(document.seen.asked_at / 1000))
        what = f"Mattermost's numbers are those of {then}"
    else:
        what = "none of Mattermost's numbers is in the report, nor what is missing there"
    threads = "" if document.threads else ", and no thread is shown"
    return f"The server could not be asked: {what}{threads}. {document.not_asked}"


def _csv(table: "pd.DataFrame", heads: Mapping[str, str]) -> str:
    """Return a table for spreadsheets, none of whose cells is calculated. heads: what columns are called for people."""
    text = table.select_dtypes(include=["object", "string"]).drop(columns=_OURS, errors="ignore")
    safe = text.map(lambda cell: guarded(cell) if isinstance(cell, str) else cell)
    guarded_table = table.assign(**{str(name): column for name, column in safe.items()})
    return guarded_table.rename(columns=heads).to_csv(index=False, lineterminator="\r\n")


def _replace(file: Path, content: bytes) -> None:
    """Write a file that is whole at any moment, and its owner's alone: names and addresses of people stand in it."""
    new = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        opened.write(content)
    new.replace(file)
