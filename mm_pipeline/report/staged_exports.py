"""Which exports the rows are of, in words: their files and when each was staged. Reads no export."""

import time
from collections.abc import Sequence

from mm_pipeline.nouns import few

#: Exports that are named; who stages one every night has many.
_MOST = 3
#: How to be rid of the newest, and what to do when it is too late for that.
HOW_TO_TAKE_BACK = (
    "`mm-pipeline stage --take-back` takes the newest back as long as no export has begun since. After that rows of several exports "
    "are one: MM_UNTIL with the day of the earlier export leaves newer messages behind. `mm-pipeline diff FILE` looks at an export "
    "without staging it."
)


def staged_exports_text(staged: Sequence[tuple[str, int]]) -> str:
    """Return the exports (name, ms when staged; the newest last) as a sentence names them, newest first."""
    if not staged:
        return "no export that is known here"
    return few([f"{name}{_when(at)}" for name, at in reversed(staged)], _MOST)


def later_than(name: str, staged: Sequence[tuple[str, int]]) -> list[str]:
    """Return the names of exports that were staged after the one of a name: what they brought goes, whatever is named now."""
    moments = [at for one, at in staged if one == name]
    return list(dict.fromkeys(one for one, at in staged if moments and at > max(moments)))


def _when(at: int) -> str:
    return f" ({time.strftime('%Y-%m-%d %H:%M', time.localtime(at / 1000))})" if at else ""
