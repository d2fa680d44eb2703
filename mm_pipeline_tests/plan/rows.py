"""Rows and accounts of invented people, with defaults. Asserts nothing."""

from itertools import count
from typing import Any

from mm_pipeline.mattermost.on_server import Account, ChannelKind, ExistingChannel, Server
from mm_pipeline.model import Entity, EntityType
from mm_pipeline.plan.settings import PlanSettings

STAGED_AT = 1_790_000_000_000
_keys = count(1)


def user(
    slack_id: str, name: str = "", email: str | None = None, *, row: dict[str, Any] | None = None, **raw: Any
) -> Entity:
    """Return a user row; `email` goes into the profile, `row` into the row itself."""
    profile = dict(raw.pop("profile", {}))
    if email is not None:
        profile["email"] = email
    data = {"id": slack_id, "name": name, "profile": profile, **raw}
    return Entity(id=next(_keys), entity_type=EntityType.USER, slack_id=slack_id, raw_data=data, **(row or {}))


def channel(slack_id: str, name: str = "", *, row: dict[str, Any] | None = None, **raw: Any) -> Entity:
    """Return a channel row."""
    data = {"id": slack_id, "is_private": False, **({"name": name} if name else {}), **raw}
    return Entity(id=next(_keys), entity_type=EntityType.CHANNEL, slack_id=slack_id, raw_data=data, **(row or {}))


def emoji(name: str, alias: str | None = None, *, row: dict[str, Any] | None = None) -> Entity:
    """Return a custom_emoji row."""
    return Entity(
        id=next(_keys),
        entity_type=EntityType.CUSTOM_EMOJI,
        slack_id=name,
        raw_data={"name": name}
        | ({"alias": alias} if alias else {"url": f"https://emoji.slack-edge.com/T1/{name}.png"}),
        parent_slack_id=alias,
        **(row or {}),
    )


def account(username: str, email: str = "", **fields: Any) -> Account:
    """Return an account of the server; its id is made of its name."""
    return Account(id=f"id-{username}", username=username, email=email, **({"roles": "system_user"} | fields))


def existing(name: str, kind: ChannelKind = ChannelKind.PUBLIC, **fields: Any) -> ExistingChannel:
    """Return a channel of the team; its id is made of its name."""
    return ExistingChannel(id=f"id-{name}", name=name, kind=kind, **fields)


def settings(**choices: Any) -> PlanSettings:
    """Return the defaults with these choices."""
    return PlanSettings(**({"staged_at": STAGED_AT} | choices))


def server(**fields: Any) -> Server:
    """Return a server with room for everybody."""
    room = {
        "url": "https://chat.orchard.example",
        "server_id": "s",
        "version": (11, 4),
        "team_id": "t",
        "team_name": "orchard",
        "max_post_runes": 16383,
        "max_file_bytes": 100 << 20,
        "max_users_per_team": 1000,
        "team_members": 1,
        "hard_user_limit": 0,
        "active_users": 1,
        "username_override": True,
        "bot_accounts": True,
    }
    return Server(**(room | fields))
