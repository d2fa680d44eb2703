"""What Slack says of a channel by itself, and the notice that Mattermost has for it. Knows no post and no account."""

from collections.abc import Mapping
from typing import NamedTuple

from mm_pipeline_tests.checker.export import Json


class Notice(NamedTuple):
    """Mattermost's post type (model/post.go), and which of its props (app/channel.go) holds which field of Slack's."""

    post_type: str
    props: Mapping[str, str] = {}


_KINDS = {
    "join": Notice("system_join_channel"),
    "leave": Notice("system_leave_channel"),
    "topic": Notice("system_header_change", {"new_header": "topic"}),
    "purpose": Notice("system_purpose_change", {"new_purpose": "purpose"}),
    "name": Notice("system_displayname_change", {"old_displayname": "old_name", "new_displayname": "name"}),
    "archive": Notice("system_channel_deleted"),
    "unarchive": Notice("system_channel_restored"),
}
#: By Slack's subtype.
NOTICES = {f"{where}_{kind}": notice for where in ("channel", "group", "mpim") for kind, notice in _KINDS.items()}


def is_bare(message: Json) -> bool:
    """Whether a notice is somebody's and nothing hangs on it: Mattermost's own would not show that."""
    return bool(message.get("user")) and not any(message.get(key) for key in ("attachments", "files", "file"))


def post_type_of(message: Json) -> str:
    """Return the type that the message's post must have; empty for an ordinary one."""
    subtype = message.get("subtype")
    if subtype == "me_message":
        return "me"
    notice = NOTICES.get(str(subtype))
    return notice.post_type if notice and is_bare(message) else ""
