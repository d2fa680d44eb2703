"""What is left after a rollback, for a terminal: how many of what, why, and where. The CSV has each of them (residue.py)."""

import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from mm_pipeline.model import Fate, Residue
from mm_pipeline.nouns import counted
from mm_pipeline.rollback.kind import Kind

#: Names of a kind that are told; with --csv all are.
_FEW = 5
_NOUNS = {
    Kind.ACCOUNT: ("account", ""),
    Kind.BOT: ("bot", ""),
    Kind.CHANNEL: ("channel", ""),
    Kind.DIRECT: ("direct channel", ""),
    Kind.POST: ("message", ""),
    Kind.FILE: ("file", ""),
    Kind.EMOJI: ("emoji", "emoji"),
    Kind.MEMBERSHIP: ("membership", ""),
    Kind.COUNTERS: ("channel's counters", "channels' counters"),
    Kind.NOTICE: ("notice", ""),
    Kind.LOG: ("log", ""),
    Kind.TABLES: ("memory", "memories"),
}
_HEADS = (
    ((Fate.KEPT,), "This stays:"),
    ((Fate.CLOSED, Fate.HIDDEN), "This is out of everybody's sight, and not removed:"),
    ((Fate.TRACE,), "This is what the server remembers of what is gone:"),
)


def left_text(residue: Sequence[Residue], width: int | None = None) -> str:
    """Return it. width: columns that lines are broken at, None: not at all."""
    if not residue:
        return "Nothing of it is left on the server."
    parts = []
    for fates, head in _HEADS:
        found = [one for one in residue if one.fate in fates]
        if found:
            parts.append("\n".join([head, *_lines(found, width)]))
    return "\n\n".join(parts)


def _lines(found: Sequence[Residue], width: int | None) -> Iterator[str]:
    """Yield an entry for each kind and reason: its number, the reason, and the names, each once."""
    names: dict[tuple[Kind, str], Counter[str]] = defaultdict(Counter)
    for one in found:
        names[Kind(one.kind), one.remains][one.name] += 1
    told = {key: counted(of_kind.total(), *_NOUNS[key[0]]) for key, of_kind in names.items()}
    column = max(map(len, told.values())) + 4
    for kind, remains in sorted(names, key=lambda key: (list(Kind).index(key[0]), key[1])):
        head = f"  {told[kind, remains]:<{column - 2}}"
        # Direct channels have no names but ids: nobody knows one by it.
        text = remains if kind is Kind.DIRECT else f"{remains}: {_few(names[kind, remains])}"
        if width:
            yield textwrap.fill(
                text,
                width,
                initial_indent=head,
                subsequent_indent=" " * column,
                break_on_hyphens=False,
            )
        else:
            yield head + text


def _few(names: Counter[str]) -> str:
    """Return the names that most have, each with its number."""
    told = [f"{name} ({count:,})" if count > 1 else name for name, count in names.most_common(_FEW)]
    return ", ".join([*told, *([f"… and {len(names) - _FEW:,} more"] if len(names) > _FEW else [])])
