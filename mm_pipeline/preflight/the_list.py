"""Makes the list: the one place that says what is looked at, and in which order. Stages the export if need be; sends nothing.

What fails becomes a line, and everything that does not need it is still looked at: all that stops is told at once.
"""

from collections.abc import Callable

from mm_pipeline.errors import PipelineError
from mm_pipeline.export.claims import is_at_work
from mm_pipeline.finding import Finding, Level, ok, stop, stops, told, warning
from mm_pipeline.mattermost.allowances import allowances
from mm_pipeline.migration import Migration
from mm_pipeline.model import EntityType
from mm_pipeline.plan.outline import Fate
from mm_pipeline.plan.planner import objections_to, seats_to_come
from mm_pipeline.preflight.channels import channel_lines, coming_channels
from mm_pipeline.preflight.chosen import chosen_lines, rows_of
from mm_pipeline.preflight.contents import emoji_lines, file_lines, token_lines
from mm_pipeline.preflight.duration import PLUGIN, STOCK, duration_line
from mm_pipeline.preflight.earlier_runs import failed_lines, missing_lines
from mm_pipeline.preflight.look import Look
from mm_pipeline.preflight.people import accounts_line, environment_lines, people_lines, staying_lines
from mm_pipeline.preflight.room import disk_lines, team_lines
from mm_pipeline.preflight.staged import staged_lines
from mm_pipeline.report.at_work import left_changed_sentence
from mm_pipeline.report.plan_lines import staying_with


def preflight(migration: Migration, *, is_staged: bool = False, is_tried: bool = False) -> list[Finding]:
    """Return everything that can be told before anything is sent, in the order in which people read it.

    is_staged: the export was staged a moment ago. is_tried: an earlier run went the whole way, so that neither the size of
    requests nor Slack is tried again.
    """
    look = _Lines(migration, is_staged=is_staged, is_tried=is_tried)
    parts: tuple[tuple[str, Callable[[], list[Finding]]], ...] = (
        ("settings", look.at_settings),
        ("export", look.at_export),
        ("staged", look.at_staged),
        ("paused", look.at_pause),
        ("server", look.at_server),
        ("server", look.at_allowances),
        ("plan", look.at_plan),
        ("files", look.at_contents),
        ("missing", look.at_earlier_runs),
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


class _Lines:
    """The parts of the list."""

    def __init__(self, migration: Migration, *, is_staged: bool, is_tried: bool) -> None:
        self._migration, self._look = migration, Look(migration, is_tried=is_tried)
        self._is_staged, self._is_tried = is_staged, is_tried

    def at_settings(self) -> list[Finding]:
        """What cannot be followed, whatever the server says."""
        return self._migration.objections() or [ok("settings", "All settings can be followed.")]

    def at_export(self) -> list[Finding]:
        """The export, staged."""
        if stops(self._migration.objections()):
            return []  # it may be the export itself
        export = self._migration.exports.at_hand
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
        server = self._look.asked.server
        left = self._migration.journal.settings_to_put_back() if server and self._is_idle else {}
        cut_off = [told("server", left_changed_sentence(sorted(left)), Level.WARNING)] if left else []
        return [*self._look.asked.findings, *(self._migration.elsewhere(server) if server else []), *cut_off]

    def at_staged(self) -> list[Finding]:
        """Which exports the rows are of."""
        if not self._look.has_rows:
            return []
        return staged_lines(self._migration.exports.at_hand, self._migration.store.staged_exports())

    def at_pause(self) -> list[Finding]:
        """Whether people want the work to rest: no run begins then."""
        if not (self._look.has_rows and (pause := self._migration.pause)):
            return []
        return [
            stop(
                "paused",
                f"The work on {self._migration.store.workspace} is {pause}: no run begins.",
                "`mm-pipeline resume` lets it go on.",
            )
        ]

    def at_allowances(self) -> list[Finding]:
        """What the server allows of that which is to come."""
        return allowances(self._look.asked.server, self._look.to_come) if self._look.asked.server else []

    def at_plan(self) -> list[Finding]:
        """What becomes of people and channels, and whether they fit in."""
        server, plan = self._look.asked.server, self._look.plan
        if server is None or plan is None:
            return self._look.against_plan
        store, settings, api = self._migration.store, self._migration.settings, self._migration.api
        activated, waiting = self._migration.planning.activated, self._look.waiting
        against = objections_to(store, api, settings, plan, activated)
        hindered = {finding.subject for finding in against}
        fates = self._look.fates[EntityType.CHANNEL]
        coming_ids = {one.slack_id for one in waiting.channels}
        to_make = sum(not one.matched_id for one in coming_channels(plan.channels, fates, coming_ids))
        fits = team_lines(seats_to_come(api, plan, waiting, activated), to_make, server)
        people = [one for one in plan.people if self._look.fates[EntityType.USER][one.slack_id] is not Fate.LEFT_OUT]
        people_ids = {one.slack_id for one in waiting.people}
        return [
            *against,
            accounts_line(self._look.head_count),
            *(line for line in fits if line.subject not in hindered),
            *environment_lines(people if people_ids or coming_ids else [], self._look.asked.fixed),
            *chosen_lines(store.reasons()),
            *staying_lines(waiting.people, staying_with(self._migration.store, waiting)),
            *people_lines([one for one in people if one.slack_id in people_ids], settings.email_domain),
            *channel_lines(plan.channels, fates, coming_ids, self._look.occupied),
        ]

    def at_contents(self) -> list[Finding]:
        """Where files and pictures come from."""
        if not self._look.has_rows:
            return []
        slack, tokens = self._migration.sources.slack, len(self._migration.store.export_tokens())
        ask = not self._is_tried
        return [
            *(token_lines(slack) if ask else []),
            *emoji_lines(
                self._look.pictures,
                slack,
                self._look.aliases,
                self._look.lacking_emoji,
                are_known=self._look.knows_emoji,
            ),
            *file_lines(
                self._look.files,
                slack,
                tokens,
                attachments=self._look.attachments,
                missing=self._look.missing_files,
                ask=ask,
            ),
        ]

    def at_earlier_runs(self) -> list[Finding]:
        """What earlier runs left behind, and what brings it."""
        if not self._look.has_rows:
            return []
        failed = failed_lines(self._look.counts)
        return [*failed, *missing_lines(self._look.missing, self._look.within_reach, self._migration.exports.are_set)]

    def at_room(self) -> list[Finding]:
        """Disks, here and there."""
        server = self._look.asked.server
        archive_bytes = self._migration.archive_bytes(server) if server else 0
        return disk_lines(self._migration.state_folder, archive_bytes, self._look.to_come)

    def at_time(self) -> list[Finding]:
        """How long it will take."""
        server = self._look.asked.server
        rates = PLUGIN if server and server.by_plugin else STOCK
        return [duration_line(self._look.to_come, self._look.head_count, rates)] if self._look.to_come else []

    def at_nothing(self) -> list[Finding]:
        """What nobody could look at, and why; and what an earlier run has tried."""
        unseen = [
            *(["what the server allows"] if self._look.asked.server is None else []),
            *(["the plan", "the room that it needs", "how long it takes"] if self._look.to_come is None else []),
            *([] if self._look.has_rows else ["files and pictures"]),
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
