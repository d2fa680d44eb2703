"""What the plan makes of conversations, told as lines: which are matched, which are created, whose name is taken. Decides nothing."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import msgspec

from mm_pipeline.finding import Finding, ok, warning
from mm_pipeline.mattermost.on_server import NAMED_KINDS
from mm_pipeline.nouns import counted
from mm_pipeline.plan.channels import BY_NAME, ChannelDecision
from mm_pipeline.plan.outline import Fate

_FEW = 5
#: Posts of a channel that are counted: more say no more of whether people use it.
MOST_POSTS = 200
_LOOK = "`mm-pipeline plan --csv plan.csv` shows them all; edit it, and read it back with `--read plan.csv`."


class Occupied(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a channel of the server already."""

    posts: int  #: of people, up to MOST_POSTS; what was deleted is not in it
    members: int

    @property
    def is_somebodys(self) -> bool:
        """Whether anybody would notice: one who made it for the migration is alone in it, and has written nothing."""
        return self.posts > 0 or self.members > 1

    def __str__(self) -> str:
        posts = f"{MOST_POSTS} posts or more" if self.posts >= MOST_POSTS else counted(self.posts, "post")
        return f"{posts}, {counted(self.members, 'member')}"


#: Asks the server for what is in some channels, by their ids.
Ask = Callable[[Sequence[ChannelDecision]], Mapping[str, Occupied]]


def coming_channels(
    channels: Iterable[ChannelDecision], fates: Mapping[str, Fate], waiting: Collection[str]
) -> list[ChannelDecision]:
    """Return the public and private channels still to be exported. `fates`: by Slack id; `waiting`: ids of what is to come."""
    return [
        one
        for one in channels
        if one.slack_id in waiting and one.kind in NAMED_KINDS and fates[one.slack_id] is not Fate.LEFT_OUT
    ]


def channel_lines(
    channels: Sequence[ChannelDecision], fates: Mapping[str, Fate], waiting: Collection[str], ask: Ask
) -> list[Finding]:
    """Return what becomes of conversations. `fates`: by Slack id; `waiting`: ids of those that are still to be exported."""
    coming = coming_channels(channels, fates, waiting)
    direct = [
        one
        for one in channels
        if one.slack_id in waiting and one.kind not in NAMED_KINDS and fates[one.slack_id] is Fate.CREATED
    ]
    before = sum(
        one.is_others and one.slack_id not in waiting and fates[one.slack_id] is not Fate.LEFT_OUT for one in channels
    )
    return [
        _count(channels, fates, sum(not one.matched_id for one in coming), len(direct)),
        *_matched([one for one in coming if one.is_others], before, ask),
        _collisions([one for one in coming if not one.matched_id and " on the server is " in one.note]),
    ]


def _count(channels: Sequence[ChannelDecision], fates: Mapping[str, Fate], to_make: int, direct: int) -> Finding:
    """The sum that all numbers of channels are parts of."""
    named, fate = sum(one.kind in NAMED_KINDS for one in channels), Counter(fates[one.slack_id] for one in channels)
    said = ", ".join(
        f"{fate[one]:,} {one.value}" for one in (Fate.MATCHED, Fate.CREATED, Fate.JOINED, Fate.LEFT_OUT) if fate[one]
    )
    what = f"{counted(to_make, 'channel in the team', 'channels in the team')}, {counted(direct, 'direct or group conversation')}"
    made = f"To be made: {what}." if to_make or direct else "None is left to be made."
    everything = counted(len(channels) - named, "direct or group conversation")
    return ok("channels", f"{counted(named, 'channel')} and {everything}: {said or 'none comes'}. {made}", _LOOK)


def _matched(matched: Sequence[ChannelDecision], before: int, ask: Ask) -> list[Finding]:
    """Into which channels of the server others go. Only of an equal name it is not sure that anybody wants that.

    before: how many took others in by earlier runs.
    """
    if not matched and before:
        took = counted(before, "channel of the server took", "channels of the server took")
        return [ok("matched channels", f"{took} Slack's in by earlier runs; no other is to.")]
    if not matched:
        return [ok("matched channels", "No channel of the server takes messages of Slack's in.")]
    there = ask([one for one in matched if BY_NAME in one.note])
    somebodys = [one for one in matched if one.matched_id in there and there[one.matched_id].is_somebodys]
    rest = [one for one in matched if one not in somebodys]
    found = []
    if rest:
        what = counted(len(rest), "channel of the server takes", "channels of the server take")
        why = "as the plan was told, or is" if len(rest) == 1 else "as the plan was told, or are"
        found.append(ok("matched channels", f"{what} Slack's in, {why} empty: {_few(one.name for one in rest)}."))
    if somebodys:
        what = counted(len(somebodys), "channel that people use takes", "channels that people use take")
        said = _few(f"{one.name} ({there[one.matched_id]})" for one in somebodys)
        found.append(
            warning(
                "matched channels",
                f"{what} Slack's of the same name in, messages and members: {said}.",
                "Where they are not the same, keep them apart: `mm-pipeline plan --csv plan.csv`, there another mattermost name and "
                "`create` as the action, and `mm-pipeline plan --read plan.csv`. Where they are, nothing is to be done.",
            )
        )
    return found


def _collisions(taken: Sequence[ChannelDecision]) -> Finding:
    if not taken:
        return ok("channel names", "No channel's name is another's on the server.")
    what = counted(len(taken), "channel has", "channels have")
    return warning(
        "channel names",
        f"{what} the name of one on the server that is archived, private or of another kind: "
        f"{_few(f'{one.slack_name} becomes {one.name}' for one in taken)}.",
        f"Rename the server's, or choose in the plan. {_LOOK}",
    )


def _few(names: Iterable[str]) -> str:
    """Return the first of some, and whether there are more."""
    listed = list(names)
    return ", ".join(listed[:_FEW]) + (", …" if len(listed) > _FEW else "")
