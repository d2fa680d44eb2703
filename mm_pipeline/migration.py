"""One migration, put together from its settings: what assets and the terminal both ask for. Starts nothing by itself."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.content.avatars import Avatars
from mm_pipeline.content.pictures import Picture, fetch_picture
from mm_pipeline.content.sources import LocalFiles, Sources, fetch_file
from mm_pipeline.content.store import ContentStore, Stored
from mm_pipeline.db.advisory_lock import advisory_lock
from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore, workspaces
from mm_pipeline.db.journal import PostgresJournal
from mm_pipeline.db.pauses import Going, Pause, paused
from mm_pipeline.db.status_writer import take_in_again
from mm_pipeline.errors import AbortRun, RowFailed
from mm_pipeline.export.archiving import ArchiveRun, write_archive
from mm_pipeline.export.claims import is_at_work
from mm_pipeline.export.emoji_in_use import WITHOUT_PICTURE
from mm_pipeline.export.left_out_files import SAY_ANEW
from mm_pipeline.export.run import Run
from mm_pipeline.export.user_exporter import ACTIVATE_ACCOUNT
from mm_pipeline.finding import Finding, require_no_stop, stop, told, warnings
from mm_pipeline.mattermost.allowances import allowances
from mm_pipeline.mattermost.api import MattermostAPI, Server
from mm_pipeline.mattermost.archive import Archive
from mm_pipeline.mattermost.fresh_server import FreshServer
from mm_pipeline.mattermost.packing import archive_limit
from mm_pipeline.mattermost.server_plugin import ServerPlugin
from mm_pipeline.model import Entity, EntityType, Status
from mm_pipeline.plan.choosing import called_back, choose, with_names_only
from mm_pipeline.plan.decisions_csv import Edit, Plan
from mm_pipeline.plan.edits import apply_edits
from mm_pipeline.plan.planner import (
    PLANNED,
    PlanStops,
    decide,
    make_plan,
    plan_as_it_would_be,
    require_plan,
    store_plan,
    stored_plan,
    with_people_anew,
)
from mm_pipeline.plan.settings import PlanSettings
from mm_pipeline.render.emoji import MATTERMOST_EMOJI
from mm_pipeline.report.comparison import Compared
from mm_pipeline.report.document import document, earlier_seen
from mm_pipeline.report.report import Report
from mm_pipeline.report.written import DATA, write_report
from mm_pipeline.resources import (
    EXPORT_TOKENS,
    MMResource,
    PlanResource,
    PostgresResource,
    SlackResource,
    settings_told,
)
from mm_pipeline.staging import (
    Difference,
    Inbox,
    Staged,
    compare,
    emoji_of_downloads,
    emoji_of_slack,
    export_workspace,
    is_staged,
    look_into,
    stage,
    stage_emoji,
)
from mm_pipeline.staging import preflight as export_objections

#: Posts that are looked for where the server seems to have lost what was sent: people delete some, never all of these.
_SENT_LAST = 200


class Migration:
    """A Slack workspace on its way to a Mattermost server."""

    def __init__(self, mm: MMResource, postgres: PostgresResource, slack: SlackResource, plan: PlanResource) -> None:
        self._mm, self.postgres, self._slack, self._plan = mm, postgres, slack, plan

    @property
    def export(self) -> Path | None:
        """The Slack export: the one that is named, else the newest of the inbox. Raises AbortRun: no such inbox."""
        if self._slack.export:
            return Path(self._slack.export).expanduser()
        return self.inbox.exports[-1].path if self.inbox.exports else None

    @cached_property
    def inbox(self) -> Inbox:
        """What lies in the folder that exports are put into. Raises AbortRun where there is no such folder."""
        return look_into(Path(self._slack.inbox).expanduser()) if self._slack.inbox else Inbox()

    @property
    def unstaged(self) -> list[Path]:
        """The exports of the inbox that were never staged, oldest first."""
        return [one.path for one in self.inbox.exports if not is_staged(one, self.database.connect)]

    @property
    def downloads(self) -> Path | None:
        """What was downloaded from Slack before, if it is named."""
        return Path(self._slack.downloads).expanduser() if self._slack.downloads else None

    @cached_property
    def database(self) -> Database:
        """The database, running and with the newest schema. Raises AbortRun where there is none to be had."""
        self._require_state_folder()
        return self.postgres.database()

    @property
    def has_rows(self) -> bool:
        """Whether anything is staged."""
        return bool(workspaces(self.database))

    @cached_property
    def store(self) -> EntityStore:
        """The rows of the workspace. Raises AbortRun where it is not clear which one is meant."""
        staged = workspaces(self.database)
        if self._slack.workspace:
            if self.export is None and self._slack.workspace not in staged:
                there = f"There are {', '.join(staged)}." if staged else "Nothing is staged yet."
                raise AbortRun(f"No workspace {self._slack.workspace} (SLACK_WORKSPACE) is staged. {there}")
            return EntityStore(self.database, self._slack.workspace)
        if staged and (own := self._workspace_of_export()):
            return EntityStore(self.database, own)  # another one than is staged, maybe: each goes into its own team
        if len(staged) == 1:
            return EntityStore(self.database, staged[0])
        if not staged:
            raise AbortRun(
                "Nothing is staged yet: name a Slack export in SLACK_EXPORT, or run `mm-pipeline stage FILE`."
            )
        raise AbortRun(f"Several workspaces are staged ({', '.join(staged)}): say which one in SLACK_WORKSPACE.")

    def _workspace_of_export(self) -> str:
        """Return the workspace that the export at hand is staged as, "" where there is none that can be read."""
        try:
            return export_workspace(self.export) if self.export else ""
        except AbortRun:
            return ""

    @cached_property
    def journal(self) -> PostgresJournal:
        """What the transport must remember over a crash."""
        url = self._mm.url.rstrip("/")
        bound = self.store.target() if workspaces(self.database) else None
        # Another machine may know the server by another address: it must find the same jobs, settings and lock.
        workspace = self.store.workspace if self.has_rows else ""
        return PostgresJournal(self.database, bound[2] if bound else url, workspace)

    @cached_property
    def api(self) -> MattermostAPI:
        """The seam to the server. Raises AbortRun with all objections to the settings."""
        return self._mm.connect(self.journal, self._folder("work"))

    @property
    def server_url(self) -> str:
        """Base URL of the server, for links."""
        return self._mm.url.rstrip("/")

    @cached_property
    def team_url(self) -> str:
        """The team's address on the server, for links."""
        return f"{self.server_url}/{self._mm.team or self.run.server.team_name}"

    @cached_property
    def server_plugin(self) -> ServerPlugin:
        """The server plugin, installed or not. Raises AbortRun with all objections to the settings."""
        return self._mm.server_plugin()

    @cached_property
    def settings(self) -> PlanSettings:
        """The choices behind the plan."""
        return self._plan.settings(staged_at=int(time.time() * 1000))

    @cached_property
    def run(self) -> Run:
        """What exporters share."""
        return Run(**self._shared(self.api))

    def write_archive(self, output: Path, version: tuple[int, int]) -> dict[str, int]:
        """Write everything that is staged into an import archive for a server of a version.

        Returns how many people, emoji, channels and threads.
        """
        server = FreshServer(self._mm.team or "slack", version)
        names_only = choose(self.store, self._plan.choice, self.settings).names_only
        plan = stored_plan(self.store)
        if not plan.people:
            plan = decide(self.store, server, self.settings)
        plan = with_names_only(plan, names_only, set(), self.settings.staged_at)
        told = server.server()
        archive = Archive(output, told.team_name, replies_keep_everything=told.replies_keep_everything)
        return write_archive(ArchiveRun(plan, **self._shared(server)), archive)

    def _shared(self, api: MattermostAPI | FreshServer) -> dict[str, Any]:
        content = ContentStore(self._folder("content"))
        sources = self.sources()
        avatars = Avatars(sources, content)

        def file_of(row: Entity, most: int) -> Stored:
            return fetch_file(row.raw_data, sources, content, most)

        def picture_of(row: Entity) -> Picture:
            return fetch_picture(row.raw_data, sources, content)

        def avatar_of(row: Entity) -> Stored | None:
            return avatars.of(row.raw_data)

        return {
            "api": api,
            "journal": self.journal,
            "store": self.store,
            "content": content,
            "settings": self.settings,
            "fetch_file": file_of,
            "fetch_picture": picture_of,
            "fetch_avatar": avatar_of,
            "require_going": self.require_going,
        }

    def require_ready(self) -> None:
        """Raise AbortRun with everything that stops the migration before its rows are looked at."""
        found = self.objections()
        if not self.server_objections():
            try:
                found += self.elsewhere(self.api.server())
            except AbortRun as fault:
                found += [told("server", one) for one in str(fault).splitlines()]
        require_no_stop(found)

    def objections(self) -> list[Finding]:
        """Return what stops whatever the server says: settings that cannot be followed, an export that cannot be read."""
        found = self.server_objections()
        try:
            found += [told("export", fault) for fault in export_objections(self.export)] if self.export else []
        except AbortRun as fault:
            found.append(told("export", str(fault)))
        if self.downloads and not self.downloads.exists():
            found.append(
                stop(
                    "SLACK_FILES",
                    f"There is nothing at SLACK_FILES={self.downloads}.",
                    "Name the folder that files were downloaded to.",
                )
            )
        try:
            found += [told("settings", fault) for fault in self.settings.objections() + self._plan.choice.objections()]
        except AbortRun as fault:
            found.append(told("settings", str(fault)))
        return found

    def server_objections(self) -> list[Finding]:
        """Return why no server can be asked."""
        return [told("settings", fault) for fault in self._mm.objections()]

    def elsewhere(self, server: Server) -> list[Finding]:
        """Return what stops where the rows went to another server or team before, or to this one before it was set back."""
        fault = self._bound_elsewhere(server.server_id, server.team_id) or self._set_back()
        return [told("server", fault)] if fault else []

    def archive_bytes(self, server: Server) -> int:
        """Return how large an archive becomes at most, for a server."""
        return archive_limit(server.max_file_bytes, self._mm.archive_max_bytes)

    def require_its_server(self) -> Server:
        """Return the server that the workspace went to. Raises AbortRun where it cannot be asked, or is another one."""
        if faults := self._mm.objections():
            raise AbortRun("\n".join(faults))
        server = self.api.server()
        if bound := self._bound_elsewhere(server.server_id, server.team_id):
            raise AbortRun(bound)
        return server

    def stage(self, export: Path) -> Staged:
        """Stage an export into the rows."""
        # Tokens of the export's links were forgotten when it was finished: only reading it again brings them back.
        again = self._slack.token == EXPORT_TOKENS and not self._knows_export_tokens()
        staged = stage(export, self.database.connect, self._slack.workspace or None, again=again)
        self._stage_emoji(staged.workspace)
        return staged

    def _knows_export_tokens(self) -> bool:
        return any(EntityStore(self.database, one).export_tokens() for one in workspaces(self.database))

    def compare(self, exports: Sequence[Path]) -> Difference:
        """Return what newer exports would add to what is staged and change of it. Stages nothing."""
        return compare(exports, self.database.connect, self._slack.workspace or None)

    def _stage_emoji(self, workspace: str) -> None:
        """Add the emoji that the export does not list: those among the downloads, then those that Slack lists."""
        emoji = emoji_of_downloads(self.downloads) if self.downloads else []
        slack = self._slack.files(())
        try:
            emoji += emoji_of_slack(slack.emoji_list()) if slack else ()
        except RowFailed as fault:
            backend_logger.warning("emoji that the export does not list stay behind: %s", fault)
        once = {one.name: one for one in reversed(emoji)}
        if once and (added := stage_emoji(once.values(), self.database.connect, workspace)):
            backend_logger.info("%d emoji that the export does not list were added", added)

    def make_plan(self) -> Plan:
        """Make and store the plan, and bind the workspace to the server that it was made for."""
        server = self.api.server()
        # A plan that is made while another run sends would take the accounts that come into being for old ones.
        with self.database.session() as connection, advisory_lock(connection, f"the plan of {self.store.workspace}"):
            if bound := self._bound_elsewhere(server.server_id, server.team_id):
                raise AbortRun(bound)
            # Before the plan: it is stored with ids of this server even where it must not start yet.
            self.store.bind_target(server.server_id, server.team_id, server.url)
            for finding in warnings(allowances(server, None)):
                backend_logger.warning("%s", finding.text)
            return make_plan(self.store, self.api, self.settings, self._choose())

    def left_out(self) -> dict[EntityType, dict[str, str]]:
        """Return what is chosen to be left out of what the plan decides on: per type Slack id -> the setting."""
        return {entity_type: self.store.left_out(entity_type) for entity_type in PLANNED}

    @property
    def destination(self) -> str:
        """The team and the server that the workspace goes to."""
        server = self.api.server()
        return f"team {server.team_name} on {server.url}"

    def require_planned(self) -> None:
        """Raise AbortRun unless every person, emoji and channel is decided on and the server has room for them.

        What is chosen now is marked, as the plan does it.
        """
        require_plan(self.store, self.api, self.settings, self._choose())

    def plan_to_be(self) -> Plan:
        """Return the plan as it is stored, or would be made now, of what is chosen now. Stores no decision.

        What is chosen is marked, as every run does it; one that is at work has done it by its own choice, which stays.
        """
        if is_at_work(self.store):
            return plan_as_it_would_be(self.store, self.api, self.settings)
        names_only = self._choose()
        exported = {row.slack_id for row in self.store.rows(EntityType.USER, [Status.SUCCESS])}
        plan = plan_as_it_would_be(self.store, self.api, self.settings)
        return with_names_only(plan, names_only, exported, self.settings.staged_at)

    def _choose(self) -> dict[str, str]:
        """Mark what is chosen now. Returns whose accounts are there for their messages alone, and why."""
        chosen = choose(self.store, self._plan.choice, self.settings)
        self.journal.owe(SAY_ANEW, chosen.files_again)
        # Before the plan forgets who they were.
        self.journal.owe(ACTIVATE_ACCOUNT, called_back(self.store, stored_plan(self.store), chosen.names_only))
        return chosen.names_only

    def edit_plan(self, edits: list[Edit]) -> list[str]:
        """Apply an edited table to the stored plan. Returns a sentence for each line that cannot be followed."""
        try:
            plan = self.make_plan()
        except PlanStops as stops:
            plan = stops.plan
        accounts, lookup = self.api.accounts(), self.api.channel_named
        edited, objections = apply_edits(plan, edits, accounts, lookup, MATTERMOST_EMOJI)
        if edited.people != plan.people:
            edited = with_people_anew(self.store, self.api, self.settings, edited)
        store_plan(self.store, edited)
        if plan.skipped - edited.skipped:
            take_in_again(self.database, self.store.workspace)
        return objections

    @cached_property
    def compared(self) -> Compared:
        """What compares the rows with the server as it is now."""
        return Compared(self.store, self.api.audit())

    def report(self) -> Report:
        """Return what is to be said of all of it, as it stands now."""
        return Report.of(self.store, self.journal.owed(WITHOUT_PICTURE))

    def write_report(self, folder: Path | None = None, *, ask_anew: bool = True) -> Path:
        """Write the report as a page, JSON and CSV, by default into the state folder. Returns the page.

        `ask_anew` False: what the server said after the newest row was settled is not asked again, be it of an earlier run.
        Raises AbortRun or PipelineError: nothing is staged, it cannot be written.
        """
        own = self._folder("reports") / (re.sub(r"[^\w.-]+", "_", self.store.workspace).strip(".") or "workspace")
        made = document(
            self.store,
            self.api,
            self.journal.owed(WITHOUT_PICTURE),
            settings_told(self._mm, self.postgres, self._slack, self._plan)
            | {"EXPORT_WORKERS": str(self.store.export_workers() or "")},
            email_domain=self.settings.email_domain,
            earlier=None if ask_anew else earlier_seen(own / DATA),
        )
        return write_report(made, folder or own)

    @property
    def pause(self) -> Pause | None:
        """The pause that holds the workspace up, or None."""
        return paused(self.database, self.store.workspace) if self.has_rows else None

    def require_going(self) -> None:
        """Raise Paused where people want the work to rest."""
        if self.has_rows:
            self._going.require()

    @cached_property
    def _going(self) -> Going:
        return Going(self.database, self.store.workspace)

    @contextmanager
    def step(self, name: str) -> Iterator[dict[str, int]]:
        """Measure a step: what it puts under "rows" is what it settled."""
        settled = {"rows": 0}
        step_id = self.store.begin_step(name)
        yield settled
        self.store.end_step(step_id, settled["rows"])

    @property
    def state_folder(self) -> Path:
        """The folder of the database, the files and the archives. Raises AbortRun where it cannot be used."""
        self._require_state_folder()
        return self.postgres.state_folder

    def _require_state_folder(self) -> None:
        try:
            _ = self.postgres.state_folder
        except OSError as error:
            raise AbortRun(
                f"MM_PIPELINE_STATE={self.postgres.state} cannot be used ({error.strerror}): name a folder of your own."
            ) from error

    def _bound_elsewhere(self, server_id: str, team_id: str) -> str:
        if not workspaces(self.database):
            return ""
        bound = self.store.target()
        if bound is None or bound[:2] == (server_id, team_id):
            return ""
        return (
            f"Workspace {self.store.workspace} was exported to another server or team ({bound[2]}) from this database: "
            "its rows know the ids of that one. Use another MM_PIPELINE_STATE (or MM_PIPELINE_DATABASE) for this server."
        )

    def _set_back(self) -> str:
        """Return what to say where the server was restored from a snapshot since: its rows tell of posts that are gone."""
        if not workspaces(self.database) or self.api.knows_last_job():
            return ""
        sent = self.store.posts_sent_last(_SENT_LAST)
        if sent and self.api.posts_there(sent):
            return ""  # the server forgets its old jobs (JobSettings.CleanupJobsThresholdDays)
        return (
            "The server was set back to an earlier time: it has neither the import job nor the posts that were sent last, and "
            "the rows say that they are there. Go on with another MM_PIPELINE_STATE (or MM_PIPELINE_DATABASE): what the "
            "server still has is found again, the rest is sent."
        )

    def sources(self) -> Sources:
        """Return where bytes of files and pictures can be had."""
        tokens = self.store.export_tokens()
        export = LocalFiles(self.export) if self.export else None
        # Rows that an earlier export of the inbox brought may still be waiting for its bytes.
        further = [LocalFiles(one.path) for one in reversed(self.inbox.exports) if one.path != self.export]
        downloads = LocalFiles(self.downloads, "SLACK_FILES") if self.downloads else None
        return Sources(export=export, further=further, downloads=downloads, slack=self._slack.files(tokens))

    def _folder(self, name: str) -> Path:
        folder = self.postgres.state_folder / name
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder
