"""A raw Slack export, zip or folder, as its own words: people, conversations, day files, files with bytes.

Knows nothing of Mattermost and judges nothing.
"""

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Protocol

import msgspec

#: Which index says which kind of conversation. file_conversations are shown by no other index.
INDEXES = {
    "channels.json": "public",
    "groups.json": "private",
    "dms.json": "direct",
    "mpims.json": "group",
    "file_conversations.json": "file",
}
DAY_FILE = re.compile(r"\d{4}-\d{2}-\d{2}\.json")
PICTURE = re.compile(r"(?:emojis?|custom_emojis?)/(?:.*/)?(?P<name>[^/]+)\.(?:png|gif|jpe?g|webp)", re.IGNORECASE)
#: Files that list custom emoji: {"name": url or "alias:other"} or the same under "emoji".
EMOJI_LISTS = ("emoji.json", "emojis.json", "emoji/index.json", "emojis/index.json", "custom_emoji.json")

Json = dict[str, Any]


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation: an entry of an index, a folder, or both. `kind` is an index's word, or `unknown` for a bare folder."""

    id: str
    name: str
    kind: str
    folder: str = ""  #: empty: nobody ever wrote
    archived: bool = False
    members: tuple[str, ...] = ()
    topic: str = ""
    purpose: str = ""
    pins: frozenset[str] = frozenset()


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes that lie in the export for a file object."""

    path: str
    name: str
    size: int


class Source(Protocol):
    """Where an export lies: names with sizes, and bytes."""

    sizes: dict[str, int]

    def open(self, name: str) -> IO[bytes]:
        """Open one file of the export."""


class FolderSource:
    """An unpacked export."""

    def __init__(self, root: Path) -> None:
        self.root = root
        files = (path for path in root.rglob("*") if path.is_file())
        self.sizes = {path.relative_to(root).as_posix(): path.stat().st_size for path in files}

    def open(self, name: str) -> IO[bytes]:
        return (self.root / name).open("rb")


class ZipSource:
    """An export as Slack hands it out."""

    def __init__(self, path: Path) -> None:
        self.zip = zipfile.ZipFile(path)
        self.entries = {_utf8_name(info): info for info in self.zip.infolist() if not info.is_dir()}
        self.sizes = {name: info.file_size for name, info in self.entries.items()}

    def open(self, name: str) -> IO[bytes]:
        return self.zip.open(self.entries[name])


def _utf8_name(info: zipfile.ZipInfo) -> str:
    """Slack writes UTF-8 names without the flag that says so; zipfile then reads them as cp437."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


