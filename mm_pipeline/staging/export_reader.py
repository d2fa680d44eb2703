"""Reads a Slack export, zip or folder: people, conversations, day files, custom emoji, bytes. Makes no rows, knows no database.

Reusable by whoever needs bytes of the export later (`file_names`, `stream`).
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from mm_pipeline.errors import AbortRun
from mm_pipeline.nouns import counted
from mm_pipeline.staging import slack_json
from mm_pipeline.staging.container import FileUnreadable
from mm_pipeline.staging.conversation import CONVERSATION_FILES, Conversation, flagged, folder_owners, unlisted
from mm_pipeline.staging.custom_emoji import EMOJI_FILES, EMOJI_FOLDER, CustomEmoji, custom_emoji, listed, pictures
from mm_pipeline.staging.fingerprint import fingerprint
from mm_pipeline.staging.open_container import open_container
from mm_pipeline.staging.slack_id import slack_id
from mm_pipeline.staging.slack_json import Element, NotJson
from mm_pipeline.staging.warnings import Warnings

USERS, ORG_USERS = "users.json", "org_users.json"
#: Files of a conversation's folder that list no messages.
CANVASES = "canvas_in_the_conversation.json"
#: An export of a whole Enterprise Grid keeps each workspace in a folder of this one.
_GRID = re.compile(r"teams/([^/]+)/(?:channels|groups|dms|mpims)\.json")
#: Bytes of day files that are kept from the reading of their stamps to that of their messages.
_KEPT = 8 << 20


class ExportReader:
    """One export. Opening it raises AbortRun where there is nothing to read; what is odd inside goes to `warnings`."""

    def __init__(self, path: Path | str, warnings: Warnings | None = None) -> None:
        self.path = Path(path)
        self.warnings = warnings or Warnings()
        self._container = open_container(self.path, self.warnings)
        self._names = set(self._container.names())
        self._conversations: list[Conversation] | None = None
        self._kept: dict[str, bytes] = {}
        self._room = _KEPT

    def __enter__(self) -> "ExportReader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Forget the day files that were kept."""
        self._kept.clear()

    def fingerprint(self) -> str:
        """Return a hash that changes when anything in the export does. Raises OSError."""
        return fingerprint(self.path, self._container.directory_at)

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

    def grid(self) -> str:
        """Return what to do with an export of a whole Enterprise Grid, one sentence; "" for any other export."""
        inside = sorted({found[1] for name in self._names if (found := _GRID.fullmatch(name))})
        if not inside:
            return ""
        return (
            f"{self.path.name} is the export of a whole Enterprise Grid: its {len(inside)} workspaces "
            f"({', '.join(inside[:20])}) are not read with it. Unpack it, put {ORG_USERS} into the folder of each below "
            "teams/, and migrate each from that folder into a team of its own (SLACK_EXPORT, MM_TEAM, SLACK_WORKSPACE)."
        )

    def _find_conversations(self) -> list[Conversation]:
        if grid := self.grid():
            self.warnings.add("grid", grid)
        entries = self._index()
        owners = folder_owners(entries)
        files: dict[str, list[str]] = {}
        ownerless: list[Conversation] = []
        for folder, names in self._folders().items():
            if (owner := owners.get(folder)) is not None:
                files.setdefault(owner, []).extend(names)
            elif folder != EMOJI_FOLDER and not folder.startswith("__"):
                ownerless.append(unlisted(folder, names))
        found = [Conversation(slack_id=c, entry=e, files=tuple(files.get(c, ()))) for c, e in entries.items()]
        return found + ownerless

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
                    entries[conversation] = flagged(entry, flags)
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
                "canvas",
                f"{name}: {counted(count, 'canvas', 'canvases')} not exported; Slack's export has only titles of such.",
            )

    def messages(self, name: str) -> Iterator[Element]:
        """Yield a day file's messages in order (None: an empty entry). Raises NotJson, FileUnreadable, also on the way."""
        if self._container.size(name) > slack_json.WHOLE:
            with self.stream(name) as stream:
                yield from slack_json.streamed(stream)
        else:
            yield from slack_json.elements(self._day_file(name))

    def stamps(self, name: str) -> Iterator[Any]:
        """Yield what a day file's messages have as `ts`, without reading the rest. Raises as `messages` does."""
        if self._container.size(name) > slack_json.WHOLE:
            yield from (message.get("ts") for message in self.messages(name) if isinstance(message, dict))
        else:
            data = self._read(name)
            if len(data) <= self._room:
                self._kept[name] = data
                self._room -= len(data)
            yield from slack_json.stamps(data)

    def _day_file(self, name: str) -> bytes:
        """Return a day file whose stamps were read before, from memory if it is still there."""
        data = self._kept.pop(name, None)
        if data is None:
            return self._read(name)
        self._room += len(data)
        return data

    # --- custom emoji

    def custom_emoji(self) -> list[CustomEmoji]:
        """Return the custom emoji that the export lists or has pictures of."""
        drawn = pictures(self._names)
        found: dict[str, CustomEmoji] = {}
        for file in EMOJI_FILES:
            for name, said in listed(self._document(file)) if file in self._names else ():
                if emoji := custom_emoji(name, said, drawn, self._names):
                    found.setdefault(emoji.name, emoji)
                else:
                    self.warnings.add("emoji", f"{file}: the emoji {name!r:.100} has neither picture nor alias.")
        for name, picture in drawn.items():
            if (kept := slack_id(name)) and kept not in found:
                found[kept] = CustomEmoji(name=kept, file=picture)
        return list(found.values())

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

    def _document(self, name: str) -> Any:
        try:
            return slack_json.document(self._read(name))
        except (NotJson, FileUnreadable) as error:
            self.warnings.add("not read", f"{name} was not read: {error}.")
            return None

    def _read(self, name: str) -> bytes:
        if self._container.size(name) > slack_json.WHOLE:
            raise FileUnreadable("it is too large")
        with self.stream(name) as stream:
            return stream.read()
