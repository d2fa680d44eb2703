"""Everybody of a plan, counted once: each line of the list that speaks of people has its numbers from here. Asks nothing.

The counts are those of `mm-pipeline plan`: all = matched + created + author only + left out.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import msgspec

from mm_pipeline.nouns import counted
from mm_pipeline.plan.outline import Fate
from mm_pipeline.plan.people import BY_EMAIL, BY_HAND, BY_NAME, PersonDecision
from mm_pipeline.staging.people import UNKNOWN


class HeadCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many there are, what becomes of them, and what is left to be done for that."""

    people: int = 0  #: bots aside
    bots: int = 0
    has_unknown: bool = False  #: one of the bots stands for authors whom Slack does not name
    fates: Mapping[Fate, int] = {}
    by_email: int = 0  #: of the matched
    by_name: int = 0
    by_hand: int = 0
    made_before: int = 0  #: accounts that an earlier run made
    new_active: int = 0  #: accounts that are still to be made, of active people
    new_deactivated: int = 0
    new_bots: int = 0

    @property
    def to_make(self) -> int:
        """How many accounts are still to be made."""
        return self.new_active + self.new_deactivated + self.new_bots

    @property
    def with_password(self) -> int:
        """For how many of these the server hashes one."""
        return self.new_active + self.new_deactivated

    def sentences(self) -> str:
        """Return the whole sum: who they are, what becomes of them, which accounts are to be made."""
        unknown = ", one of these for all whom Slack does not name" if self.has_unknown else ""
        everybody = f"{counted(self.people, 'person', 'people')} and {counted(self.bots, 'bot')}{unknown}"
        return f"{everybody}: {self._fates()}. {self._accounts()}"

    def _fates(self) -> str:
        matched = self.fates.get(Fate.MATCHED, 0)
        by = [
            (self.by_email, "by e-mail"),
            (self.by_name, "by name"),
            (self.by_hand, "by hand"),
            (matched - self.by_email - self.by_name - self.by_hand, "before"),
        ]
        how = ", ".join(f"{count:,} {what}" for count, what in by if count)
        said = [f"{matched:,} matched ({how})"] if matched else []
        said += [
            f"{count:,} {fate.value}"
            for fate in Fate
            if fate is not Fate.MATCHED and (count := self.fates.get(fate, 0))
        ]
        return ", ".join(said) or "nobody comes"

    def _accounts(self) -> str:
        before = f"An earlier run made {counted(self.made_before, 'account')}" if self.made_before else ""
        if not self.to_make:
            return f"{before}; none is left to be made." if before else "No account is to be made."
        kinds = [
            (self.new_active, counted(self.new_active, "active person", "active people")),
            (self.new_deactivated, f"{self.new_deactivated:,} deactivated"),
            (self.new_bots, counted(self.new_bots, "bot")),
        ]
        who = ", ".join(said for count, said in kinds if count)
        made = f"To be made: {counted(self.to_make, 'account')} ({who})."
        return f"{before}. {made}" if before else made


def head_count(people: Sequence[PersonDecision], fate_of: Mapping[str, Fate], waiting: Collection[str]) -> HeadCount:
    """Count everybody. `fate_of`: by Slack id; `waiting`: ids of those who are still to be exported."""
    made = Counter[str]()
    for one in people:
        if one.matched_id or fate_of[one.slack_id] is Fate.LEFT_OUT:
            continue
        is_new = one.slack_id in waiting
        made["before" if not is_new else "bot" if one.is_bot else "deactivated" if one.delete_at else "active"] += 1
    matched = [one for one in people if fate_of[one.slack_id] is Fate.MATCHED]
    bots = sum(one.is_bot for one in people)
    return HeadCount(
        people=len(people) - bots,
        bots=bots,
        has_unknown=UNKNOWN in fate_of,
        fates=Counter(fate_of.values()),
        by_email=sum(one.note.startswith(BY_EMAIL) for one in matched),
        by_name=sum(one.note.startswith(BY_NAME) for one in matched),
        by_hand=sum(one.note.startswith(BY_HAND) for one in matched),
        made_before=made["before"],
        new_active=made["active"],
        new_deactivated=made["deactivated"],
        new_bots=made["bot"],
    )
