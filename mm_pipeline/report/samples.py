"""A few rows of a type in each status, by the names that people know them by. Shows no words of any message.

Dagster keeps what it is shown, and shows it to whoever opens its UI: who wrote where and when is enough to look it up.
"""

import time
from collections.abc import Callable

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.db.shown_rows import Sample, ShownRows
from mm_pipeline.mattermost.api import ChannelKind
from mm_pipeline.model import EntityType, Status
from mm_pipeline.values import object_at, text_at

#: Rows of each status: failed ones first, of which people want to know which they are.
_MOST = {Status.FAILED: 10, Status.SKIPPED: 3, Status.PENDING: 3, Status.SUCCESS: 3}
_HIDDEN: dict[str, str] = {ChannelKind.DIRECT: "a direct message", ChannelKind.GROUP: "a group message"}


def samples(store: EntityStore, entity_type: EntityType) -> list[dict[str, str]]:
    """Return lines of a table: status, what it is in Slack, what it is in Mattermost, why."""
    rows = ShownRows(store)
    in_slack, in_mattermost = _NAMES[entity_type]
    return [
        {
            "status": one.status,
            "in Slack": in_slack(one),
            "in Mattermost": in_mattermost(one) if one.status == Status.SUCCESS else "",
            "why": one.error_message or "",
        }
        for status, most in _MOST.items()
        for one in rows.samples(entity_type, status, most)
    ]


def _person_in_slack(one: Sample) -> str:
    profile = object_at(one.raw_data, "profile")
    real, name = text_at(profile, "real_name") or text_at(one.raw_data, "real_name"), text_at(one.raw_data, "name")
    return f"{real} ({name})" if real and name and real != name else real or name or one.slack_id


def _file_in_slack(one: Sample) -> str:
    return f"{text_at(one.raw_data, 'name', 'title') or 'a file'} in {_where(one)}"


def _channel_in_slack(one: Sample) -> str:
    return _HIDDEN.get(one.kind or "") or text_at(one.raw_data, "name") or one.slack_id


def _moment(one: Sample) -> str:
    at = time.strftime("%Y-%m-%d %H:%M", time.gmtime(one.create_at / 1000)) if one.create_at else "at no time"
    return f"{one.person or 'nobody'} in {_where(one)}, {at} UTC"


def _reaction_in_slack(one: Sample) -> str:
    return f":{text_at(one.raw_data, 'name')}: by {one.person or 'nobody'} in {_where(one)}"


def _where(one: Sample) -> str:
    return (
        _HIDDEN.get(ChannelKind(one.kind), "") if one.kind in _HIDDEN else one.channel or "a channel that is not there"
    )


def _channel_in_mattermost(one: Sample) -> str:
    return one.target_name or f"channel {one.mattermost_id}"


#: How a row of each type is called on both sides.
_NAMES: dict[EntityType, tuple[Callable[[Sample], str], Callable[[Sample], str]]] = {
    EntityType.USER: (_person_in_slack, lambda one: f"@{one.target_name}"),
    EntityType.CUSTOM_EMOJI: (lambda one: f":{one.slack_id}:", lambda one: f":{one.target_name}:"),
    EntityType.ATTACHMENT: (_file_in_slack, lambda one: f"on post {one.parent_id}"),
    EntityType.CHANNEL: (_channel_in_slack, _channel_in_mattermost),
    EntityType.MESSAGE: (_moment, lambda one: f"post {one.mattermost_id}"),
    EntityType.REACTION: (_reaction_in_slack, lambda one: f"on post {one.parent_id}"),
}
