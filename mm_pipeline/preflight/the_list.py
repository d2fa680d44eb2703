"""Makes the list: the one place that says what is looked at, and in which order. Stages the export if need be; sends nothing.

What fails becomes a line, and everything that does not need it is still looked at: all that stops is told at once.
"""

from collections.abc import Callable, Sequence
from functools import cached_property

from mm_pipeline.content.outlook import FileToCome, Place, file_to_come, picture_place
from mm_pipeline.content.sources import size_of
from mm_pipeline.errors import PipelineError
from mm_pipeline.export.claims import is_at_work
from mm_pipeline.finding import Finding, Level, ok, stop, stops, told, warning
from mm_pipeline.mattermost.allowances import allowances, deleted_before
from mm_pipeline.mattermost.api import Asked
from mm_pipeline.migration import Migration
from mm_pipeline.model import Entity, EntityType, Status, ToCome
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.plan.decisions_csv import Plan
from mm_pipeline.plan.outline import Fate, fates, outline
from mm_pipeline.plan.planner import objections_to, seats_to_come, still_to_come
from mm_pipeline.preflight.channels import Occupied, channel_lines, coming_channels
from mm_pipeline.preflight.chosen import chosen_lines, rows_of
from mm_pipeline.preflight.contents import emoji_lines, file_lines, token_lines
from mm_pipeline.preflight.duration import duration_line
from mm_pipeline.preflight.head_count import HeadCount, head_count
from mm_pipeline.preflight.people import accounts_line, environment_lines, people_lines
from mm_pipeline.preflight.room import disk_lines, team_lines
from mm_pipeline.preflight.staged import staged_lines
from mm_pipeline.report.at_work import left_changed_sentence


def preflight(migration: Migration, *, is_staged: bool = False, is_tried: bool = False) -> list[Finding]:
    """Return everything that can be told before anything is sent, in the order in which people read it.

    is_staged: the export was staged a moment ago. is_tried: an earlier run went the whole way, so that neither the size of
    requests nor Slack is tried again.
    """
    look = _Look(migration, is_staged=is_staged, is_tried=is_tried)
    parts: tuple[tuple[str, Callable[[], list[Finding]]], ...] = (
        ("settings", look.at_settings),
        ("export", look.at_export),
        ("staged", look.at_staged),
        ("server", look.at_server),
        ("server", look.at_allowances),
        ("plan", look.at_plan),
        ("files", look.at_contents),
        ("disk here", look.at_room),
        ("time", look.at_time),
        ("not looked at", look.at_nothing),
    )
    found: dict[str, Finding] = {}
    for subject, part in parts:
        for finding in _told(subject, part):
            found.setdefault(finding.text, finding)  # what several parts need and cannot have is told once
    return list(found.values())


