"""Change channels that exist by import lines, which leave no post behind as REST does: texts, and the archiving at the end.

Never sends a line for a channel that was there before us, unless to archive it; and none for one that is archived.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.mattermost.archive_writer import ArchiveWriter
from mm_pipeline.mattermost.import_lines import channel_line
from mm_pipeline.mattermost.jobs import ImportJobs, Outcome
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
        team, wanted = self._rest.team()["name"], {one.name: one for one in channels}
        self._send(wanted, lambda there: channel_line(as_closed(wanted[there["name"]], there), team))

    def retouch(self, changes: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
        """Give channels (as the server has them) other values in some fields of their lines; all else stays."""
        team, wanted = self._rest.team()["name"], {channel["name"]: fields for channel, fields in changes}
        self._send(wanted, lambda there: _line_of_one_that_is_there(there, team, **wanted[there["name"]]))

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
        line_of = self._archived()
        return [line_of(channel) for channel in self._still_open() if channel["id"] not in noticed]

    def archive(self) -> None:
        """Archive what is to be archived, without a post, without touching counters."""
        owed = self._journal.owed(ARCHIVE)
        if left := self._still_open():
            self._send([channel["name"] for channel in left], self._archived())
        for channel in left:
            now = self._rest.channel(channel["id"])
            if now and not now["delete_at"]:
                backend_logger.warning("channel %s could not be archived silently: it shows a notice", now["name"])
                self._rest.archive(now["id"])
        self._journal.paid(ARCHIVE, owed)

    def _still_open(self) -> list[dict[str, Any]]:
        found = map(self._rest.channel, self._journal.owed(ARCHIVE))
        return [channel for channel in found if channel and not channel["delete_at"]]

    def _archived(self) -> Callable[[Mapping[str, Any]], bytes]:
        """Return what makes a channel's line that archives it now."""
        return partial(_line_of_one_that_is_there, team=self._rest.team()["name"], deleted_at=self._rest.now())

    def _send(self, names: Iterable[str], line_of: Callable[[Mapping[str, Any]], bytes]) -> None:
        """Have the server read a line for each channel, made of the channel as it is when the job begins.

        A line holds name and kind: what people change of these while the job waits would be undone, and it is sent anew.
        """
        wanted = list(names)

        def lines() -> list[bytes]:
            there = self._rest.channels_named(wanted)
            return [line_of(there[name]) for name in wanted if name in there and not there[name]["delete_at"]]

        while sent := lines():
            outcome = self._run(sent, lines)
            if not outcome.withdrawn:
                if not outcome.ok:
                    backend_logger.warning("changing %s ended with: %s", counted(len(sent), "channel"), outcome.error)
                break
        self._rest.invalidate_caches()

    def _run(self, lines: list[bytes], lines_now: Callable[[], list[bytes]]) -> Outcome:
        writer = ArchiveWriter(self._work_folder / f"{uuid4().hex}.zip", _BYTES)
        try:
            for line in lines:
                writer.add("channel", line, {})
            writer.close()
            return self._jobs.run(
                writer.path, len(lines), channel_lines=True, still_wanted=lambda: lines_now() == lines
            )
        finally:
            writer.release()


def as_closed(wanted: NewChannel, there: Mapping[str, Any]) -> NewChannel:
    """Return a channel of ours as it may become: what somebody has made private since is opened by nobody but people."""
    is_closed = (wanted.kind, there["type"]) == (ChannelKind.PUBLIC, ChannelKind.PRIVATE)
    return msgspec.structs.replace(wanted, kind=ChannelKind.PRIVATE) if is_closed else wanted


def _line_of_one_that_is_there(channel: Mapping[str, Any], team: str, **fields: Any) -> bytes:
    # Kind and display name would be overwritten if they were absent; header and purpose stay (contract 7.3).
    kind, display_name = ChannelKind(channel["type"]), channel["display_name"]
    as_it_is = NewChannel(key=0, kind=kind, name=channel["name"], display_name=display_name)
    line = msgspec.json.decode(channel_line(as_it_is, team))
    line["channel"] |= fields
    return msgspec.json.encode(line)
