"""Reads a Slack export, zip or folder: people, conversations, day files, custom emoji, bytes. Makes no rows, knows no database.

Reusable by whoever needs bytes of the export later (`file_names`, `stream`).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from mm_pipeline.errors import AbortRun
from mm_pipeline.staging import slack_json
from mm_pipeline.staging.container import FileUnreadable, open_container
from mm_pipeline.staging.slack_id import slack_id
from mm_pipeline.staging.slack_json import Element, NotJson
from mm_pipeline.staging.warnings import Warnings

USERS, ORG_USERS = "users.json", "org_users.json"
#: Flags that a conversation has by the file it is listed in. The most private file is read first: a conversation that is
#: listed twice stays as closed as the closest of them. file_conversations.json holds the talk about canvases.
CONVERSATION_FILES: dict[str, dict[str, bool]] = {
    "dms.json": {"is_im": True, "is_private": True},
    "mpims.json": {"is_mpim": True, "is_private": True},
    "groups.json": {"is_private": True},
    "file_conversations.json": {"is_private": True},
    "channels.json": {},
}
_FLAGS = ("is_private", "is_im", "is_mpim")
#: Files of a conversation's folder that list no messages.
CANVASES = "canvas_in_the_conversation.json"
#: Where exports and other exporters keep the emoji list; pictures lie beside it or in emojis/.
_EMOJI_FILES = ("emoji.json", "emojis/index.json", "emoji_list.json", "emojis.json", "emojis/emoji.json")
_EMOJI_FOLDER = "emojis"
_PICTURE = re.compile(r"emojis/([^/]+)\.(?:png|gif|jpe?g|webp)", re.IGNORECASE)
_GROUP_DM = re.compile(r"mpdm-.+")
_DM = re.compile(r"D[A-Z0-9]{8,}")


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A channel, private channel, DM or group DM, with the files that its messages lie in."""

    slack_id: str
    entry: dict[str, Any]  #: its object of the index, with the flags that the index file implies
    listed: bool = True  #: False: no index knows it, a folder is all there is
    files: tuple[str, ...] = ()  #: in order: day files, by name


class CustomEmoji(msgspec.Struct, frozen=True, kw_only=True):
    """A custom emoji: a picture (its URL, its file in the export) or another name of one."""

    name: str
    url: str | None = None
    alias: str | None = None
    file: str | None = None


