"""Rows of a Mattermost database, as far as people see them. Reads nothing and compares nothing."""

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class Account:
    """An account, a bot's too: a bot's display name is its first name. Times in ms; `delete_at` 0: active."""

    id: str
    username: str
    email: str
    create_at: int
    delete_at: int
    first_name: str
    last_name: str
    nickname: str
    is_bot: bool
    in_team: bool
    position: str = ""
    locale: str = "en"
    roles: str = "system_user"
    time_zone: str = ""  #: the one that counts: of the device or chosen


@dataclass(slots=True, kw_only=True)
class Channel:
    """A channel; `type` is O, P, D or G. `messages` and `roots` are the totals that read state is reckoned by."""

    id: str
    type: str
    name: str
    display_name: str
    header: str
    purpose: str
    create_at: int
    delete_at: int
    team_id: str
    messages: int
    roots: int


@dataclass(slots=True, kw_only=True)
class Member:
    """Somebody in a channel, and how much of it counts as read."""

    user_id: str
    seen: int
    seen_roots: int
    mentions: int
    joined_at: int


@dataclass(slots=True, kw_only=True)
class File:
    """A file on a post; `path` leads to its bytes in the file store."""

    id: str
    post_id: str
    name: str
    size: int
    path: str


@dataclass(slots=True, kw_only=True)
class Post:
    """A post that is not deleted, with what hangs on it."""

    id: str
    create_at: int
    user_id: str
    root_id: str
    message: str
    type: str
    props: str
    file_ids: str
    is_pinned: bool
    edit_at: int
    reactions: list[tuple[str, str]] = field(default_factory=list)  #: (name, user id)
    files: list[File] = field(default_factory=list)

    def all_props(self) -> dict[str, Any]:
        """Return the props."""
        props = json.loads(self.props) if self.props != "{}" else {}
        return props if isinstance(props, dict) else {}

    def shown(self) -> str:
        """Everything of the post that is text for a reader: message, name it carries, attachments; all of a notice's props."""
        if self.props == "{}":
            return self.message
        props = self.all_props()
        told = props if self.type.startswith("system_") else [props.get("override_username"), props.get("attachments")]
        return "\n".join((self.message, *_strings(told)))


@dataclass(slots=True, kw_only=True)
class Thread:
    """The server's own record of a thread."""

    post_id: str
    replies: int
    last_reply_at: int


def _strings(value: Any) -> list[str]:
    """Every text in a JSON value, attachments and fields alike."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [text for entry in value for text in _strings(entry)] if isinstance(value, list) else []
