"""Channels that exist, through the server plugin: their texts, their people, the archiving. Leaves no notice behind.

Never changes a channel that was there before us, unless to archive it, and never removes anybody.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.mattermost.channel_lines import ARCHIVE, ChannelLines
from mm_pipeline.mattermost.first_sight import default_channels
from mm_pipeline.mattermost.importer import Importer
from mm_pipeline.mattermost.importer_people import channel_fields, dealt
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.ours import GIVEN_CHANNEL, GIVEN_TEAM
from mm_pipeline.mattermost.outgoing import NewChannel
from mm_pipeline.mattermost.quiet import Quiet
from mm_pipeline.mattermost.rest import Rest


class ImporterLines(ChannelLines):
    """Changes to channels of one team, at once instead of by lines of a job."""

    def __init__(self, importer: Importer, rest: Rest, journal: Journal, work_folder: Path) -> None:
        super().__init__(rest, journal, work_folder)
        self._importer = importer

    def change(self, channels: Iterable[NewChannel]) -> None:
        """Give channels the names, kinds, texts and makers that they are to have. What the server refuses stays as it was."""
        wanted = list(channels)
        makers = self._rest.accounts_named(one.creator for one in wanted if one.creator)
        people = {name: account.id for name, account in makers.items()}
        named = self._rest.channels_named(one.name for one in wanted)
        changes = []
        for one in wanted:
            if there := (self._rest.channel(one.id) if one.id else None) or named.get(one.name):
                fields = channel_fields(one, people)
                kept = {"type", "display_name", "creator_id", "create_at"} | {
                    name for name in ("header", "purpose") if fields[name]
                }
                changes.append((there["id"], {name: fields[name] for name in kept}))
        self._set(changes)

    def retouch(self, changes: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
        """Give channels (as the server has them) other values in some fields; all else stays."""
        self._set((channel["id"], fields) for channel, fields in changes)

    def archive(self) -> None:
        """Archive what is to be archived, without a post, without touching counters."""
        owed = self._journal.owed(ARCHIVE)
        self._set((channel["id"], {"archive": True}) for channel in self._still_open())
        self._journal.paid(ARCHIVE, owed)

    def _set(self, changes: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        for batch in dealt(changes, lambda _: 1):
            wish = [{"id": channel_id, "set": fields} for channel_id, fields in batch]
            for (channel_id, _), answer in zip(batch, self._importer.channels(self._rest.team_id, wish), strict=True):
                if answer.reason:
                    backend_logger.warning("channel %s stays as it was: %s", channel_id, answer.reason)
            self._rest.invalidate_caches()


class ImporterMembers(Quiet):
    """Adds people through the plugin: there is no mail, no push, no notice and no badge to be kept away or removed."""

    def __init__(self, importer: Importer, rest: Rest, journal: Journal, *, many_at_once: bool) -> None:
        super().__init__(rest, journal, many_at_once=many_at_once)
        self._importer = importer

    def add_members(
        self, wanted: Mapping[str, Iterable[str]], bots: frozenset[str] = frozenset()
    ) -> dict[str, dict[str, str]]:
        """Add people (ids) to channels (ids), and to the team where need be. Those who are members stay as they are.

        There is nothing to be marked read, for `bots` as for all others. Returns channel id -> user id -> why, for those refused.
        """
        missing = self._missing(wanted)
        if not missing:
            return {}
        everybody = sorted(set().union(*missing.values()))
        newcomers = set(everybody) - self._rest.members_of_team(everybody)
        self._journal.owe(GIVEN_TEAM, [f"{self._rest.team_id} {user_id}" for user_id in newcomers])
        self._journal.owe(GIVEN_CHANNEL, _pairs(missing))
        homes = [channel_id for channel_id, _ in default_channels(self._rest)]
        refused: dict[str, dict[str, str]] = {}
        for batch in dealt(missing.items(), lambda one: len(one[1])):
            wish = [{"id": channel_id, "members": user_ids} for channel_id, user_ids in batch]
            answers = self._importer.channels(self._rest.team_id, wish, homes)
            for (channel_id, user_ids), answer in zip(batch, answers, strict=True):
                refused[channel_id] = answer.refused_members if answer.id else dict.fromkeys(user_ids, answer.reason)
        self._rest.invalidate_caches()
        self._journal.paid(GIVEN_CHANNEL, _pairs(refused))
        came = {user_id for one, user_ids in missing.items() for user_id in user_ids if user_id not in refused[one]}
        self._journal.paid(GIVEN_TEAM, [f"{self._rest.team_id} {user_id}" for user_id in newcomers - came])
        return {channel_id: reasons for channel_id, reasons in refused.items() if reasons}


def _pairs(people: Mapping[str, Iterable[str]]) -> list[str]:
    return [f"{channel_id} {user_id}" for channel_id, user_ids in people.items() for user_id in user_ids]
