"""A whole migration into one import archive, instead of a server. Reads rows and marks none."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain
from typing import Any, TypeVar

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.db.entity_store import EntityStore, Partitions
from mm_pipeline.db.status_writer import StatusChange
from mm_pipeline.errors import RowFailed, RowSkipped
from mm_pipeline.export.channel_exporter import ChannelExporter
from mm_pipeline.export.custom_emoji_exporter import CustomEmojiExporter
from mm_pipeline.export.directory import Directory, Person
from mm_pipeline.export.exporter_base import Statuses, build_all
from mm_pipeline.export.missing_emoji import missing_emoji
from mm_pipeline.export.permalinks import Links
from mm_pipeline.export.reasons import is_left_out
from mm_pipeline.export.run import Run
from mm_pipeline.export.threads import threads_of
from mm_pipeline.export.user_exporter import UserExporter
from mm_pipeline.mattermost.archive import Archive
from mm_pipeline.mattermost.on_server import NAMED_KINDS
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel, NewEmoji, PostChannel
from mm_pipeline.model import Entity, EntityType, Status
from mm_pipeline.nouns import counted, verb
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.plan.decisions_csv import Plan
from mm_pipeline.plan.emoji import EmojiDecision
from mm_pipeline.plan.names import shortened
from mm_pipeline.plan.people import PersonDecision

Thing = TypeVar("Thing")

#: Characters of a name in Slack (channel:ts of a message) by which something is told; invented ones may be endless.
_LONGEST = 100
#: What reasons say of a run that sends, and what is true of one that writes a file: no row failed, so none is to be retried.
_OWN_WORDS = (("`mm-pipeline retry`", "`mm-pipeline archive`"), ("is not on the server", "is not in it either"))


class PlannedDirectory(Directory):
    """Answers as if the whole plan had come true: nothing has an id yet, names are all an archive needs."""

    def __init__(self, run: Run, plan: Plan) -> None:
        super().__init__(run.store)
        self._plan = plan

    @cached_property
    def people(self) -> dict[str, Person]:
        """Everybody that the plan lets go."""
        without = self._store.left_out(EntityType.USER)
        going = [person for person in self._plan.people if not person.skip and person.slack_id not in without]
        return {one.slack_id: Person(id=one.username, username=one.username, is_bot=one.is_bot) for one in going}

    @cached_property
    def channels(self) -> dict[str, PostChannel]:
        """Every conversation that the plan lets go."""
        going = (one for one in self._plan.channels if not one.skip and one.slack_id not in self.left_out_channels)
        return {one.slack_id: self.post_channel(one, "") for one in going}

    @cached_property
    def person_decisions(self) -> dict[str, PersonDecision]:
        """The plan's people."""
        return {person.slack_id: person for person in self._plan.people}

    @cached_property
    def channel_decisions(self) -> dict[str, ChannelDecision]:
        """The plan's conversations."""
        return {channel.slack_id: channel for channel in self._plan.channels}

    @cached_property
    def emoji_decisions(self) -> dict[str, EmojiDecision]:
        """The plan's emoji."""
        return {emoji.slack_id: emoji for emoji in self._plan.emoji}


class ArchiveRun(Run):
    """A run whose server is a file: bytes are fetched when their message is written."""

    def __init__(self, plan: Plan, **shared: Any) -> None:
        super().__init__(**shared)
        self._plan = plan

    @cached_property
    def directory(self) -> Directory:
        """The plan, as if it had come true."""
        return PlannedDirectory(self, self._plan)

    @cached_property
    def mm_user_id(self) -> str:
        """Nobody: lines of an archive name no creator of an emoji."""
        return ""

    def links_of(self, message: Entity) -> Links:
        """Slack's links stay: whoever imports the archive gives the posts their ids."""
        return Links(None, message)

    def content_of(self, file: Entity) -> str | None:
        """Fetch an attachment's bytes; None where there are none: the message's text says so."""
        try:
            return self.fetch_file(file, self.largest_file).sha256
        except (RowFailed, RowSkipped) as error:
            backend_logger.info("attachment %s is not in the archive: %s", file.slack_id, _of_a_file(error))
            return None


