"""What of Slack everybody looks for here in vain, and why: by choice, or because it could not be brought. Names nothing private."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.errors import SkipReason
from mm_pipeline.export.reasons import OF_PEOPLE
from mm_pipeline.mattermost.on_server import NAMED_KINDS, ChannelKind
from mm_pipeline.model import EntityType, Status
from mm_pipeline.nouns import counted, few, listed, verb
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.plan.decisions_csv import Plan

#: Channels that are named one by one.
_FEW = 12
#: What a setting leaves out, by its name and the type of its rows; {value} is what it was set to, {count} how many rows.
_BY_SETTING = {
    (
        "MM_SINCE",
        EntityType.MESSAGE,
    ): "What was written before {value} stayed in Slack ({count}); a thread that went on "
    "after that is here from its beginning.",
    ("MM_UNTIL", EntityType.MESSAGE): "What was written after {value} is not here ({count}).",
    ("MM_WITHOUT=messages", EntityType.MESSAGE): "Messages stayed in Slack ({count}): people and channels came, empty.",
    ("MM_WITHOUT=direct", EntityType.CHANNEL): "Direct and group messages stayed in Slack ({count}).",
    ("MM_WITHOUT=files", EntityType.ATTACHMENT): "Files stayed in Slack ({count}); their messages say so.",
    ("MM_WITHOUT=reactions", EntityType.REACTION): "Reactions stayed in Slack ({count}).",
    ("MM_WITHOUT=emoji", EntityType.CUSTOM_EMOJI): "Slack's own emoji stayed there ({count}).",
}
_NOUNS = {
    EntityType.MESSAGE: ("message", "messages"),
    EntityType.CHANNEL: ("conversation", "conversations"),
    EntityType.ATTACHMENT: ("file", "files"),
    EntityType.REACTION: ("reaction", "reactions"),
    EntityType.CUSTOM_EMOJI: ("emoji", "emoji"),
}
#: What is not there for these is missed by nobody for its own sake: something that it hangs on is.
_NO_LOSS = (SkipReason.LEFT_OUT, SkipReason.PARENT, SkipReason.DELETED_IN_SLACK)
_LEFT_OUT = f"{SkipReason.LEFT_OUT.value}: "
_SETTING = re.compile(r"(MM_WITHOUT=\w+|MM_SINCE|MM_UNTIL)=?(.*)")


def stayed_behind(store: EntityStore, plan: Plan) -> list[str]:
    """Return a sentence for each kind of things that did not come, as the rows tell: what was chosen when they were exported."""
    reasons = store.reasons()
    chosen = [
        (entity_type, why.removeprefix(_LEFT_OUT), rows)
        for entity_type, found in reasons.items()
        for status, why, rows in found
        if status is Status.SKIPPED and why.startswith(_LEFT_OUT)
    ]
    return [
        *_conversations(store, plan.channels),
        *_people(store, plan, _of_people(chosen)),
        *_by_setting(chosen),
        *_lost(reasons),
    ]


def _conversations(store: EntityStore, channels: Iterable[ChannelDecision]) -> Iterator[str]:
    """Public channels by name. Of private ones and direct ones nobody hears that they exist, but how many they are."""
    decisions = {one.slack_id: one for one in channels}
    left = [
        decisions[row.slack_id]
        for row in store.rows(EntityType.CHANNEL, [Status.SKIPPED])
        if (row.error_message or "").startswith(_LEFT_OUT)
        and not _SETTING.match((row.error_message or "").removeprefix(_LEFT_OUT))
        and row.slack_id in decisions
    ]
    public = sorted(one.slack_name for one in left if one.kind is ChannelKind.PUBLIC)
    private = sum(one.kind is ChannelKind.PRIVATE for one in left)
    direct = sum(one.kind not in NAMED_KINDS for one in left)
    if public:
        names = few([f"`#{name}`" for name in public], _FEW)
        yield f"{counted(len(public), 'channel')} stayed in Slack: {names}."
    if private or direct:
        kinds = ((private, "private channel"), (direct, "direct conversation"))
        yield f"{listed([counted(count, noun) for count, noun in kinds if count])} stayed in Slack."


def _people(store: EntityStore, plan: Plan, messages: int) -> Iterator[str]:
    """messages: those that stayed behind with people. Who did not come along may have an account here all the same."""
    bots = {one.slack_id for one in plan.people if one.is_bot}
    left = [
        row
        for row in store.rows(EntityType.USER, [Status.SKIPPED])
        if (row.error_message or "").startswith(_LEFT_OUT) and row.slack_id not in bots
    ]
    there = {row.slack_id for row in store.rows(EntityType.USER, [Status.SUCCESS])}
    authors = sum(bool(one.names_only) and one.slack_id in there for one in plan.people)
    if left:
        wrote = (
            f", nor did what they wrote and the answers in threads that they began ({counted(messages, 'message')})"
            if messages
            else ""
        )
        yield f"{counted(len(left), 'person', 'people')} of Slack did not come along{wrote}."
    if authors:
        yield (
            f"{counted(authors, 'person', 'people')} of Slack {verb(authors, 'is', 'are')} not here, but what they wrote where "
            "others are stands here under their names."
        )


def _of_people(chosen: Iterable[tuple[EntityType, str, int]]) -> int:
    """Return how many messages are left out with the people who wrote them, or began their thread."""
    return sum(rows for kind, why, rows in chosen if kind is EntityType.MESSAGE and why.startswith(OF_PEOPLE))


def _by_setting(chosen: Iterable[tuple[EntityType, str, int]]) -> Iterator[str]:
    """Yield the sentences of _BY_SETTING, in its order. Of two values that a setting had in turn each has its own."""
    found = [(hit, entity_type, rows) for entity_type, why, rows in chosen if (hit := _SETTING.match(why))]
    for (setting, of_type), sentence in _BY_SETTING.items():
        for hit, entity_type, rows in found:
            if (hit[1], entity_type) == (setting, of_type):
                yield sentence.format(value=hit[2], count=counted(rows, *_NOUNS[entity_type]))


def _lost(reasons: Mapping[EntityType, Sequence[tuple[Status, str, int]]]) -> Iterator[str]:
    for entity_type, end in (
        (EntityType.MESSAGE, ""),
        (EntityType.ATTACHMENT, "; their messages say so"),
        (EntityType.CUSTOM_EMOJI, ": their names stand in the text"),
    ):
        lost = sum(rows for _, why, rows in reasons[entity_type] if not why.startswith(_NO_LOSS))
        if lost:
            yield f"{counted(lost, *_NOUNS[entity_type])} could not be brought along{end}."
