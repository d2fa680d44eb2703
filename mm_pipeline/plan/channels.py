"""Decide for each Slack conversation which Mattermost channel it becomes. Pure: asks no server but through `lookup`.

A match adds people and messages to a channel that others read, so it counts only between channels of one openness.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

import msgspec

from mm_pipeline.mattermost.limits import CHANNEL_HEADER, CHANNEL_PURPOSE, is_channel_name
from mm_pipeline.mattermost.on_server import NAMED_KINDS, ChannelKind, ExistingChannel
from mm_pipeline.model import Entity, Origin
from mm_pipeline.plan.names import NAME_MAX, Numbers, shortened
from mm_pipeline.plan.note import joined
from mm_pipeline.plan.settings import PlanSettings
from mm_pipeline.plan.slack_channel import SlackChannel

Lookup = Callable[[str], ExistingChannel | None]
#: Why a channel goes into one of the server's that nobody has asked for.
BY_NAME = "matched by name"
#: Why it is in one that an earlier run made for it.
OURS = "migrated before"
#: Why it is in one that it went into before, and that was there before that.
AGAIN = "matched before"


class ChannelDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one Slack conversation."""

    slack_id: str
    key: int  #: id of the row
    slack_name: str
    kind: ChannelKind
    name: str = ""  #: public and private channels; direct and group channels are known by their members
    display_name: str = ""
    called: str = ""  #: what somebody wrote in the plan's table for it to be called; "" = as in Slack
    header: str = ""
    purpose: str = ""
    texts_before: tuple[str, str] | None = None  #: header and purpose that it was given before it changed in Slack
    members: tuple[str, ...] = ()  #: usernames, sorted
    matched_id: str = ""  #: the channel that it is; "" = create one
    merged_into: str = ""  #: Slack id of the conversation of the same people that makes their one channel
    archived: bool = False
    note: str = ""
    skip: str = ""  #: why it is left out; "" = it goes

    @property
    def is_others(self) -> bool:
        """Whether it goes into a channel of others: one that is matched, and was not made by an earlier run."""
        return bool(self.matched_id) and OURS not in self.note.split("; ")


def plan_channels(
    channels: Iterable[Entity],
    lookup: Lookup,
    people: Mapping[str, str],
    settings: PlanSettings,
    render: Callable[[str], str] = str,
    slack_names: Mapping[str, str] | None = None,
    decided: Mapping[str, ChannelDecision] | None = None,
    left_out: Collection[str] = (),
    planned_elsewhere: Collection[str] = (),
) -> list[ChannelDecision]:
    """Return one decision per channel row, by Slack id. The same rows and server give the same decisions.

    `lookup` finds a channel of the team by name, archived ones too. `people` is Slack id -> username of those who
    have an account; `slack_names` is Slack name -> Slack id, by which a folder of a group DM names its people.
    `render` makes Markdown of topic and purpose. `decided` (by Slack id) is what an earlier plan or a person's edit
    says: it keeps its name and its match, who is in it is seen anew; so does a row with a `target_name`. `left_out`: Slack
    ids of people who are in the plan and have no account, because its table leaves them out. `planned_elsewhere`: names that other
    workspaces' plans have for this team.
    """
    decided = decided or {}
    conversations = [SlackChannel.read(row, people, slack_names or {}, settings, left_out) for row in channels]
    general = _general(conversations) if settings.general else ""
    conversations.sort(
        # Earlier decisions first, then who is asked for by name, then live channels before archived ones: those keep their names.
        key=lambda one: (
            not one.row.mattermost_id,
            not one.row.target_name,
            one.row.slack_id != general,
            one.archived,
            one.row.slack_id,
        ),
    )
    once = {old: one.name for one in conversations for old in one.previous_names}
    names = _Names(lookup, [one.row.target_name for one in conversations if one.row.target_name], planned_elsewhere)
    names.keep(one.name for one in decided.values())
    of_people: dict[tuple[ChannelKind, tuple[str, ...]], SlackChannel] = {}
    decisions = []
    for one in conversations:
        before = decided.get(one.row.slack_id)
        if before and (before.skip or one.row.mattermost_id):
            decisions.append(_again(one, before, render))
        elif one.kind not in NAMED_KINDS:
            first = of_people.setdefault((one.kind, one.members), one)
            decisions.append(_of_people(one, first, render))
        elif one.unlisted and settings.unknown_channels == "skip" and not one.row.mattermost_id:
            decisions.append(_decision(one, skip="not in any index of the export, and MM_UNKNOWN_CHANNELS=skip"))
        else:
            into = settings.general if one.row.slack_id == general else ""
            decision = _named(one, names, into, before, render)
            if one.unlisted and one.name in once:
                note = joined(decision.note, f"{once[one.name]} was once called like this")
                decision = msgspec.structs.replace(decision, note=note)
            decisions.append(decision)
    return sorted(decisions, key=lambda decision: decision.slack_id)


