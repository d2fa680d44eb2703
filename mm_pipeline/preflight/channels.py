"""What the plan makes of conversations, told as lines: which are matched, which are created, whose name is taken. Decides nothing."""

from collections.abc import Sequence

from mm_pipeline.finding import Finding, ok, warning
from mm_pipeline.mattermost.api import NAMED_KINDS
from mm_pipeline.plan.channels import ChannelDecision

_FEW = 5
_LOOK = "`mm-pipeline plan --csv plan.csv` shows them all; edit it, and read it back with `--read plan.csv`."


def channel_lines(channels: Sequence[ChannelDecision]) -> list[Finding]:
    """Return what becomes of conversations."""
    named = [one for one in channels if one.kind in NAMED_KINDS and not one.skip]
    matched = [one for one in named if one.matched_id]
    taken = [one for one in named if not one.matched_id and " on the server is " in one.note]
    direct = sum(one.kind not in NAMED_KINDS and not one.skip for one in channels)
    left_out = sum(bool(one.skip) for one in channels)
    counts = f"{len(matched):,} matched, {len(named) - len(matched):,} created, {left_out:,} left out"
    return [
        ok("channels", f"{len(named):,} channels ({counts}) and {direct:,} direct and group conversations."),
        _joined(matched),
        _collisions(taken),
    ]


def _joined(matched: Sequence[ChannelDecision]) -> Finding:
    """Those that people have read in before, not those that an earlier run made."""
    found = [one for one in matched if "migrated before" not in one.note]
    if not found:
        return ok("matched channels", "No channel of the server takes messages of Slack's in.")
    names = ", ".join(one.name for one in found[:_FEW]) + (", …" if len(found) > _FEW else "")
    return ok("matched channels", f"{len(found):,} channels of the server take Slack's of the same name in: {names}.")


def _collisions(taken: Sequence[ChannelDecision]) -> Finding:
    if not taken:
        return ok("channel names", "No channel's name is another's on the server.")
    pairs = ", ".join(f"{one.slack_name} becomes {one.name}" for one in taken[:_FEW]) + (
        ", …" if len(taken) > _FEW else ""
    )
    return warning(
        "channel names",
        f"{len(taken):,} channels have the name of one on the server that is archived, private or of another kind: {pairs}.",
        f"Rename the server's, or choose in the plan. {_LOOK}",
    )
