"""A Slack conversation row, read: of which kind it is and who is in it. Chooses no name that depends on others."""

import re
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from mm_pipeline.mattermost.limits import GROUP_MEMBERS
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.model import Entity
from mm_pipeline.nouns import counted, verb
from mm_pipeline.plan.names import channel_name_for
from mm_pipeline.plan.note import joined
from mm_pipeline.plan.settings import PlanSettings
from mm_pipeline.values import texts, words_at

#: A group DM's folder: the Slack names of its people, and a number.
_MPDM = re.compile(r"mpdm-(.+?)-\d+")


class SlackChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as Slack knew it, with the kind of channel that Mattermost has for it."""

    row: Entity
    kind: ChannelKind
    is_direct: bool  #: a DM or group DM in Slack, whatever it becomes
    name: str  #: Slack's name; "" for DMs
    channel_name: str  #: the valid channel name nearest to it
    display_name: str
    topic: str
    purpose: str
    texts_sent: tuple[str, str] | None  #: topic and purpose as they were sent, if it changed since
    members: tuple[str, ...]  #: usernames of those who have an account, sorted
    archived: bool
    is_general: bool
    unlisted: bool  #: a folder that no index of the export names
    previous_names: tuple[str, ...]
    note: str

    @classmethod
    def read(
        cls,
        row: Entity,
        people: Mapping[str, str],
        slack_names: Mapping[str, str],
        settings: PlanSettings,
        left_out: Collection[str] = (),
    ) -> "SlackChannel":
        """Read a row of type channel. Missing and wrongly typed fields count as absent.

        left_out: Slack ids of people who are known, and have no account because the plan's table leaves them out.
        """
        raw = row.raw_data
        name = words_at(raw, "name") or row.slack_id.partition("folder:")[2]
        ids = _member_ids(raw, name, slack_names)
        members = tuple(sorted({people[slack_id] for slack_id in ids if slack_id in people}))
        absent = [slack_id for slack_id in ids if slack_id not in people]
        strangers = sum(slack_id not in left_out for slack_id in absent)
        known = len(absent) - strangers
        unlisted = bool(raw.get("unlisted"))
        kind, why = _kind(
            row.slack_id, raw, name, members, len(ids), len(absent), known, settings if unlisted else None
        )
        earlier = _previous_names(raw, name)
        from_dm = _is_im(row.slack_id, raw) or _is_mpim(raw, name)
        without = [
            f"{count} of its people {verb(count, 'is', 'are')} {why}"
            for count, why in (
                (strangers, "known by nothing but an id and left out"),
                (
                    known if _is_mpim(raw, name) else 0,
                    "left out in the plan",
                ),  # of others `why` says so, or that person's line
            )
            if count
        ]
        return cls(
            row=row,
            kind=kind,
            is_direct=from_dm,
            name=name,
            channel_name=channel_name_for(name, row.slack_id),
            display_name=(", ".join(members) or name) if from_dm else name,
            topic=_value(raw, "topic"),
            purpose="" if from_dm else _value(raw, "purpose"),
            texts_sent=(_value(sent, "topic"), _value(sent, "purpose")) if (sent := row.sent_data) else None,
            members=members,
            archived=bool(raw.get("is_archived")),
            is_general=bool(raw.get("is_general")),
            unlisted=unlisted,
            previous_names=earlier,
            note=joined(why, *without, _shared(raw), _once(earlier)),
        )


def _kind(
    slack_id: str,
    raw: Mapping[str, Any],
    name: str,
    members: tuple[str, ...],
    people: int,
    absent: int,
    left_out: int,
    unlisted: PlanSettings | None,
) -> tuple[ChannelKind, str]:
    """Return the kind and, where it is not the plain one, why. Openness comes from flags, not from the id's letter.

    `members` are the accounts of its `people` (Slack ids), `absent` is how many have none: of these some are `left_out`
    in the plan's table, of the others nothing is known but an id.
    """
    if _is_im(slack_id, raw):
        # With one side unknown it would become somebody's notes to himself.
        alone = len(members) == 1 and isinstance(raw.get("members"), list) and not unlisted
        if (alone or len(members) == 2) and not absent:
            return ChannelKind.DIRECT, "" if len(members) == people else "both its people are one account here"
        whose = "with somebody who is left out" if left_out == absent > 0 else "whose people are not all known"
        return ChannelKind.PRIVATE, f"a DM {whose}: a private channel"
    if _is_mpim(raw, name):
        if len(members) in GROUP_MEMBERS:
            return ChannelKind.GROUP, ""
        if len(members) in (1, 2) and people >= GROUP_MEMBERS.start and not absent and not unlisted:
            return ChannelKind.DIRECT, f"its {people} people are {len(members)} accounts here: a direct channel"
        if len(members) < GROUP_MEMBERS.start:
            return ChannelKind.PRIVATE, (
                f"a group DM with {counted(len(members), 'person', 'people')} left: a private channel, "
                "because a direct channel would mix it with theirs"
            )
        return ChannelKind.PRIVATE, f"a group DM of {len(members)} people, more than Mattermost's 8: a private channel"
    if unlisted:
        words = "not in any index of the export"
        if unlisted.unknown_channels == "public":
            return ChannelKind.PUBLIC, f"{words}: public, as asked"
        return ChannelKind.PRIVATE, f"{words}: a private channel of those who wrote there"
    if raw.get("is_private") or (raw.get("is_group") and not raw.get("is_channel")):
        return ChannelKind.PRIVATE, ""
    says_nothing = not any(flag in raw for flag in ("is_private", "is_channel", "is_group"))
    if slack_id.startswith("G") and says_nothing:
        return ChannelKind.PRIVATE, "nothing says that it is public: a private channel"
    return ChannelKind.PUBLIC, ""


def _shared(raw: Mapping[str, Any]) -> str:
    if raw.get("is_ext_shared"):
        return "shared with another workspace in Slack: here it is this team's alone"
    if raw.get("is_org_shared") or raw.get("is_shared"):
        return "shared by several workspaces of the organisation in Slack: here it is this team's alone"
    return ""


def _previous_names(raw: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(one for one in dict.fromkeys(texts(raw.get("previous_names"))) if one != name)


def _once(names: tuple[str, ...]) -> str:
    return f"was called {', '.join(names)} before" if names else ""


def _is_im(slack_id: str, raw: Mapping[str, Any]) -> bool:
    return bool(raw.get("is_im")) or (slack_id.startswith("D") and "is_im" not in raw and not raw.get("is_mpim"))


def _is_mpim(raw: Mapping[str, Any], name: str) -> bool:
    return bool(raw.get("is_mpim")) or _MPDM.fullmatch(name) is not None


def _member_ids(raw: Mapping[str, Any], name: str, slack_names: Mapping[str, str]) -> list[str]:
    """Return the distinct Slack ids of a conversation's people, in the order given."""
    ids = texts(raw.get("members"))
    if not ids and (other := words_at(raw, "user")):
        ids = [other]
    if raw.get("unlisted") and (folder := _MPDM.fullmatch(name)):
        ids += [slack_names[part] for part in folder[1].split("--") if part in slack_names]
    return list(dict.fromkeys(ids))


def _value(source: Mapping[str, Any], key: str) -> str:
    """Return the text of a topic or purpose: an object with `value`, or plain text in some exports."""
    value = source.get(key)
    return words_at(value, "value") if isinstance(value, dict) else words_at(source, key)