def _general(conversations: Iterable[SlackChannel]) -> str:
    """Return the Slack id of the channel that everybody is in: by its flag, without one by its name; "" if there is none."""
    flagged = [one.row.slack_id for one in conversations if one.is_general]
    by_name = [one.row.slack_id for one in conversations if one.name == "general" and one.kind is ChannelKind.PUBLIC]
    return next(iter(flagged or by_name), "")


class _Names:
    """Hands out names of public and private channels: each once, matching the server's where that is right."""

    def __init__(self, lookup: Lookup, kept: Iterable[str], planned_elsewhere: Collection[str]) -> None:
        self._lookup = lookup
        self._planned_elsewhere = planned_elsewhere
        self._kept = set(kept)
        self._given: set[str] = set()
        self._numbers = Numbers()

    def keep(self, names: Iterable[str]) -> None:
        """Reserve names that were decided before."""
        self._kept.update(names)

    def take(self, one: SlackChannel, into: str, before: ChannelDecision | None) -> tuple[str, str, str]:
        """Return (name, id of the matched channel or "", note)."""
        if into and into not in self._given and (there := self._lookup(into)) and _same(one, there):
            self._given.add(into)
            return into, there.id, f"goes into {into}, as asked"
        own = (before.name if before else "") or one.row.target_name or ""
        wanted, why = own or one.channel_name, ""
        for name in self._numbers.of(wanted):
            if name in self._given or (name in self._kept and name != own):
                why = why or f"the name {name} is another Slack channel's"
                continue
            if not is_channel_name(name):
                why = why or f"Mattermost keeps names like {name} for direct and group channels"
                continue
            there = self._lookup(name)
            if there is None and name in self._planned_elsewhere:
                # Made for the other one, it would be taken for ours by then: the journal tells no workspaces apart.
                why = why or f"the name {name} is planned for a channel of another workspace"
                continue
            if there is None:
                matched_id, how = "", ""
            elif there.id == one.row.mattermost_id:
                matched_id, how = there.id, _why_there(one)
            elif name == wanted and _same(one, there) and before and before.name and not before.matched_id:
                # Planned as new before, there now: an earlier run made it on the way, and has still to finish it.
                matched_id, how = "", "begun by an earlier run"
            elif name == wanted and _same(one, there) and (_is_open(one) or (before and before.matched_id == there.id)):
                matched_id, how = there.id, BY_NAME
            else:
                why = why or _why_not(one, there)
                continue
            self._given.add(name)
            return name, matched_id, joined(how, why)
        raise AssertionError("numbers are endless")


def _same(one: SlackChannel, there: ExistingChannel) -> bool:
    """Whether an existing channel may take this one in: never an archived one, never one of another openness."""
    return there.delete_at == 0 and there.kind == one.kind


def _why_there(one: SlackChannel) -> str:
    """Return why a conversation is in the channel that an earlier run brought it into."""
    return AGAIN if one.row.origin == Origin.MATCHED else OURS


def _is_open(one: SlackChannel) -> bool:
    """Whether an equal name may be enough. Of private channels it never is: each side would read the other's past."""
    return one.kind is ChannelKind.PUBLIC


def _why_not(one: SlackChannel, there: ExistingChannel) -> str:
    if there.delete_at:
        return f"{there.name} on the server is archived"
    if there.kind == one.kind:
        return f"{there.name} on the server is a private channel of others (match them in the CSV if they are one)"
    words = {ChannelKind.PUBLIC: "public", ChannelKind.PRIVATE: "private"}
    return f"{there.name} on the server is {words.get(there.kind, 'no channel of a team')}, not {words[one.kind]}"


