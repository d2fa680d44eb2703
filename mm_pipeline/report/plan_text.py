"""The plan for a terminal: a summary, then what changes, then what comes as it is. Decides nothing."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.cells import cell_len, set_cell_size

from mm_pipeline.model import EntityType
from mm_pipeline.plan.outline import Fate, Line, summary
from mm_pipeline.report.result import text_table

#: Lines of a type that are shown where not all are asked for: of what changes, and of what comes as it is.
_CHANGES, _PLAIN = 40, 10
_HEADS = {EntityType.USER: "people", EntityType.CHANNEL: "channels", EntityType.CUSTOM_EMOJI: "emoji"}
_LEGEND = "= on the server   + new   ~ another name than in Slack   - stays behind"
#: Told only where there is such: what its mark means.
_RARE = {
    Fate.JOINED: "> with another: an emoji's other name, a conversation of the same people",
    Fate.AUTHOR: "o stays behind, and has an account for what they wrote alone",
}
_MISSING = "! did not come"


def plan_text(lines: Sequence[Line], *, width: int | None, only_changes: bool = False, everything: bool = False) -> str:
    """Return the plan; notes are wrapped at `width` columns, or not at all (None: for programs, and files).

    only_changes: no line for what comes as it is. everything: no long list is folded.
    """
    counts = summary(lines)
    rare = [fate for fate in _RARE if any(line.fate is fate for line in lines)]
    fates = [fate.value for fate in Fate if fate not in _RARE or fate in rare]
    missing = [_MISSING] if any(line.is_missing for line in lines) else []
    columns = ["in all", *fates, "renamed"]
    rows = [[head, *(str(counts[kind][column]) for column in columns)] for kind, head in _HEADS.items()]
    parts = [text_table(["", *columns], rows), "\n".join([_LEGEND, *(_RARE[fate] for fate in rare), *missing])]
    for kind, group in groupby(lines, key=lambda line: line.type):
        found = list(group)
        changes, plain = ([one for one in found if one.is_plain is is_plain] for is_plain in (False, True))
        shown = changes if everything or only_changes else changes[:_CHANGES]
        shown += [] if only_changes else plain if everything else plain[:_PLAIN]
        folded = len(found) - len(shown)
        told = list(_table(shown, width))
        if folded:
            what = "come as they are" if len(shown) >= len(changes) else "are not shown"
            told.append(f"  ... and {folded:,} more {what} (`--all` shows them)")
        parts.append("\n".join([_HEADS[kind], *told]))
    return "\n\n".join(parts)


def _table(lines: Sequence[Line], width: int | None) -> Iterator[str]:
    if not lines:
        return
    most = (width or 120) // 5 + 4  # of a name; the whole of a longer one is in the table (`--csv`)
    slack = min(most, max(cell_len(line.slack_name) for line in lines))
    name = min(most, max(cell_len(_name(line)) for line in lines))
    indent = 2 + slack + 2 + name + 2
    for line in lines:
        head = f"{_mark(line)} {_fitted(line.slack_name, slack)}  {_fitted(_name(line), name)}  "
        room = (width or 0) - indent
        notes = (
            textwrap.wrap(line.told, room, break_long_words=False, break_on_hyphens=False)
            if width and room >= 20
            else [line.told]
        )
        yield (head + (notes or [""])[0]).rstrip()
        yield from (" " * indent + note for note in notes[1:])


def _name(line: Line) -> str:
    """The name on the server, where it is another one: a column of what is not new would be read as if it were."""
    return "" if line.name == line.slack_name else line.name


def _mark(line: Line) -> str:
    if line.is_missing:
        return _MISSING[0]
    if line.fate in (Fate.LEFT_OUT, *_RARE):
        return _RARE.get(line.fate, "-")[0]
    return "~" if line.is_renamed else "=" if line.fate is Fate.MATCHED or line.became else "+"


def _fitted(text: str, columns: int) -> str:
    """Return a text cut or filled to so many columns of a terminal."""
    text = " ".join(text.split())
    return set_cell_size(text, columns) if cell_len(text) <= columns else set_cell_size(text, columns - 1) + "…"
