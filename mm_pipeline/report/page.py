"""The report as one HTML page that asks no host for anything and runs no script but its own. Finds nothing out.

Three walls stand between a message and the reader's browser: jinja2 escapes whatever is written into the page, page.js
lets only harmless elements of a rendered text through, and the page's policy lets no script run whose hash it does not name.
"""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING, Any

import msgspec

from mm_pipeline.model import EntityType, Status
from mm_pipeline.nouns import verb
from mm_pipeline.report import tables, words
from mm_pipeline.report.document import Document
from mm_pipeline.report.plots import Plot, plots

if TYPE_CHECKING:
    import jinja2
    import pandas as pd
    from markupsafe import Markup

#: Rows that a browser's longest element has room for; not-there.csv has all.
_MOST_ROWS = 100_000
_SCRIPTS = ("vendored/commonmark.min.js", "templates/table.js", "templates/page.js")
_UNITS = ("bytes", "KB", "MB", "GB", "TB")


def page(document: Document, drawn: Sequence[Plot] | None = None) -> str:
    """Return the page. `drawn`: the plots of its months, if they are drawn already."""
    # A page cannot hold the U+0000 that the library has in a string: browsers read another character there.
    scripts = [_file(name).replace("\0", "\\x00") for name in _SCRIPTS]
    by_channel, by_month = tables.channels(document), tables.months(document)
    return (
        _environment()
        .get_template("page.html")
        .render(
            document=document,
            told=document.signature,
            types=_records(tables.types(document)),
            words=words.MANY,
            head=tables.head,
            name=told_name(document),
            months=_records(by_month.groupby("month", as_index=False)[["staged", "success", "there"]].sum(min_count=1)),
            totals=_totals(document, by_channel),
            plots=plots(by_month) if drawn is None else drawn,
            scripts=scripts,
            policy=_policy(scripts),
            data=_data(document, by_channel),
        )
    )


def _file(name: str) -> str:
    return (resources.files("mm_pipeline.report") / name).read_text(encoding="utf-8")


def _environment() -> "jinja2.Environment":
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mm_pipeline.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["many"] = _many
    environment.filters |= {
        "number": _number,
        "time": _time,
        "bytes": _bytes,
        "duration": _duration,
        # Only for our own files and drawings: what people wrote never comes here.
        "ours": Markup,
        "json": lambda value: Markup(_json(value)),
        "css": lambda name: Markup(_file(f"templates/{name}")),
        "code": _code,
    }
    return environment


def _policy(scripts: Iterable[str]) -> str:
    """Return the page's Content-Security-Policy: nothing is fetched from anywhere, and only these very scripts run."""
    hashes = " ".join(f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts)
    return f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def _json(value: Any) -> str:
    """Return JSON that may stand in a <script>: `<` would end it."""
    return msgspec.json.encode(value).decode().replace("<", "\\u003c")


def _totals(document: Document, by_channel: "pd.DataFrame") -> dict[str, int]:
    """Return the numbers that the first lines speak of."""
    counts = {status: sum(one[status] for one in document.counts.values()) for status in Status}
    messages = document.counts[EntityType.MESSAGE]
    return {
        **{status.value: counts[status] for status in Status},
        "staged": sum(counts.values()),
        "missing": int(by_channel["missing"].clip(lower=0).sum()) if document.seen and len(by_channel) else 0,
        "messages": sum(messages.values()),
        "reachable": sum(one.reachable for one in document.resets),
        "unreachable": sum(not one.reachable for one in document.resets),
    }


# --- tables that page.js draws: of 50,000 rows only those in sight


def _data(document: Document, by_channel: "pd.DataFrame") -> dict[str, Any]:
    """Return each long table by the id of its place: columns (key, head, kind) and rows."""
    labels = document.labels
    numbers = ("staged", "skipped", "failed", "pending", "there", "missing", "besides")
    return {
        "channels": _table(
            _columns("channels", label="title", **dict.fromkeys(numbers, "number")),
            _cells(by_channel, ["label", *numbers]),
            narrow=6.2,
        ),
        "not-there": _table(
            _columns(
                "not-there", type="short", status="state", slack_id="id", conversation="short", time="time", why="long"
            ),
            [
                (
                    words.ONE[EntityType(one.type)],
                    one.status,
                    one.slack_id,
                    labels.get(one.conversation, one.conversation),
                    one.create_at,
                    one.why,
                )
                for one in document.not_there[:_MOST_ROWS]
            ],
            words=(0, 1, 3, 5),
            narrow=7.4,
        ),
        "names": _table(
            _columns("names", type="short", old="short", new="short", why="long"),
            [(words.ONE[EntityType(one.type)], one.old, one.new, one.why) for one in document.changed],
            narrow=6.8,
        ),
        "resets": _table(
            _columns("password-resets", username="short", name="short", email="long"),
            [
                (one.username, one.name, one.email if one.reachable else f"{one.email} (reaches nobody)")
                for one in document.resets
            ],
        ),
    }


def _columns(table: str, **kinds: str) -> list[tuple[str, str, str]]:
    """Return (key, head, kind) of some columns of a table, which is named as its CSV file is."""
    return [(key, tables.head(table, key), kind) for key, kind in kinds.items()]


def _table(
    columns: list[tuple[str, str, str]], rows: Sequence[Sequence[Any]], words: Sequence[int] = (), narrow: float = 4.6
) -> dict[str, Any]:
    """Return a table for table.js. `words`: columns that repeat themselves, kept once each and told by their number.

    `narrow`: how high a row is on a phone (rem).
    """
    lists: dict[int, dict[str, int]] = {column: {} for column in words}
    packed = [
        [lists[at].setdefault(cell, len(lists[at])) if at in lists else cell for at, cell in enumerate(row)]
        for row in rows
    ]
    return {
        "columns": columns,
        "narrow": narrow,
        "words": {str(at): list(known) for at, known in lists.items()},
        "rows": packed,
    }


def _records(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    return [dict(zip(frame.columns, row, strict=True)) for row in _cells(frame, list(frame.columns))]


def _cells(frame: "pd.DataFrame", columns: list[str]) -> list[list[Any]]:
    """Return rows of plain values, None for what is not known."""
    chosen = frame[columns].astype(object)
    return [list(row) for row in chosen.where(chosen.notna(), None).itertuples(index=False)]


# --- words


def told_name(document: Document) -> str:
    """Return what the page is called: by the workspace's name, where no export tells it by the team's."""
    told = document.signature
    return told.name or told.team or told.workspace


def _code(text: str) -> "Markup":
    """Return a sentence with what stands between backticks as code: commands, settings, names of fields."""
    from markupsafe import Markup, escape

    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(text.split("`"))
    )


def _number(value: int | None) -> str:
    return "–" if value is None else f"{value:,}".replace(",", "\u202f")


def _many(count: int, one: str, more: str = "") -> str:
    return f"{_number(count)} {verb(count, one, more or f'{one}s')}"


def _time(ms: int | None) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC") if ms else "–"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return (
        f"{minutes // 60} h {minutes % 60} min"
        if minutes >= 60
        else f"{minutes} min {rest} s"
        if minutes
        else f"{seconds:.1f} s"
    )


def _bytes(size: int) -> str:
    for unit in _UNITS:
        if size < 1000 or unit == _UNITS[-1]:
            return f"{size} {unit}"
        size = round(size / 1000)
    return ""
