"""Makes the list: the one place that says what is looked at, and in which order. Stages the export if need be; sends nothing.

What fails becomes a line, and everything that does not need it is still looked at: all that stops is told at once.
"""

from collections.abc import Callable
from functools import cached_property

from mm_pipeline.content.outlook import FileToCome, Place, file_to_come, picture_place
from mm_pipeline.content.sources import size_of
from mm_pipeline.errors import PipelineError
from mm_pipeline.export.claims import is_at_work
from mm_pipeline.finding import Finding, Level, ok, stop, stops, told
from mm_pipeline.mattermost.allowances import allowances, deleted_before
from mm_pipeline.mattermost.api import Asked
from mm_pipeline.migration import Migration
from mm_pipeline.model import EntityType, Status, ToCome
from mm_pipeline.plan.decisions_csv import Plan
from mm_pipeline.plan.planner import objections_to, still_to_come
from mm_pipeline.preflight.channels import channel_lines
from mm_pipeline.preflight.chosen import chosen_lines
from mm_pipeline.preflight.contents import emoji_lines, file_lines, token_lines
from mm_pipeline.preflight.duration import duration_line, new_accounts
from mm_pipeline.preflight.people import environment_lines, people_lines
from mm_pipeline.preflight.room import disk_lines, team_lines
from mm_pipeline.preflight.staged import staged_lines
from mm_pipeline.report.at_work import left_changed_sentence


def preflight(migration: Migration) -> list[Finding]:
    """Return everything that can be told before anything is sent, in the order in which people read it."""
    look = _Look(migration)
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

    def __init__(self, migration: Migration) -> None:
        self._migration = migration
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
        if export is not None:
            self._migration.exports.stage(export)
        store = self._migration.store
        rows = ", ".join(f"{sum(by.values()):,} {kind.value}" for kind, by in store.counts().items())
        what = export.name if export else "What was staged before"
        return [ok("export", f"{what} is staged as workspace {store.workspace}: {rows} rows.")]

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
        store, settings = self._migration.store, self._migration.settings
        against = objections_to(store, self._migration.api, settings, plan)
        hindered, left_out = {finding.subject for finding in against}, self._migration.planning.left_out()
        people = [one for one in plan.people if one.slack_id not in left_out[EntityType.USER]]
        channels = [one for one in plan.channels if one.slack_id not in left_out[EntityType.CHANNEL]]
        fits = [line for line in team_lines(still_to_come(store, plan), server) if line.subject not in hindered]
        return [
            *against,
            *fits,
            *environment_lines(people, self._asked.fixed),
            *chosen_lines(store.reasons()),
            *people_lines(people, settings.email_domain),
            *channel_lines(channels),
        ]

    def at_contents(self) -> list[Finding]:
        """Where files and pictures come from."""
        if not self._has_rows:
            return []
        slack, tokens = self._migration.sources.slack, len(self._migration.store.export_tokens())
        return [*token_lines(slack), *emoji_lines(self._pictures, slack), *file_lines(self._files, slack, tokens)]

    def at_room(self) -> list[Finding]:
        """Disks, here and there."""
        server = self._asked.server
        archive_bytes = self._migration.archive_bytes(server) if server else 0
        return disk_lines(self._migration.state_folder, archive_bytes, self._to_come or ToCome())

    def at_time(self) -> list[Finding]:
        """How long it will take."""
        if self._to_come is None or self._plan is None:
            return []
        people = still_to_come(self._migration.store, self._plan).people
        return [duration_line(self._to_come, new_accounts(people))]

    # --- what lines share

    @cached_property
    def _asked(self) -> Asked:
        if self._migration.server_objections():
            return Asked()  # the settings' lines say so
        try:
            raw_files = self._migration.store.files_to_come() if self._has_rows else []
            return self._migration.api.look(max(map(size_of, raw_files), default=0))
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

    @cached_property
    def _pictures(self) -> list[Place]:
        """Of the emoji that are to come; an alias has none of its own."""
        sources, rows = self._migration.sources, self._migration.store.rows(EntityType.CUSTOM_EMOJI, [Status.PENDING])
        return [picture_place(row.raw_data, sources) for row in rows if not row.parent_slack_id]

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