class _Unmarked:
    """Takes the place of the status writer: an archive marks nothing, it says what it leaves out, by its name in Slack."""

    def __init__(self, store: EntityStore) -> None:
        self._store = store

    def put(self, change: StatusChange) -> None:
        if change.error:
            self.left_out(change.id, change.error)

    def left_out(self, key: int, why: object) -> None:
        """Say what is not in the file and why. key: of its row, or, negative, of a part of a message."""
        row_id = self._store.messages_of_parts([-key])[-key] if key < 0 else key
        for row in self._store.heads_by_id([row_id]):
            what = f"{row.entity_type} {shortened(row.slack_id, _LONGEST)}"
            backend_logger.warning("%s is not in the archive: %s", what, _of_a_file(why))


def _of_a_file(why: object) -> str:
    """Return a reason in the words of a file that is written: what is mended comes when it is written once more."""
    said = str(why)
    for of_a_server, of_a_file in _OWN_WORDS:
        said = said.replace(of_a_server, of_a_file)
    return said


def write_archive(run: ArchiveRun, archive: Archive) -> dict[str, int]:
    """Write everything that is staged. Returns how many people, emoji, channels and threads were offered to the file."""
    unmarked = _Unmarked(run.store)
    counts = dict.fromkeys(("emoji", "channels", "people", "threads"), 0)

    def count(what: str, things: Iterable[Thing]) -> Iterator[Thing]:
        for thing in things:
            counts[what] += 1
            yield thing

    for refused in chain(
        archive.add_emoji(count("emoji", _emoji(run, unmarked))),
        archive.add_channels(count("channels", _channels(run, unmarked))),
        archive.add_accounts(count("people", _accounts(run, unmarked))),
        archive.add_threads(count("threads", threads_of(run, Partitions.all_of(1), unmarked))),
    ):
        unmarked.left_out(refused.key, refused.error)
    archive.close()
    _say_what_is_left(run)
    return counts


def _say_what_is_left(run: ArchiveRun) -> None:
    """Name the channels to archive. A line could do it, and the file could then not be imported again after a failure:

    any line for an archived channel ends the job (facts: 11.4, section 5).
    """
    if sent := run.store.counts(EntityType.MESSAGE)[EntityType.MESSAGE][Status.SUCCESS]:
        backend_logger.warning(
            "%s to a server before and %s not in the file: for all of them write it from a MM_PIPELINE_STATE of its own",
            counted(sent, "message went", "messages went"),
            verb(sent, "is", "are"),
        )
    team = run.server.team_name
    decisions = run.directory.channel_decisions.values()
    going = [one for one in decisions if not one.skip and one.slack_id not in run.directory.left_out_channels]
    names = sorted(one.name for one in going if one.archived and one.kind in NAMED_KINDS and not one.is_others)
    if names:
        backend_logger.warning(
            "%s archived in Slack and open in the file. When all is in: mmctl channel archive %s",
            counted(len(names), "channel is", "channels are"),
            " ".join(f"{team}:{name}" for name in names),
        )


def _emoji(run: ArchiveRun, unmarked: Statuses) -> Iterator[NewEmoji]:
    rows = _going(run, EntityType.CUSTOM_EMOJI)
    made = build_all((CustomEmojiExporter.from_entity(row, unmarked, run) for row in rows), CustomEmojiExporter.emoji)
    return chain((emoji for emoji in made if emoji is not None), missing_emoji(run))


def _channels(run: ArchiveRun, unmarked: Statuses) -> Iterator[NewChannel]:
    rows = _going(run, EntityType.CHANNEL)
    return build_all((ChannelExporter.from_entity(row, unmarked, run) for row in rows), ChannelExporter.channel)


def _accounts(run: ArchiveRun, unmarked: Statuses) -> Iterator[NewAccount]:
    rows = _going(run, EntityType.USER)
    exporters = (UserExporter.from_entity(row, unmarked, run) for row in rows)
    return build_all(exporters, lambda one: one.account(one.decision(), run.fetch_avatar(one.entity)))


def _going(run: ArchiveRun, entity_type: EntityType) -> Iterator[Entity]:
    """The rows of a type that no setting leaves out."""
    return (row for row in run.store.rows(entity_type) if not is_left_out(row))
