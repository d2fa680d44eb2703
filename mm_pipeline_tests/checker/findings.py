"""What the checker found, as data: findings, the exceptions that explain some of them, and the table a person reads.

Compares nothing itself.
"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

#: Every class of finding, and what a finding of it means.
CLASSES = {
    "export": "the export itself cannot be read in this place",
    "person": "a person has no account, or the account is in another state",
    "bot": "a bot has no bot account",
    "channel": "a conversation has no channel, or a channel belongs to no conversation",
    "profile": "an account says something else of its person than Slack",
    "presence": "somebody is shown as present who was not there",
    "kind": "public, private, direct or group is wrong",
    "name": "a channel is called otherwise than in Slack",
    "archived": "archived in one and not in the other",
    "hidden": "a direct or group channel is not in the side bar of somebody in it",
    "member": "a member too few or too many",
    "header": "the topic is not in the header",
    "purpose": "the purpose is not in the purpose",
    "missing": "a message has no post",
    "author": "a post by somebody else",
    "time": "a post at another millisecond",
    "place": "a post in another channel",
    "root": "a post outside its thread, or under another root",
    "word": "words that a reader saw in Slack are not in the post",
    "invented": "words in a post that nobody wrote",
    "type": "a notice or /me that is an ordinary post, the reverse, or a notice that says something else",
    "link": "a link to a Slack message leads to another post or is gone",
    "slack link": "a link to a Slack message still leads into Slack although the message is here",
    "origin": "a post's props do not trace it to its message",
    "pinned": "pinned in one and not in the other",
    "edited": "marked as edited in one and not in the other, or with another time",
    "reaction": "a reaction too few or too many",
    "file": "a file too few or too many, or with other bytes",
    "emoji": "a custom emoji is missing",
    "double": "a message has two posts",
    "extra": "a post belongs to no message",
    "notice": "a join or leave notice that the import left",
    "total": "a channel counts other posts than it has",
    "unread": "something imported is unread for somebody",
    "follower": "somebody wrote in a thread and does not follow it",
    "thread": "the server's own record of a thread does not fit its replies",
}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One difference. `channel` is Slack's name of the conversation (or its id), `ts` Slack's; both may be empty."""

    kind: str
    channel: str = ""
    ts: str = ""
    sentence: str

    def __post_init__(self) -> None:
        if self.kind not in CLASSES:
            raise ValueError(f"{self.kind} is no class of findings")


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """A difference that is known and explained: the findings of this channel and ts (of this class, with these words).

    Raises ValueError where neither a ts nor a class is named: such an exception would explain too much.
    """

    channel: str = ""
    ts: str = ""
    kind: str = ""
    about: str = ""  #: a part of the finding's sentence
    cause: str

    def __post_init__(self) -> None:
        if not self.ts and not self.kind:
            raise ValueError(f"the exception '{self.cause}' names neither a ts nor a class")

    def explains(self, finding: Finding) -> bool:
        """Whether the finding is the one meant. A cause without ts explains findings without ts only."""
        same_class = not self.kind or self.kind == finding.kind
        return (
            same_class and self.about in finding.sentence and (self.channel, self.ts) == (finding.channel, finding.ts)
        )


def read_causes(path: Path) -> list[Cause]:
    """Read the exceptions of one export: a JSON list of {channel, ts, kind?, about?, cause}. Raises msgspec.ValidationError."""
    return msgspec.json.decode(path.read_bytes(), type=list[Cause])


def explained(findings: Sequence[Finding], causes: Sequence[Cause]) -> tuple[list[Finding], list[Finding], list[Cause]]:
    """Part the findings: (still open, explained, causes that explained nothing)."""
    still_open: list[Finding] = []
    closed: list[Finding] = []
    used: set[int] = set()
    for finding in findings:
        reasons = [number for number, cause in enumerate(causes) if cause.explains(finding)]
        used.update(reasons)
        (closed if reasons else still_open).append(finding)
    return still_open, closed, [cause for number, cause in enumerate(causes) if number not in used]


def table(findings: Sequence[Finding], *, shown: int = 20) -> str:
    """Return the counts per class and the first `shown` findings as text."""
    counts = Counter(finding.kind for finding in findings)
    lines = [f"{counts[kind]:7}  {kind:10} {meaning}" for kind, meaning in CLASSES.items() if counts[kind]]
    lines += [
        "  ".join(part for part in (f"- {finding.kind}", finding.channel, finding.ts, finding.sentence) if part)
        for finding in findings[:shown]
    ]
    if len(findings) > shown:
        lines.append(f"  and {len(findings) - shown} more")
    return "\n".join(lines)


def as_json(findings: Sequence[Finding], **more: object) -> str:
    """Return findings and whatever else is to be told as one JSON object."""
    counts = Counter(finding.kind for finding in findings)
    return json.dumps(
        {"counts": counts, **more, "findings": msgspec.to_builtins(findings)}, ensure_ascii=False, indent=1
    )
