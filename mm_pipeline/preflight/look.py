"""What the list is made of, each thing asked once and only when a line needs it. Says nothing in words; sends nothing."""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from mm_pipeline.content.outlook import FileToCome, Place, file_to_come, picture_place
from mm_pipeline.content.sources import size_of
from mm_pipeline.errors import PipelineError, SkipReason
from mm_pipeline.finding import Finding, told
from mm_pipeline.mattermost.allowances import deleted_before
from mm_pipeline.mattermost.on_server import Asked
from mm_pipeline.migration import Migration
from mm_pipeline.model import Entity, EntityType, Status, ToCome
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.plan.decisions_csv import Plan
from mm_pipeline.plan.outline import Fate, fates, outline
from mm_pipeline.plan.planner import still_to_come
from mm_pipeline.preflight.channels import MOST_POSTS, Occupied
from mm_pipeline.preflight.head_count import HeadCount, head_count
from mm_pipeline.render.emoji import MISSING_EMOJI, emoji_name
from mm_pipeline.report.plan_lines import left_out
from mm_pipeline.report.remedies import Missing, all_missing, missing


class Look:
    """One look at a migration. `is_tried`: an earlier run went the whole way; no request of an upload's size is tried."""

    def __init__(self, migration: Migration, *, is_tried: bool = False) -> None:
        self._migration, self._is_tried = migration, is_tried
        self.against_plan: list[Finding] = []  #: why there is none, once it was asked for

    @cached_property
    def asked(self) -> Asked:
        """What the server says, or why it could not be asked."""
        if self._migration.server_objections():
            return Asked()  # the settings' lines say so
        try:
            raw_files = self._migration.store.files_to_come() if self.has_rows else []
            largest = None if self._is_tried else max(map(size_of, raw_files), default=0)
            return self._migration.api.look(largest)
        except PipelineError as fault:
            return Asked(findings=[told("server", str(fault))])

    @cached_property
    def has_rows(self) -> bool:
        """Whether anything is staged of the workspace that is meant."""
        try:
            return self._migration.has_rows and bool(self._migration.store.workspace)
        except PipelineError:
            return False  # the export's line says why

    @cached_property
    def files(self) -> list[FileToCome]:
        """The files that are to come, each once, and where their bytes are."""
        if not self.has_rows:
            return []
        _ = self.plan  # what it leaves out is not to come
        sources = self._migration.sources
        return [file_to_come(raw, sources) for raw in self._migration.store.files_to_come()]

    @cached_property
    def counts(self) -> dict[EntityType, dict[Status, int]]:
        """Rows per type and status."""
        _ = self.plan  # what it leaves out is not to come
        return self._migration.store.counts()

    @property
    def attachments(self) -> int:
        """How often messages show the files that are to come."""
        return self.counts[EntityType.ATTACHMENT][Status.PENDING]

    @cached_property
    def emoji(self) -> list[Entity]:
        """The custom emoji that are to come, other names of one too."""
        _ = self.plan  # what it leaves out is not to come
        return list(self._migration.store.rows(EntityType.CUSTOM_EMOJI, [Status.PENDING]))

    @property
    def aliases(self) -> int:
        """How many of these are other names of an emoji."""
        return sum(bool(row.parent_slack_id) for row in self.emoji)

    @property
    def knows_emoji(self) -> bool:
        """Whether any are staged, to come or not."""
        return any(self.counts[EntityType.CUSTOM_EMOJI].values())

    @cached_property
    def pictures(self) -> list[Place]:
        """Of the emoji that are to come; an alias has none of its own."""
        sources = self._migration.sources
        return [picture_place(row.raw_data, sources) for row in self.emoji if not row.parent_slack_id]

    @cached_property
    def lacking_emoji(self) -> list[str]:
        """Slack's standard emoji that reactions to come stand under and the server lacks: they are made, though they are no rows."""
        if self.plan is None:
            return []
        names = {one.slack_id: one.name for one in self.plan.emoji}
        used = self._migration.store.reaction_names(Status.PENDING)
        needed = {emoji_name(one, names) for one in used} & MISSING_EMOJI.keys() - set(names.values())
        return sorted(needed - self._migration.api.emoji_names()) if needed else []

    @property
    def missing_files(self) -> int:
        """How many files earlier runs left missing."""
        return sum(count for (kind, _), count in self.missing.items() if kind is EntityType.ATTACHMENT)

    @cached_property
    def missing(self) -> Counter[Missing]:
        """Rows that earlier runs left missing, though people can still bring them."""
        _ = self.plan  # what it leaves out is not to come
        reasons = self._migration.store.reasons()
        return all_missing((kind, *one) for kind, found in reasons.items() for one in found)

    @cached_property
    def within_reach(self) -> Counter[Missing]:
        """How many of these can be had by now: the bytes are here, or Slack may be asked for them, or the server takes more."""
        counts = Counter[Missing]()
        for kind in {kind for kind, _ in self.missing}:
            for row in self._migration.store.rows(kind, [Status.SKIPPED]):
                what = missing(kind, row.status, row.error_message)
                if what and self._is_within_reach(row, what):
                    counts[what] += 1
        return counts

    def _is_within_reach(self, row: Entity, what: Missing) -> bool:
        sources, (_, reason) = self._migration.sources, what
        if reason is SkipReason.TOO_LARGE:
            server, size = self.asked.server, size_of(row.raw_data)
            return server is not None and 0 < size <= server.largest_file
        is_picture, raw = reason is SkipReason.NO_PICTURE, row.raw_data
        place = picture_place(raw, sources) if is_picture else file_to_come(raw, sources).place
        return self._can_be_had(place)

    def _can_be_had(self, place: Place) -> bool:
        return place is Place.HERE or (place is Place.SLACK and self._migration.sources.slack is not None)

    @cached_property
    def waiting(self) -> Plan:
        """The part of the plan that is still to come true."""
        return still_to_come(self._migration.store, self.plan) if self.plan else Plan()

    @cached_property
    def fates(self) -> dict[EntityType, dict[str, Fate]]:
        """What becomes of everybody and everything, as `mm-pipeline plan` has it."""
        return fates(outline(self.plan or Plan(), left_out(self._migration.store)))

    @cached_property
    def head_count(self) -> HeadCount:
        """Everybody, counted once."""
        people = self.plan.people if self.plan else []
        return head_count(people, self.fates[EntityType.USER], {one.slack_id for one in self.waiting.people})

    def occupied(self, channels: Sequence[ChannelDecision]) -> dict[str, Occupied]:
        """Ask for what is in some channels of the server."""
        ids = [one.matched_id for one in channels]
        if not ids:
            return {}
        audit = self._migration.api.audit()
        posts, members = audit.shown(ids, MOST_POSTS), audit.members(ids)
        return {one: Occupied(posts=posts[one], members=members.get(one, 0)) for one in ids}

    @cached_property
    def to_come(self) -> ToCome | None:
        """What is still to be sent; None where nobody can say."""
        server = self.asked.server
        if server is None or not self.has_rows or self.plan is None:
            return None
        store = self._migration.store
        counts, sizes = self.counts, [file.size for file in self.files]
        messages, too_long, bridged, expired = store.texts_to_come(server.max_post_runes, deleted_before(server))
        return ToCome(
            messages=messages,
            too_long=too_long,
            bridged=bridged,
            expired=expired,
            reactions=counts[EntityType.REACTION][Status.PENDING],
            emoji=len(self.pictures),
            file_bytes=sum(file.size for file in self.files if self._can_be_had(file.place)),
            too_large=sum(size > server.largest_file for size in sizes),
            largest_file=max(sizes, default=0),
        )

    @cached_property
    def plan(self) -> Plan | None:
        """The plan as it is stored, or would be made now. It marks what is chosen: what is counted is counted after it."""
        if self.asked.server is None or not self.has_rows:
            return None
        try:
            return self._migration.planning.to_be()
        except PipelineError as fault:
            self.against_plan = [told("plan", one) for one in str(fault).splitlines()]
            return None