class Export:
    """One export. Reads day files only when they are asked for, a channel at a time."""

    def __init__(self, path: Path) -> None:
        self.source: Source = FolderSource(path) if path.is_dir() else ZipSource(path)
        self.unreadable: list[str] = []
        self.prefix = self._prefix()
        self.users = [user for user in self._list("users.json") if _is_text(user.get("id"))]
        self.days = self._day_files()
        self.conversations = self._conversations()
        self.uploads = self._uploads()
        self.emoji_pictures = self._pictures()
        self.emoji_aliases = self._aliases()

    def messages(self, conversation: Conversation) -> Iterator[Json]:
        """Yield the messages of a conversation that have a ts, in the order of their day files."""
        for name in self.days.get(conversation.folder, ()):
            for message in self._read(name) or []:
                if isinstance(message, dict) and _is_text(message.get("ts")):
                    yield message

    def emoji_behind(self, name: str) -> str:
        """Return the emoji that an alias stands for at the end of the chain; one that is none stands for itself."""
        for _ in self.emoji_aliases:
            name = self.emoji_aliases.get(name, name)
        return name

    def sha256(self, path: str) -> str:
        """Return the hash of a file's bytes, as hex."""
        with self.source.open(path) as file:
            digest = hashlib.sha256()
            for part in iter(lambda: file.read(1 << 20), b""):
                digest.update(part)
            return digest.hexdigest()

    def _prefix(self) -> str:
        """A zip of a folder instead of its contents has everything one level down."""
        roots = [name for name in self.source.sizes if name.endswith(("users.json", "channels.json"))]
        return min(roots, key=len).rpartition("/")[0] + "/" if roots and "/" in min(roots, key=len) else ""

    def _read(self, name: str) -> Any:
        try:
            with self.source.open(name) as file:
                return json.loads(file.read().decode("utf-8-sig", "replace"))
        except ValueError:
            self.unreadable.append(name)
            return None

    def _list(self, name: str) -> list[Json]:
        found = self._read(self.prefix + name) if self.prefix + name in self.source.sizes else []
        # Slack writes [""] where it has nothing to list.
        return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []

    def _names(self) -> Iterator[tuple[str, str]]:
        for name in sorted(self.source.sizes):
            inside = name.removeprefix(self.prefix)
            if name.startswith(self.prefix) and not inside.startswith("__MACOSX/"):
                yield name, inside

    def _day_files(self) -> dict[str, list[str]]:
        days: dict[str, list[str]] = {}
        for name, inside in self._names():
            folder, _, file = inside.rpartition("/")
            if folder and "/" not in folder and DAY_FILE.fullmatch(file):
                days.setdefault(folder, []).append(name)
        return days

    def _conversations(self) -> list[Conversation]:
        found: dict[str, Conversation] = {}
        for index, kind in INDEXES.items():
            for entry in self._list(index):
                if _is_text(entry.get("id")) and entry["id"] not in found:
                    found[entry["id"]] = self._conversation(entry, kind)
        taken = {conversation.folder for conversation in found.values()}
        for folder in self.days:
            if folder not in taken:
                found[f"folder:{folder}"] = Conversation(
                    id=f"folder:{folder}", name=folder, kind="unknown", folder=folder
                )
        return list(found.values())

    def _conversation(self, entry: Json, kind: str) -> Conversation:
        name = _text(entry.get("name")) or entry["id"]
        # `:` of a name is `_` in its folder's (fact 3 of the shapes).
        spellings = (name, entry["id"], name.replace(":", "_"), name.replace("/", "_"))
        if entry.get("is_mpim"):
            kind = "group"
        elif kind == "public" and entry.get("is_private"):
            kind = "private"
        return Conversation(
            id=entry["id"],
            name=name,
            kind=kind,
            folder=next((spelling for spelling in spellings if spelling in self.days), ""),
            archived=bool(entry.get("is_archived")),
            members=tuple(member for member in _entries(entry.get("members")) if _is_text(member)),
            topic=_text(_object(entry.get("topic")).get("value")),
            purpose=_text(_object(entry.get("purpose")).get("value")),
            pins=frozenset(_text(pin.get("id")) for pin in _entries(entry.get("pins")) if isinstance(pin, dict)),
        )

    def _uploads(self) -> dict[str, list[Upload]]:
        found: dict[str, list[Upload]] = {}
        for name, inside in self._names():
            parts = inside.split("/")
            if len(parts) == 3 and parts[0] == "__uploads":
                upload = Upload(path=name, name=parts[2], size=self.source.sizes[name])
                found.setdefault(parts[1], []).append(upload)
        return found

    def _pictures(self) -> set[str]:
        matches = (PICTURE.fullmatch(inside) for _, inside in self._names())
        return {match["name"] for match in matches if match}

    def _aliases(self) -> dict[str, str]:
        aliases: dict[str, str] = {}
        for name in EMOJI_LISTS:
            if self.prefix + name in self.source.sizes:
                read = _object(self._read(self.prefix + name))
                for emoji, target in {**read, **_object(read.get("emoji"))}.items():
                    if isinstance(target, str) and target.startswith("alias:"):
                        aliases[emoji] = target.removeprefix("alias:")
        return aliases


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _entries(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