class ExportReader:
    """One export. Opening it raises AbortRun where there is nothing to read; what is odd inside goes to `warnings`."""

    def __init__(self, path: Path | str, warnings: Warnings | None = None) -> None:
        self.path = Path(path)
        self.warnings = warnings or Warnings()
        self._container = open_container(self.path, self.warnings)
        self._names = set(self._container.names())
        self._conversations: list[Conversation] | None = None

    def __enter__(self) -> "ExportReader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._container.close()

    # --- bytes

    def file_names(self) -> list[str]:
        """Return the names of all files, relative to the export's root."""
        return sorted(self._names)

    def size(self, name: str) -> int:
        """Return a file's bytes. Raises KeyError for a name that is not there."""
        return self._container.size(name)

    def stream(self, name: str) -> BinaryIO:
        """Open a file of the export for reading. Raises KeyError, FileUnreadable (also while reading)."""
        return self._container.open(name)

    # --- people

    def users(self) -> Iterator[dict[str, Any]]:
        """Yield the people of users.json that have an id. Raises AbortRun where the file is missing or no list of people."""
        name = ORG_USERS if USERS not in self._names and ORG_USERS in self._names else USERS
        if name not in self._names:
            raise AbortRun(
                f"{self.path.name} has no {USERS}: it is no Slack export, or not all of one. "
                "Without it nobody can tell whose messages these are."
            )
        for user in self._entries(name, fatal=True):
            if slack_id(user.get("id")):
                yield user
            else:
                self.warnings.add("no id", f"{name} lists somebody without an id; left out.")

    # --- conversations

    def channels(self) -> list[Conversation]:
        """Return every conversation: those of the index files, and folders with messages that no index knows."""
        if self._conversations is None:
            self._conversations = self._find_conversations()
        return self._conversations

    def channels_as_staged(self, staged: dict[str, str]) -> list[Conversation]:
        """Return the conversations under the ids that an earlier export gave them; staged: id by the conversation's name.

        Slack drops archived channels from its index and takes them back: a folder must not become a second channel for that.
        """
        conversations = self.channels()
        ids = {conversation.slack_id for conversation in conversations}
        known = {_spelling(name): slack for name, slack in staged.items()}
        return [_as_staged(conversation, known, ids) for conversation in conversations]

    def _find_conversations(self) -> list[Conversation]:
        entries = self._index()
        folders = self._folders()
        owners: dict[str, str] = {}
        for key in (lambda entry: [entry["id"]], _names_of_folder):  # an id is never mistaken for a name
            for conversation, entry in entries.items():
                for spelling in key(entry):
                    owners.setdefault(_spelling(spelling), conversation)
        files: dict[str, list[str]] = {}
        unlisted: dict[str, list[str]] = {}
        for folder, names in folders.items():
            owner = owners.get(_spelling(folder))
            if owner is not None:
                files.setdefault(owner, []).extend(names)
            elif folder != _EMOJI_FOLDER and not folder.startswith("__"):
                unlisted[folder] = names
        found = [Conversation(slack_id=c, entry=e, files=tuple(files.get(c, ()))) for c, e in entries.items()]
        return found + [
            Conversation(
                slack_id=f"folder:{slack_id(folder)}", entry=_unlisted_entry(folder), listed=False, files=tuple(names)
            )
            for folder, names in unlisted.items()
        ]

    def _index(self) -> dict[str, dict[str, Any]]:
        entries: dict[str, dict[str, Any]] = {}
        if not self._names.intersection(CONVERSATION_FILES):
            self.warnings.add(
                "no index", f"{self.path.name} has no list of channels; its folders are taken for private channels."
            )
        for name, flags in CONVERSATION_FILES.items():
            for entry in self._entries(name) if name in self._names else ():
                conversation = slack_id(entry.get("id"))
                if conversation is None:
                    self.warnings.add(
                        "no id", f"{name} lists {entry.get('name')!r:.100} without an id; its folder is taken as it is."
                    )
                elif conversation not in entries:
                    entries[conversation] = _flagged(entry, flags)
                else:
                    self.warnings.add(
                        "twice", f"{conversation} is listed twice, the second time in {name}; the first was taken."
                    )
        return entries

    def _folders(self) -> dict[str, list[str]]:
        """Return the day files per folder, in order, counting the canvases that lie among them."""
        folders: dict[str, list[str]] = {}
        for name in sorted(self._names):
            folder, _, file = name.partition("/")
            if not file.endswith(".json") or "/" in file:
                continue
            if file == CANVASES:
                self._count_canvases(name)
            else:
                folders.setdefault(folder, []).append(name)
        return folders

    def _count_canvases(self, name: str) -> None:
        count = sum(1 for _ in self._entries(name))
        if count:
            self.warnings.add(
                "canvas", f"{name}: {count} canvas(es) not exported; Slack's export has only their titles."
            )

    def messages(self, name: str) -> Iterator[Element]:
        """Yield a day file's messages in order (None: an empty entry). Raises NotJson, FileUnreadable, also on the way."""
        if self._container.size(name) > slack_json.WHOLE:
            with self.stream(name) as stream:
                yield from slack_json.streamed(stream)
        else:
            yield from slack_json.elements(self._read(name))

    def stamps(self, name: str) -> Iterator[Any]:
        """Yield what a day file's messages have as `ts`, without reading the rest. Raises as `messages` does."""
        if self._container.size(name) > slack_json.WHOLE:
            yield from (message.get("ts") for message in self.messages(name) if isinstance(message, dict))
        else:
            yield from slack_json.stamps(self._read(name))

    # --- custom emoji

    def custom_emoji(self) -> list[CustomEmoji]:
        """Return the custom emoji that the export lists or has pictures of; none in the exports Slack makes for administrators."""
        pictures = {slack_json.clean(m[1]): name for name in sorted(self._names) if (m := _PICTURE.fullmatch(name))}
        listed: dict[str, CustomEmoji] = {}
        for file in _EMOJI_FILES:
            if file in self._names:
                for name, said in self._emoji_entries(file):
                    if emoji := _emoji(name, said, self._names, pictures):
                        listed.setdefault(emoji.name, emoji)
                    else:
                        self.warnings.add("emoji", f"{file}: the emoji {name!r:.100} has neither picture nor alias.")
        for name, file in pictures.items():
            listed.setdefault(name, CustomEmoji(name=name, file=file))
        return list(listed.values())

    def _emoji_entries(self, file: str) -> Iterator[tuple[str, Any]]:
        try:
            said = slack_json.document(self._read(file))
        except (NotJson, FileUnreadable) as error:
            self.warnings.add("not read", f"{file} was not read: {error}. Custom emoji in it are missing.")
            return
        said = _within(said, "emoji")
        if isinstance(said, dict):
            yield from said.items()
        elif isinstance(said, list):
            for entry in said:
                if isinstance(entry, dict) and isinstance(entry.get("name"), str):
                    yield entry["name"], entry

    # --- files of JSON

    def _entries(self, name: str, *, fatal: bool = False) -> Iterator[dict[str, Any]]:
        """Yield the objects of an index file; one that cannot be read is told, or ends it all."""
        try:
            if self._container.size(name) > slack_json.WHOLE:
                with self.stream(name) as stream:
                    yield from (entry for entry in slack_json.streamed(stream) if isinstance(entry, dict))
            else:
                yield from (entry for entry in slack_json.elements(self._read(name)) if isinstance(entry, dict))
        except (NotJson, FileUnreadable) as error:
            if fatal:
                raise AbortRun(
                    f"{name} in {self.path.name} cannot be read: {error}. Download the export from Slack again."
                ) from error
            self.warnings.add("not read", f"{name} was not read: {error}.")

    def _read(self, name: str) -> bytes:
        if self._container.size(name) > slack_json.WHOLE:
            raise FileUnreadable("it is too large")
        with self.stream(name) as stream:
            return stream.read()


