"""How long it will take, from what is to come and what was measured. A guess with its grounds; measures nothing itself."""

from typing import NamedTuple

from mm_pipeline.finding import Finding, ok
from mm_pipeline.model import ToCome
from mm_pipeline.nouns import counted
from mm_pipeline.preflight.head_count import HeadCount


class Rates(NamedTuple):
    """Seconds on a server of two cores, as benchmarks/results has them (a test compares)."""

    account_s: float  #: for each new account: an import job hashes its password
    post_s: float  #: for each message and reaction
    always_s: float  #: for all that is the same for every run


STOCK, PLUGIN = Rates(0.081, 0.00063, 30.0), Rates(0.001, 0.0001, 10.0)


def duration_line(to_come: ToCome, count: HeadCount, rates: Rates) -> Finding:
    """Return how long it will take, files aside."""
    if not to_come.messages and not to_come.reactions and not count.to_make:
        return ok("time", "Nothing new is to come: a few seconds.")
    posts = to_come.messages + to_come.reactions
    seconds = rates.always_s + count.with_password * rates.account_s + posts * rates.post_s
    files = (
        f", and the time in which {to_come.file_bytes / 1e6:,.0f} MB of files are fetched and go up"
        if to_come.file_bytes
        else ""
    )
    return ok(
        "time",
        f"About {_spelled(seconds)} on a server of two cores: {counted(count.to_make, 'account')} to be made, "
        f"{counted(to_come.messages, 'message')}, {counted(to_come.reactions, 'reaction')}{files}.",
        "A rehearsal (`make demo EXPORT=…`) is the better measure; plan for twice as long.",
    )


def _spelled(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"