def _again(one: SlackChannel, before: ChannelDecision, render: Callable[[str], str]) -> ChannelDecision:
    """Return an earlier decision with what a newer export says: who is in it, whether it is archived or closed, its texts."""
    again = msgspec.structs.replace(before, key=one.row.id, archived=one.archived)
    if before.skip or before.kind not in NAMED_KINDS:  # of a direct or group channel its people are the identity
        return again
    again = msgspec.structs.replace(again, members=tuple(sorted({*before.members, *one.members})))
    if one.texts_sent is None or before.is_others:
        return again
    closed = one.kind is ChannelKind.PRIVATE and not one.unlisted
    header, purpose, _ = _texts(one, render)
    topic_sent, purpose_sent = one.texts_sent
    sent = _texts(msgspec.structs.replace(one, topic=topic_sent, purpose=purpose_sent), render)
    return msgspec.structs.replace(
        again,
        kind=ChannelKind.PRIVATE if closed else before.kind,
        header=header,
        purpose=purpose,
        texts_before=sent[:2],
    )


def _named(
    one: SlackChannel, names: _Names, into: str, before: ChannelDecision | None, render: Callable[[str], str]
) -> ChannelDecision:
    notes = [one.note]
    called = before.called if before else ""
    if one.row.mattermost_id and one.row.target_name:
        name, matched_id, note = one.row.target_name, one.row.mattermost_id, _why_there(one)
    else:
        name, matched_id, note = names.take(one, into, before)
    if into and not matched_id:
        notes.append(f"MM_GENERAL={into}: the server has no live public channel of that name")
    if called and called != name:
        notes.append(f"as written in the plan: {name} in its address")
    elif name != one.name.lower() and name != into:
        notes.append(f"{name} in its address")
    if one.archived and matched_id and not one.row.mattermost_id:
        notes.append(f"archived in Slack, and {name} is left as it is: it was there before")
    header, purpose, cuts = _texts(one, render)
    return _decision(
        one,
        name=name,
        display_name=called or shortened(one.display_name, NAME_MAX) or name,
        called=called,
        header=header,
        purpose=purpose,
        matched_id=matched_id,
        note=joined(*notes, note, *cuts),
    )


def _of_people(one: SlackChannel, first: SlackChannel, render: Callable[[str], str]) -> ChannelDecision:
    """`first`: the conversation that makes the channel of these people, be it this one."""
    merged = "" if first is one else first.row.slack_id
    header, _, cuts = _texts(one, render) if one.topic and not merged else ("", "", [])
    if one.archived:
        cuts.append("archived in Slack: Mattermost archives no direct channels")
    return _decision(
        one,
        header=header,
        matched_id=one.row.mattermost_id or "",
        merged_into=merged,
        note=joined(
            one.note, f"the same people as {first.name or 'another conversation'}: one channel" if merged else "", *cuts
        ),
    )


def _texts(one: SlackChannel, render: Callable[[str], str]) -> tuple[str, str, list[str]]:
    """Return (header, purpose, notes): Slack's topic is shown above the channel, as Mattermost's header is."""
    cuts = []
    header, purpose = render(one.topic) if one.topic else "", render(one.purpose) if one.purpose else ""
    for what, text, limit in (("topic", header, CHANNEL_HEADER), ("purpose", purpose, CHANNEL_PURPOSE)):
        if len(text) > limit:
            cuts.append(f"its {what} of {len(text)} characters is cut to {limit}")
    if len(one.display_name) > NAME_MAX:
        cuts.append(f"its name of {len(one.display_name)} characters is cut to {NAME_MAX}")
    return shortened(header, CHANNEL_HEADER), shortened(purpose, CHANNEL_PURPOSE), cuts


def _decision(one: SlackChannel, **decided: object) -> ChannelDecision:
    given = {
        "slack_id": one.row.slack_id,
        "key": one.row.id,
        "slack_name": one.name,
        "kind": one.kind,
        "members": one.members,
        "archived": one.archived,
        "note": one.note,
    }
    return ChannelDecision(**(given | decided))  # type: ignore[arg-type]  # the fields are ChannelDecision's own
