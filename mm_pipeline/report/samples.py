"""A few rows of a type in each status, by the names that people know them by. Shows no words of any message.

Dagster keeps what it is shown, and shows it to whoever opens its UI: who wrote where and when is enough to look it up.
"""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.db.shown_rows import Sample, ShownRows
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.model import EntityType, Status
from mm_pipeline.values import object_at, text_at

#: Rows of each status: failed ones first, of which people want to know which they are.
_MOST = {Status.FAILED: 10, Status.SKIPPED: 3, Status.PENDING: 3, Status.SUCCESS: 3}
#: What stands for those who are in a direct or group message: that is nobody's business here.
HIDDEN: dict[str, str] = {ChannelKind.DIRECT: "a direct message", ChannelKind.GROUP: "a group message"}


class Shown(NamedTuple):
    """A row as people know it."""

    status: str
    in_slack: str
    in_mattermost: str  #: or why it is not there
    path: str  #: behind the team's address, of what everybody may look at; "" for all else

    @property
    def line(self) -> dict[str, str]:
        """Return it as a line of a table."""
        return {"status": self.status, "in Slack": self.in_slack, "in Mattermost": self.in_mattermost}


def samples(store: EntityStore, entity_type: EntityType, counts: Mapping[Status, int]) -> list[Shown]:
    """Return some rows of a type. Its `counts` tell which statuses there is nothing to look for in."""
    rows, names = ShownRows(store), _NAMES[entity_type]
    return [
        _shown(one, names)
        for status, most in _MOST.items()
        if counts[status]
        for one in rows.samples(entity_type, status, most)
    ]


def _shown(one: Sample, names: "_Names") -> Shown:
    if one.status != Status.SUCCESS:
        return Shown(one.status, names.in_slack(one), one.error_message or "", "")
    path = names.path(one) if one.kind == ChannelKind.PUBLIC else ""
    return Shown(one.status, names.in_slack(one), names.in_mattermost(one), path)


def _person_in_slack(one: Sample) -> str:
    profile = object_at(one.raw_data, "profile")
    real, name = text_at(profile, "real_name") or text_at(one.raw_data, "real_name"), text_at(one.raw_data, "name")
    return f"{real} ({name})" if real and name and real != name else real or name or one.slack_id


def _file_in_slack(one: Sample) -> str:
    return f"{text_at(one.raw_data, 'name', 'title') or 'a file'} in {_where(one)}"


def _channel_in_slack(one: Sample) -> str:
    return HIDDEN.get(one.kind or "") or text_at(one.raw_data, "name") or one.slack_id


def _moment(one: Sample) -> str:
    at = time.strftime("%Y-%m-%d %H:%M", time.gmtime(one.create_at / 1000)) if one.create_at else "at no time"
    return f"{one.person or 'nobody'} in {_where(one)}, {at} UTC"


def _reaction_in_slack(one: Sample) -> str:
    return f":{text_at(one.raw_data, 'name')}: by {one.person or 'nobody'} in {_where(one)}"


def _where(one: Sample) -> str:
    return HIDDEN.get(ChannelKind(one.kind), "") if one.kind in HIDDEN else one.channel or "a channel that is not there"


def _there(one: Sample) -> str:
    return "the same" if one.kind in HIDDEN else f"in ~{one.channel}"


class _Names(NamedTuple):
    """How the rows of a type are called on both sides, and where they are to be seen."""

    in_slack: Callable[[Sample], str]
    in_mattermost: Callable[[Sample], str]
    path: Callable[[Sample], str] = lambda one: ""


_NAMES: dict[EntityType, _Names] = {
    EntityType.USER: _Names(_person_in_slack, lambda one: f"@{one.target_name}"),
    EntityType.CUSTOM_EMOJI: _Names(lambda one: f":{one.slack_id}:", lambda one: f":{one.target_name}:"),
    EntityType.ATTACHMENT: _Names(_file_in_slack, _there, lambda one: f"/pl/{one.parent_id}"),
    EntityType.CHANNEL: _Names(
        _channel_in_slack,
        lambda one: f"~{one.target_name}" if one.target_name else "the same",
        lambda one: f"/channels/{one.target_name}",
    ),
    EntityType.MESSAGE: _Names(_moment, _there, lambda one: f"/pl/{one.mattermost_id}"),
    EntityType.REACTION: _Names(_reaction_in_slack, _there, lambda one: f"/pl/{one.parent_id}"),
}
