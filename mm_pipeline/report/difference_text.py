"""What a newer export would bring, for a terminal. Compares nothing."""

from collections.abc import Sequence

from mm_pipeline.model import EntityType
from mm_pipeline.number import many
from mm_pipeline.report.result import text_table
from mm_pipeline.staging import Change, Difference

#: Lines of a list where not all are asked for.
_MOST = 20
_COLUMNS = ("messages", "replies", "edited", "deleted", "files", "reactions")


def difference_text(found: Difference, *, everything: bool = False) -> str:
    """Return counts per type, who and what is new or another, and counts per conversation. everything: folds no long list."""
    what = "nothing of it is staged yet" if found.is_first else "compared with what is staged"
    parts = [f"{', '.join(found.exports)}: workspace {found.workspace}, {what}; nothing was staged or sent"]
    if found.is_nothing:
        return "\n\n".join([*parts, "Nothing is new and nothing is told otherwise."])
    rows = [
        [one.value, *(f"{counts.get(one.value, 0)}" for counts in (found.seen, found.added, found.changed))]
        for one in EntityType
    ]
    parts.append(text_table(["", "in the export", "new", "told otherwise"], rows))
    most = len(found.people) + len(found.channels) + len(found.emoji) + len(found.in_channels) if everything else _MOST
    lists = (("people", found.people), ("conversations", found.channels), ("emoji", found.emoji))
    for head, changes in lists if everything or not found.is_first else ():
        parts += _changes(head, changes, most)
    if found.in_channels:
        shown = found.in_channels[:most]
        table = [[one.name, *(str(getattr(one, column)) for column in _COLUMNS)] for one in shown]
        parts.append(
            text_table(["new in conversations", *_COLUMNS], table) + _more(len(found.in_channels) - len(shown))
        )
    if edited := sum(one.edited_sent for one in found.in_channels):
        said = many(
            edited,
            "edited message is on the server: its post gets",
            "edited messages are on the server: their posts get",
        )
        parts.append(f"{said} the new text where nobody has edited it there.")
    if deleted := sum(one.deleted for one in found.in_channels):
        said = many(
            deleted, "message was deleted in Slack since: it stays", "messages were deleted in Slack since: they stay"
        )
        parts.append(f"{said}.")
    parts += found.warnings
    return "\n\n".join(parts)


def _changes(head: str, changes: Sequence[Change], most: int) -> list[str]:
    if not changes:
        return []
    # What is another first: of what is new there may be very much.
    shown = sorted(changes, key=lambda one: (one.what == "new", one.name.lower()))[:most]
    rows = [[one.name, one.what] for one in shown]
    return [text_table([head, ""], rows) + _more(len(changes) - len(shown))]


def _more(left: int) -> str:
    return f"\n... and {left:,} more: `mm-pipeline diff --all` shows them" if left else ""
