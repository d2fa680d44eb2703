"""A conversation of an export: what its index file implies, how its folder may be called. Reads no files."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from mm_pipeline.staging.slack_id import slack_id

#: Flags that a conversation has by the file it is listed in. The most private file is read first: a conversation that is listed
#: twice stays as closed as the closest of them. file_conversations.json holds the talk about canvases.
CONVERSATION_FILES: dict[str, dict[str, bool]] = {
    "dms.json": {"is_im": True, "is_private": True},
    "mpims.json": {"is_mpim": True, "is_private": True},
    "groups.json": {"is_private": True},
    "file_conversations.json": {"is_private": True},
    "channels.json": {},
}
_FLAGS = ("is_private", "is_im", "is_mpim")
_GROUP_DM = re.compile(r"mpdm-.+")
_DM = re.compile(r"D[A-Z0-9]{8,}")
#: What folders may not hold; Slack writes `_` for it.
_NOT_IN_FOLDERS = re.compile(r'[:/\\*?"<>|]')
#: Before the name of a folder that no index knows.
_UNLISTED = "folder:"


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A channel, private channel, DM or group DM, with the files that its messages lie in."""

    slack_id: str
    entry: dict[str, Any]  #: its object of the index, with the flags that the index file implies
    listed: bool = True  #: False: no index knows it, a folder is all there is
    files: tuple[str, ...] = ()  #: in order: day files, by name


def flagged(entry: dict[str, Any], implied: dict[str, bool]) -> dict[str, Any]:
    """Return an entry of an index with is_private, is_im and is_mpim: its own, and those that the index file implies."""
    flags = {flag: False for flag in _FLAGS if not isinstance(entry.get(flag), bool)} | implied
    if "is_private" in implied and not entry.get("is_im") and _GROUP_DM.fullmatch(str(entry.get("name", ""))):
        flags["is_mpim"] = True  # before mpims.json there was, group DMs stood in groups.json
    return entry | flags


def unlisted(folder: str, files: Iterable[str]) -> Conversation:
    """Return the conversation of a folder that no index knows: private, by the folder's name a DM or group DM."""
    kind = {"is_im": _DM.fullmatch(folder) is not None, "is_mpim": _GROUP_DM.fullmatch(folder) is not None}
    entry = {"name": folder, "unlisted": True, "is_private": True, **kind}
    return Conversation(slack_id=f"{_UNLISTED}{slack_id(folder)}", entry=entry, listed=False, files=tuple(files))


def folder_owners(entries: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """Return conversation id by each name that its folder may have. An id is never mistaken for a name."""
    owners: dict[str, str] = {}
    for names_of in (_by_id, _by_name):
        for conversation, entry in entries.items():
            for name in names_of(entry):
                owners.setdefault(unicodedata.normalize("NFC", name), conversation)
    return owners


def as_staged(conversations: Iterable[Conversation], staged: Mapping[str, str]) -> list[Conversation]:
    """Return conversations under the ids that an earlier export gave them; staged: id by name of the folder.

    Slack drops archived channels from its index and takes them back: a folder must not become a second channel for that.
    """
    given = list(conversations)
    ids = {conversation.slack_id for conversation in given}
    return [_under_staged_id(conversation, staged, ids) for conversation in given]


def staged_folders(channels: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    """Return id by name of the folder, out of (Slack id, name) of the channels that are staged."""
    known = list(channels)
    return {slack.removeprefix(_UNLISTED): slack for slack, _ in known} | {name: slack for slack, name in known if name}


def _under_staged_id(conversation: Conversation, staged: Mapping[str, str], ids: set[str]) -> Conversation:
    for name in (conversation.slack_id, conversation.entry.get("name")):
        before = staged.get(name) if isinstance(name, str) else None
        if before is not None and before not in ids and (not conversation.listed or before.startswith(_UNLISTED)):
            return msgspec.structs.replace(conversation, slack_id=before)
    return conversation


def _by_id(entry: dict[str, Any]) -> list[str]:
    return [entry["id"]]


def _by_name(entry: dict[str, Any]) -> list[str]:
    name = entry.get("name")
    return [name, _NOT_IN_FOLDERS.sub("_", name)] if isinstance(name, str) and name else []
