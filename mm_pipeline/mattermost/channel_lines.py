"""Change channels that exist by import lines, which leave no post behind as REST does: texts, and the archiving at the end.

Never sends a line for a channel that was there before us, unless to archive it; and none for one that is archived.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.mattermost.archive_writer import ArchiveWriter
from mm_pipeline.mattermost.import_lines import channel_line
from mm_pipeline.mattermost.jobs import ImportJobs
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.mattermost.outgoing import NewChannel
from mm_pipeline.mattermost.quiet import NOTICES
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.nouns import counted

#: Finishing touch owed: ids of channels to archive.
ARCHIVE = "archive_by_job"
_BYTES = 8 << 20
#: By REST the server refuses to archive it; to a line it would do it.
_UNARCHIVABLE = "town-square"


class ChannelLines:
    """Changes to channels of one team."""

    def __init__(self, rest: Rest, journal: Journal, work_folder: Path) -> None:
        self._rest = rest
        self._journal = journal
        self._jobs = ImportJobs(rest.http, journal, work_folder)
        self._work_folder = work_folder

    def change(self, channels: Iterable[NewChannel]) -> None:
        """Give channels the names, kinds and texts that they are to have. What the server refuses stays as it was."""
        team = self._rest.team()["name"]
        self._send([channel_line(channel, team) for channel in channels])

    def retouch(self, changes: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
        """Give channels (as the server has them) other values in some fields of their lines; all else stays."""
        team = self._rest.team()["name"]
        self._send([_line_of_one_that_is_there(channel, team, **fields) for channel, fields in changes])

    def archive_later(self, channel_id: str) -> None:
        """Remember to archive a channel: one job archives all. One that is archived is left."""
        channel = self._rest.channel(channel_id)
        if channel and not channel["delete_at"] and channel["name"] != _UNARCHIVABLE:
            self._journal.owe(ARCHIVE, [channel_id])

    def archiving(self) -> list[bytes]:
        """Return the lines that archive what is to be archived, for the front of a job that brings posts.

        Where a notice of ours is still to be removed the channel stays open: REST deletes nothing in an archived one.
        """
        noticed = {owed.split()[0] for owed in self._journal.owed(NOTICES)}
        return self._archiving([channel for channel in self._still_open() if channel["id"] not in noticed])

    def archive(self) -> None:
        """Archive what is to be archived, without a post, without touching counters."""
        owed = self._journal.owed(ARCHIVE)
        if left := self._still_open():
            self._send(self._archiving(left))
        for channel in left:
            now = self._rest.channel(channel["id"])
            if now and not now["delete_at"]:
                backend_logger.warning("channel %s could not be archived silently: it shows a notice", now["name"])
                self._rest.archive(now["id"])
        self._journal.paid(ARCHIVE, owed)

    def _still_open(self) -> list[dict[str, Any]]:
        found = map(self._rest.channel, self._journal.owed(ARCHIVE))
        return [channel for channel in found if channel and not channel["delete_at"]]

    def _archiving(self, channels: Iterable[Mapping[str, Any]]) -> list[bytes]:
        team, deleted_at = self._rest.team()["name"], self._rest.now()
        return [_line_of_one_that_is_there(channel, team, deleted_at=deleted_at) for channel in channels]

    def _send(self, lines: list[bytes]) -> None:
        writer = ArchiveWriter(self._work_folder / f"{uuid4().hex}.zip", _BYTES)
        try:
            for line in lines:
                writer.add("channel", line, {})
            writer.close()
            outcome = self._jobs.run(writer.path, len(lines), channel_lines=True)
        finally:
            writer.release()
        if not outcome.ok:
            backend_logger.warning("changing %s ended with: %s", counted(len(lines), "channel"), outcome.error)
        self._rest.invalidate_caches()


def _line_of_one_that_is_there(channel: Mapping[str, Any], team: str, **fields: Any) -> bytes:
    # Kind and display name would be overwritten if they were absent; header and purpose stay (contract 7.3).
    kind, display_name = ChannelKind(channel["type"]), channel["display_name"]
    as_it_is = NewChannel(key=0, kind=kind, name=channel["name"], display_name=display_name)
    line = msgspec.json.decode(channel_line(as_it_is, team))
    line["channel"] |= fields
    return msgspec.json.encode(line)