def export_workspace(export: Path | str | ExportReader) -> str:
    """Return the name under which an export's rows lie: the most common team_id of its people, the same for each export of it.

    Without any: the id of its general channel, else the export's file name. Raises AbortRun.
    """
    reader = export if isinstance(export, ExportReader) else ExportReader(export)
    teams = Counter(team for user in reader.users() if (team := slack_id(user.get("team_id"))))
    if teams:
        return max(teams, key=lambda team: (teams[team], team))
    general = sorted(c.slack_id for c in reader.channels() if c.listed and c.entry.get("is_general") is True)
    return general[0] if general else slack_id(slack_json.clean(reader.path.resolve().stem)) or "slack"


def _flagged(entry: dict[str, Any], implied: dict[str, bool]) -> dict[str, Any]:
    flags = {flag: False for flag in _FLAGS if not isinstance(entry.get(flag), bool)} | implied
    if "is_private" in implied and not entry.get("is_im") and _GROUP_DM.fullmatch(str(entry.get("name", ""))):
        flags |= {"is_mpim": True}  # before mpims.json there was, group DMs stood in groups.json
    return entry | flags


def _unlisted_entry(folder: str) -> dict[str, Any]:
    kind = {"is_im": _DM.fullmatch(folder) is not None, "is_mpim": _GROUP_DM.fullmatch(folder) is not None}
    return {"name": folder, "unlisted": True, "is_private": True, **kind}


def _as_staged(conversation: Conversation, staged: dict[str, str], ids: set[str]) -> Conversation:
    for name in (conversation.slack_id, conversation.entry.get("name")):
        before = staged.get(_spelling(name)) if isinstance(name, str) else None
        if before is not None and before not in ids and (not conversation.listed or before.startswith("folder:")):
            return msgspec.structs.replace(conversation, slack_id=before)
    return conversation


def _names_of_folder(entry: dict[str, Any]) -> list[str]:
    """Return how the folder of a conversation may be called: by its name, or that with what folders may not hold as `_`."""
    name = entry.get("name")
    return [name, re.sub(r'[:/\\*?"<>|]', "_", name)] if isinstance(name, str) and name else []


def _spelling(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _within(said: Any, key: str) -> Any:
    """Return what stands under a key, as the API's answers have it, else the thing itself."""
    return said[key] if isinstance(said, dict) and isinstance(said.get(key), dict | list) else said


def _emoji(name: str, said: Any, files: set[str], pictures: dict[str, str]) -> CustomEmoji | None:
    if isinstance(said, dict):
        alias, url = said.get("alias_for") or said.get("alias"), said.get("url") or said.get("image")
        said = f"alias:{alias}" if isinstance(alias, str) and alias else url
    said = slack_json.clean(said) if isinstance(said, str) else ""
    name = slack_id(slack_json.clean(name)) or ""
    if said.startswith("alias:"):
        return CustomEmoji(name=name, alias=slack_id(said.removeprefix("alias:"))) if name else None
    file = pictures.get(name) or (said if said in files else None)
    url = said if said.startswith(("http://", "https://", "data:")) else None
    return CustomEmoji(name=name, url=url, file=file) if name and (url or file) else None
