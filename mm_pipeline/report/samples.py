"""A few rows of a type in each status, by the names that people know them by. Shows no words of any message.

Dagster keeps what it is shown, and shows it to whoever opens its UI: who wrote where and when is enough to look it up.
"""

import time
from collections.abc import Callable, Mapping

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.db.shown_rows import Sample, ShownRows
from mm_pipeline.mattermost.api import ChannelKind
from mm_pipeline.model import EntityType, Status
from mm_pipeline.values import object_at, text_at

#: Rows of each status: failed ones first, of which people want to know which they are.
_MOST = {Status.FAILED: 10, Status.SKIPPED: 3, Status.PENDING: 3, Status.SUCCESS: 3}
_THERE = "in Mattermost, or why not"
#: What stands for those who are in a direct or group message: that is nobody's business here.
HIDDEN: dict[str, str] = {ChannelKind.DIRECT: "a direct message", ChannelKind.GROUP: "a group message"}


def samples(store: EntityStore, entity_type: EntityType, counts: Mapping[Status, int]) -> list[dict[str, str]]:
    """Return lines of a table: status, what it is in Slack, what it is in Mattermost or why it is not there.

    `counts` of the type tell which statuses there is nothing to look for in.
    """
    rows = ShownRows(store)
    in_slack, in_mattermost = _NAMES[entity_type]
    return [
        {
            "status": one.status,
            "in Slack": in_slack(one),
            _THERE: in_mattermost(one) if one.status == Status.SUCCESS else one.error_message or "",
        }
        for status, most in _MOST.items()
        if counts[status]
        for one in rows.samples(entity_type, status, most)
    ]


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


#: How a row of each type is called on both sides; /pl/ is a post's address behind that of its team.
_NAMES: dict[EntityType, tuple[Callable[[Sample], str], Callable[[Sample], str]]] = {
    EntityType.USER: (_person_in_slack, lambda one: f"@{one.target_name}"),
    EntityType.CUSTOM_EMOJI: (lambda one: f":{one.slack_id}:", lambda one: f":{one.target_name}:"),
    EntityType.ATTACHMENT: (_file_in_slack, lambda one: f"/pl/{one.parent_id}"),
    EntityType.CHANNEL: (_channel_in_slack, lambda one: f"~{one.target_name}" if one.target_name else "the same"),
    EntityType.MESSAGE: (_moment, lambda one: f"/pl/{one.mattermost_id}"),
    EntityType.REACTION: (_reaction_in_slack, lambda one: f"/pl/{one.parent_id}"),
}
