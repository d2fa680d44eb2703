"""The names that a text needs from elsewhere: plain dicts, filled by the caller. Looks nothing up by itself."""

from collections.abc import Callable, Mapping

import msgspec


class Lookups(msgspec.Struct, frozen=True, kw_only=True):
    """What Slack's ids are called in Mattermost, or at least were called in Slack."""

    users: Mapping[str, str]  #: Slack user id -> Mattermost username (accounts that exist)
    names: Mapping[str, str]  #: Slack user id -> display name, for people without an account (mentioned only)
    channels: Mapping[str, str]  #: Slack channel id -> Mattermost channel name (public and private ones)
    channel_labels: Mapping[str, str]  #: Slack channel id -> Slack name, for those without a Mattermost channel name
    usergroups: Mapping[str, str]  #: Slack user group id -> handle
    #: Slack emoji name -> Mattermost's, for custom emoji. One that kept its name may stand here under itself: then it
    #: is known as custom, even where Slack later gave the same name to a standard emoji.
    emoji: Mapping[str, str]
    #: (channel id, ts) -> URL of the imported post, if known; ts "" -> URL of the channel
    permalink: Callable[[str, str], str | None] | None
