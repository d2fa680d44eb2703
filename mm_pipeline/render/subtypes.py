"""What becomes of each kind (`subtype`) of Slack message: one table. Renders no text and knows no blocks."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec


class Subtype(msgspec.Struct, frozen=True, kw_only=True):
    """A decision. `post_type` is Mattermost's (model/post.go), "" an ordinary post.

    `says` stands for a text where Slack gives none, `adds` stands below any; `props` maps props of Mattermost's to keys of
    the Slack message.
    """

    says: str = ""
    adds: str = ""
    post_type: str = ""
    props: Mapping[str, str] = MappingProxyType({})


def _notice(post_type: str, says: str, **props: str) -> Subtype:
    """A system post. Mattermost writes its own sentence from the props, in the reader's language."""
    return Subtype(says=says, post_type=post_type, props=MappingProxyType(props))


_JOIN = _notice("system_join_channel", "joined the channel")
_LEAVE = _notice("system_leave_channel", "left the channel")
_TOPIC = _notice("system_header_change", "set the channel topic: {topic}", new_header="topic")
_PURPOSE = _notice("system_purpose_change", "set the channel purpose: {purpose}", new_purpose="purpose")
_NAME = _notice(
    "system_displayname_change",
    "renamed the channel from {old_name} to {name}",
    old_displayname="old_name",
    new_displayname="name",
)
_ARCHIVE = _notice("system_channel_deleted", "archived the channel")
_UNARCHIVE = _notice("system_channel_restored", "un-archived the channel")

#: A reply that stood in the channel too: a post of Mattermost's cannot.
_BROADCAST = Subtype(adds="Also sent to the channel.")

#: Subtypes that are messages like others stand here too: what is missing here nobody has thought about.
SUBTYPES: Mapping[str, Subtype] = {
    # Mattermost's own notices: silent, and no part of the unread count
    "channel_join": _JOIN,
    "group_join": _JOIN,
    "mpim_join": _JOIN,
    "channel_leave": _LEAVE,
    "group_leave": _LEAVE,
    "mpim_leave": _LEAVE,
    "channel_topic": _TOPIC,
    "group_topic": _TOPIC,
    "mpim_topic": _TOPIC,
    "channel_purpose": _PURPOSE,
    "group_purpose": _PURPOSE,
    "channel_name": _NAME,
    "group_name": _NAME,
    "channel_archive": _ARCHIVE,
    "group_archive": _ARCHIVE,
    "channel_unarchive": _UNARCHIVE,
    "group_unarchive": _UNARCHIVE,
    # what people and bots wrote
    "me_message": Subtype(post_type="me"),
    "bot_message": Subtype(says="posted a message without text"),
    "thread_broadcast": _BROADCAST,
    "reply_broadcast": _BROADCAST,
    "file_share": Subtype(says="shared a file"),
    "file_mention": Subtype(says="mentioned a file"),
    "file_comment": Subtype(says="commented on a file"),
    "file_reaction": Subtype(says="reacted to a file"),
    "slackbot_response": Subtype(),
    "assistant_app_thread": Subtype(says="started a conversation with an app"),
    "document_mention": Subtype(says="mentioned somebody in a document"),
    "reminder_comment": Subtype(says="commented on a reminder"),
    "tombstone": Subtype(says="This message was deleted."),
    # what Slack says of a channel; ordinary posts, as Mattermost has no notice of the kind
    "channel_convert_to_private": Subtype(says="made the channel private"),
    "channel_convert_to_public": Subtype(says="made the channel public"),
    "channel_posting_permissions": Subtype(says="changed who may post in the channel"),
    "channel_canvas_updated": Subtype(says="updated the channel's canvas"),
    "channel_tab_added": Subtype(says="added a tab to the channel"),
    "channel_tab_removed": Subtype(says="removed a tab from the channel"),
    "group_canvas_updated": Subtype(says="updated the canvas"),
    "tabbed_canvas_updated": Subtype(says="updated a canvas"),
    "canvas_updated": Subtype(says="updated a canvas"),
    "list_record_comment": Subtype(says="commented on an item of a list"),
    "bookmark_added": Subtype(says="added a bookmark"),
    "bookmark_removed": Subtype(says="removed a bookmark"),
    "bookmark_edited": Subtype(says="changed a bookmark"),
    "bookmarks_changed": Subtype(says="changed the bookmarks"),
    "pinned_item": Subtype(says="pinned a message to the channel"),
    "unpinned_item": Subtype(says="unpinned a message"),
    "reminder_add": Subtype(says="set up a reminder"),
    "reminder_delete": Subtype(says="deleted a reminder"),
    "bot_add": Subtype(says="added an integration"),
    "bot_remove": Subtype(says="removed an integration"),
    "bot_enable": Subtype(says="enabled an integration"),
    "bot_disable": Subtype(says="disabled an integration"),
    "app_conversation_join": Subtype(says="joined the conversation"),
    "app_conversation_leave": Subtype(says="left the conversation"),
    "channel_app_join": Subtype(says="joined the channel"),
    "sh_room_created": Subtype(says="started a call"),
    "sh_room_shared": Subtype(says="shared a call"),
    "huddle_thread": Subtype(says="started a huddle"),
    "huddle_history": Subtype(says="started a huddle"),
    "ekm_access_denied": Subtype(says="The text is locked by the organisation's encryption keys."),
    "joiner_notification": Subtype(says="joined the workspace"),
    "joiner_notification_for_inviter": Subtype(says="joined the workspace"),
    "welcome_party": Subtype(says="joined the workspace"),
    "welcome_place_tractor": Subtype(says="joined the workspace"),
    "shared_channel_invite": Subtype(says="shared the channel with another workspace"),
    "connected_channel": Subtype(says="connected the channel with another workspace"),
    "disconnected_channel": Subtype(says="disconnected the channel from another workspace"),
}

#: What a subtype that nobody has thought about is: its text, in an ordinary post.
UNKNOWN = Subtype()