def _told(subject: str, part: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return part()
    except PipelineError as fault:
        return [told(subject, str(fault))]


class _Look:
    """One look at everything, each thing asked once."""

    def __init__(self, migration: Migration, *, is_staged: bool, is_tried: bool) -> None:
        self._migration = migration
        self._is_staged, self._is_tried = is_staged, is_tried
        self._against_plan: list[Finding] = []  #: why there is none

    def at_settings(self) -> list[Finding]:
        """What cannot be followed, whatever the server says."""
        return self._migration.objections() or [ok("settings", "All settings can be followed.")]

    def at_export(self) -> list[Finding]:
        """The export, staged."""
        if stops(self._migration.objections()):
            return []  # it may be the export itself
        export = self._migration.exports.at_hand
        if export is None and not self._migration.has_rows:
            return [
                stop(
                    "export",
                    "There is nothing to export: SLACK_EXPORT names none, and nothing is staged.",
                    "Name the export, a zip or a folder, in SLACK_EXPORT.",
                )
            ]
        if export is not None and not self._is_staged:
            self._migration.exports.stage(export)
        store = self._migration.store
        rows = ", ".join(rows_of(kind, sum(by.values())) for kind, by in store.counts().items())
        what = f"The export {export.name}" if export else "What was staged before"
        return [ok("export", f"{what} is staged as workspace {store.workspace}: {rows}.")]

    @property
    def _is_idle(self) -> bool:
        return self._migration.has_rows and not is_at_work(self._migration.store)

    def at_server(self) -> list[Finding]:
        """Who the server is, what surrounds it, and whether this migration went to another one before."""
        server = self._asked.server
        left = self._migration.journal.settings_to_put_back() if server and self._is_idle else {}
        cut_off = [told("server", left_changed_sentence(sorted(left)), Level.WARNING)] if left else []
        return [*self._asked.findings, *(self._migration.elsewhere(server) if server else []), *cut_off]

    def at_staged(self) -> list[Finding]:
        """Which exports the rows are of."""
        if not self._has_rows:
            return []
        return staged_lines(self._migration.exports.at_hand, self._migration.store.staged_exports())

    def at_allowances(self) -> list[Finding]:
        """What the server allows of that which is to come."""
        return allowances(self._asked.server, self._to_come) if self._asked.server else []

    def at_plan(self) -> list[Finding]:
        """What becomes of people and channels, and whether they fit in."""
        server, plan = self._asked.server, self._plan
        if server is None or plan is None:
            return self._against_plan
        store, settings, api = self._migration.store, self._migration.settings, self._migration.api
        activated, waiting = self._migration.planning.activated, self._waiting
        against = objections_to(store, api, settings, plan, activated)
        hindered = {finding.subject for finding in against}
        fates = self._fates[EntityType.CHANNEL]
        coming_ids = {one.slack_id for one in waiting.channels}
        to_make = sum(not one.matched_id for one in coming_channels(plan.channels, fates, coming_ids))
        fits = team_lines(seats_to_come(api, plan, waiting, activated), to_make, server)
        people = [one for one in plan.people if self._fates[EntityType.USER][one.slack_id] is not Fate.LEFT_OUT]
        people_ids = {one.slack_id for one in waiting.people}
        return [
            *against,
            accounts_line(self._head_count),
            *(line for line in fits if line.subject not in hindered),
            *environment_lines(people if people_ids or coming_ids else [], self._asked.fixed),
            *chosen_lines(store.reasons()),
            *people_lines([one for one in people if one.slack_id in people_ids], settings.email_domain),
            *channel_lines(plan.channels, fates, coming_ids, self._occupied),
        ]

    def at_contents(self) -> list[Finding]:
        """Where files and pictures come from."""
        if not self._has_rows:
            return []
        slack, tokens = self._migration.sources.slack, len(self._migration.store.export_tokens())
        ask = not self._is_tried
        return [
            *(token_lines(slack) if ask else []),
            *emoji_lines(self._pictures, slack, self._aliases),
            *file_lines(self._files, slack, tokens, attachments=self._attachments, ask=ask),
        ]

    def at_room(self) -> list[Finding]:
        """Disks, here and there."""
        server = self._asked.server
        archive_bytes = self._migration.archive_bytes(server) if server else 0
        return disk_lines(self._migration.state_folder, archive_bytes, self._to_come)

    def at_time(self) -> list[Finding]:
        """How long it will take."""
        return [duration_line(self._to_come, self._head_count)] if self._to_come else []

    def at_nothing(self) -> list[Finding]:
        """What nobody could look at, and why; and what an earlier run has tried."""
        unseen = [
            *(["what the server allows"] if self._asked.server is None else []),
            *(["the plan", "the room that it needs", "how long it takes"] if self._to_come is None else []),
            *([] if self._has_rows else ["files and pictures"]),
        ]
        if unseen:
            return [
                warning(
                    "not looked at",
                    f"{', '.join(unseen).capitalize()}: what stops above stands before it.",
                    "Mend that, then run the same command again.",
                )
            ]
        if self._is_tried:
            return [
                ok(
                    "not tried again",
                    "How large a request may be and what Slack gives out: an earlier run sent its imports through.",
                    "`mm-pipeline preflight` tries both.",
                )
            ]
        return []

    # --- what lines share

    @cached_property
    def _asked(self) -> Asked:
        if self._migration.server_objections():
            return Asked()  # the settings' lines say so
        try:
            raw_files = self._migration.store.files_to_come() if self._has_rows else []
            largest = None if self._is_tried else max(map(size_of, raw_files), default=0)
            return self._migration.api.look(largest)
        except PipelineError as fault:
            return Asked(findings=[told("server", str(fault))])

    @cached_property
    def _has_rows(self) -> bool:
        try:
            return self._migration.has_rows and bool(self._migration.store.workspace)
        except PipelineError:
            return False  # the export's line says why

    @cached_property
    def _files(self) -> list[FileToCome]:
        if not self._has_rows:
            return []
        _ = self._plan  # what it leaves out is not to come
        sources = self._migration.sources
        return [file_to_come(raw, sources) for raw in self._migration.store.files_to_come()]

    @property
    def _attachments(self) -> int:
        """How often messages show the files that are to come."""
        return self._migration.store.counts(EntityType.ATTACHMENT)[EntityType.ATTACHMENT][Status.PENDING]

    @cached_property
    def _emoji(self) -> list[Entity]:
        _ = self._plan  # what it leaves out is not to come
        return list(self._migration.store.rows(EntityType.CUSTOM_EMOJI, [Status.PENDING]))

    @property
    def _aliases(self) -> int:
        return sum(bool(row.parent_slack_id) for row in self._emoji)

    @cached_property
    def _pictures(self) -> list[Place]:
        """Of the emoji that are to come; an alias has none of its own."""
        sources = self._migration.sources
        return [picture_place(row.raw_data, sources) for row in self._emoji if not row.parent_slack_id]

    @cached_property
    def _waiting(self) -> Plan:
        """The part of the plan that is still to come true."""
        return still_to_come(self._migration.store, self._plan) if self._plan else Plan()

    @cached_property
    def _fates(self) -> dict[EntityType, dict[str, Fate]]:
        """What becomes of everybody and everything, as `mm-pipeline plan` has it."""
        return fates(outline(self._plan or Plan(), self._migration.planning.left_out()))

    @cached_property
    def _head_count(self) -> HeadCount:
        people = self._plan.people if self._plan else []
        return head_count(people, self._fates[EntityType.USER], {one.slack_id for one in self._waiting.people})

    def _occupied(self, channels: Sequence[ChannelDecision]) -> dict[str, Occupied]:
        """Ask for what is in some channels of the server."""
        api = self._migration.api
        members = api.audit().members([one.matched_id for one in channels]) if channels else {}
        found = {one.matched_id: there for one in channels if (there := api.channel_named(one.name))}
        return {key: Occupied(posts=there.total_msg_count, members=members.get(key, 0)) for key, there in found.items()}

    @cached_property
    def _to_come(self) -> ToCome | None:
        server = self._asked.server
        if server is None or not self._has_rows or self._plan is None:
            return None
        store = self._migration.store
        counts, sizes = store.counts(), [file.size for file in self._files]
        messages, too_long, bridged, expired = store.texts_to_come(server.max_post_runes, deleted_before(server))
        return ToCome(
            messages=messages,
            too_long=too_long,
            bridged=bridged,
            expired=expired,
            reactions=counts[EntityType.REACTION][Status.PENDING],
            emoji=len(self._pictures),
            file_bytes=sum(sizes),
            too_large=sum(size > server.max_file_bytes for size in sizes),
            largest_file=max(sizes, default=0),
        )

    @cached_property
    def _plan(self) -> Plan | None:
        """The plan as it is stored, or would be made now. It marks what is chosen: what is counted is counted after it."""
        if self._asked.server is None or not self._has_rows:
            return None
        try:
            return self._migration.planning.to_be()
        except PipelineError as fault:
            self._against_plan = [told("plan", one) for one in str(fault).splitlines()]
            return None
