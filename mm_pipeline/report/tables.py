"""The report's tables as pandas frames: for the page, for the plots, for the CSV files. Imports pandas late (1.6 s)."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from mm_pipeline.report.counted import Month
from mm_pipeline.report.document import Document

if TYPE_CHECKING:
    import pandas as pd

#: Below it nothing can be called large: what one conversation's label is shortened to, in the plots too.
_LABEL_RUNES = 60

#: What columns are called where people read them: in the page and in the CSV files alike. Of the others the name is the word.
_PLACES = {"conversation": "Slack id", "label": "conversation", "staged": "in Slack", "there": "in Mattermost"}
HEADS: dict[str, dict[str, str]] = {
    "types": {"type": "what", "staged": "in Slack", "there": "seen in Mattermost"},
    "channels": _PLACES | {"besides": "others' posts"},
    "months": _PLACES,
    "not-there": {"slack_id": "Slack id", "time": "time (UTC)"},
    "lost": {"of": "about", "count": "times", "fate": "what became of it"},
    "names": {"old": "in Slack", "new": "in Mattermost"},
    "password-resets": {"email": "e-mail"},
}


def head(table: str, column: str) -> str:
    """Return what a column is called for people. table: as the file of it is called."""
    return HEADS[table].get(column, column)


def months(document: Document) -> "pd.DataFrame":
    """Return messages per conversation and month: staged in Slack's export, of these by status, and there in Mattermost."""
    return months_of(document.months, document.labels)


def months_of(counted: Sequence[Month], labels: Mapping[str, str]) -> "pd.DataFrame":
    """Return the same of months, and of what people call their conversations."""
    columns = ["conversation", "month", "staged", "success", "failed", "skipped", "pending", "there"]
    frame = _frame([msgspec.structs.asdict(one) for one in counted], columns)
    frame.insert(0, "label", [_short(labels.get(one.conversation, one.conversation)) for one in counted])
    return frame.astype({"there": "Int64"})


def channels(document: Document) -> "pd.DataFrame":
    """Return the same per conversation, the largest first, with how many staged messages that arrived are not there."""
    counted = [column for column in months(document).columns if column not in ("label", "conversation", "month")]
    summed = months(document).groupby(["label", "conversation"], as_index=False, dropna=False)[counted].sum(min_count=1)
    summed["missing"] = summed["success"] - summed["there"]
    besides = dict(document.seen.besides) if document.seen else {}
    summed["besides"] = [besides.get(slack_id, 0) for slack_id in summed["conversation"]]
    return summed.sort_values(["staged", "label"], ascending=[False, True], ignore_index=True)


def types(document: Document) -> "pd.DataFrame":
    """Return rows per type and status, and how many things of the type the server shows."""
    there = document.seen.objects if document.seen else {}
    records = [
        {"type": name, "staged": sum(counts.values()), **counts, "there": there.get(name)}
        for name, counts in document.counts.items()
    ]
    return _frame(records, ["type", "staged", "success", "failed", "skipped", "pending", "there"]).astype(
        {"there": "Int64"}
    )


def rows(document: Document) -> "pd.DataFrame":
    """Return every failed and every skipped row, with its reason; times in UTC."""
    import pandas as pd

    columns = ["type", "status", "slack_id", "conversation", "create_at", "why", "attempts"]
    frame = _frame([msgspec.structs.asdict(one) for one in document.not_there], columns)
    frame["conversation"] = [document.labels.get(one.conversation, one.conversation) for one in document.not_there]
    times = pd.to_datetime(pd.to_numeric(frame["create_at"]), unit="ms", errors="coerce", utc=True)
    frame["create_at"] = times.dt.strftime("%Y-%m-%d %H:%M:%S").fillna("")
    return frame.rename(columns={"create_at": "time"})


def all_tables(document: Document) -> "dict[str, pd.DataFrame]":
    """Return every table by the name of its file."""
    listed: dict[str, tuple[Sequence[msgspec.Struct], list[str]]] = {
        "lost": (document.losses, ["of", "what", "count", "fate", "why"]),
        "names": (document.changed, ["type", "old", "new", "why"]),
        "password-resets": (document.resets, ["username", "name", "email", "reachable"]),
    }
    return {
        "types": types(document),
        "channels": channels(document),
        "months": months(document),
        "not-there": rows(document),
        **{
            name: _frame([msgspec.structs.asdict(one) for one in found], columns).astype(
                {"count": "Int64"} if "count" in columns else {}
            )
            for name, (found, columns) in listed.items()
        },
    }


def _frame(records: list[dict[str, Any]], columns: list[str]) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame.from_records(records, columns=columns)


def _short(label: str) -> str:
    return label if len(label) <= _LABEL_RUNES else label[: _LABEL_RUNES - 1] + "…"
