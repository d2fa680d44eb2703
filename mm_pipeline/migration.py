"""One migration, put together from its settings: what assets and the terminal both ask for. Starts nothing by itself."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.content.avatars import Avatars
from mm_pipeline.content.pictures import Picture, fetch_picture
from mm_pipeline.content.sources import Sources, fetch_file
from mm_pipeline.content.store import ContentStore, Stored
from mm_pipeline.db.advisory_lock import advisory_lock, run_on
from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore, workspaces
from mm_pipeline.db.journal import PostgresJournal
from mm_pipeline.db.pauses import Going, Pause, before_export, paused
from mm_pipeline.errors import AbortRun
from mm_pipeline.export.archiving import ArchiveRun, write_archive
from mm_pipeline.export.claims import is_at_work
from mm_pipeline.export.emoji_in_use import WITHOUT_PICTURE
from mm_pipeline.export.run import Run
from mm_pipeline.exports import Exports
from mm_pipeline.finding import Finding, Level, require_no_stop, told, warnings
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.archive import Archive
from mm_pipeline.mattermost.fresh_server import FreshServer
from mm_pipeline.mattermost.on_server import Server
from mm_pipeline.mattermost.packing import archive_limit
from mm_pipeline.mattermost.server_plugin import ServerPlugin
from mm_pipeline.model import Entity
from mm_pipeline.plan.choosing import choose, with_names_only
from mm_pipeline.plan.decisions_csv import names_of_lines
from mm_pipeline.plan.objections import clash_objections
from mm_pipeline.plan.planner import decide, stored_plan
from mm_pipeline.plan.settings import PlanSettings
from mm_pipeline.plan.target import bound_elsewhere, forget_plan_for_another, set_back
from mm_pipeline.planning import Planning
from mm_pipeline.report.comparison import Compared
from mm_pipeline.report.document import document, earlier_seen
from mm_pipeline.report.plan_as_it_came import plan_as_it_came
from mm_pipeline.report.plots import Plot, plots
from mm_pipeline.report.report import Report
from mm_pipeline.report.rows import Rows
from mm_pipeline.report.tables import months_of
from mm_pipeline.report.written import DATA, Written, write_report
from mm_pipeline.resources import (
    MMResource,
    PlanResource,
    PostgresResource,
    SlackResource,
    settings_told,
)


class Migration:
    """A Slack workspace on its way to a Mattermost server."""

    def __init__(self, mm: MMResource, postgres: PostgresResource, slack: SlackResource, plan: PlanResource) -> None:
        self._mm, self.postgres, self._slack, self._plan = mm, postgres, slack, plan

    @cached_property
    def exports(self) -> Exports:
        """The Slack exports at hand."""
        return Exports(self._slack, lambda: self.database)

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
            if self.exports.at_hand is None and self._slack.workspace not in staged:
                there = f"There are {', '.join(staged)}." if staged else "Nothing is staged yet."
                raise AbortRun(f"No workspace {self._slack.workspace} (SLACK_WORKSPACE) is staged. {there}")
            return EntityStore(self.database, self._slack.workspace)
        if staged and (own := self.exports.workspace):
            return EntityStore(self.database, own)  # another one than is staged, maybe: each goes into its own team
        if len(staged) == 1:
            return EntityStore(self.database, staged[0])
        if not staged:
            raise AbortRun(self.exports.first_step)
        raise AbortRun(f"Several workspaces are staged ({', '.join(staged)}): say which one in SLACK_WORKSPACE.")

    @property
    def workspace(self) -> str:
        """The workspace's name, also before anything of it is staged; "" where nothing tells it. Raises AbortRun as `store` does."""
        return self.store.workspace if self.has_rows else self._slack.workspace or self.exports.workspace

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Have others see, for as long as the block lasts, that a run is at work: between two steps it holds nothing else."""
        with self.database.session() as connection, advisory_lock(connection, run_on(self.workspace), shared=True):
            yield

    def show_run(self) -> None:
        """Have others see the run of Dagster that this step is of, as `under_way` does it in a terminal, until Dagster ends it."""
        self.postgres.share_until_torn_down(self.database, run_on(self.workspace))

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
        plan = plan_as_it_came(with_names_only(plan, names_only, set(), self.settings.staged_at), Rows(self.store))
        require_no_stop(clash_objections(plan, names_of_lines(plan)))
        told = server.server()
        archive = Archive(output, told.team_name, replies_keep_everything=told.replies_keep_everything)
        return write_archive(ArchiveRun(plan, **self._shared(server)), archive)

    def _shared(self, api: MattermostAPI | FreshServer) -> dict[str, Any]:
        content = ContentStore(self._folder("content"))
        sources = self.sources
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
                elsewhere = self.elsewhere(self.api.server())
                for finding in warnings(elsewhere):
                    backend_logger.warning("%s", finding.text)
                found += elsewhere
            except AbortRun as fault:
                found += [told("server", one) for one in str(fault).splitlines()]
        require_no_stop(found)

    def objections(self) -> list[Finding]:
        """Return what stops whatever the server says: settings that cannot be followed, an export that cannot be read."""
        found = self.server_objections() + self.exports.objections()
        try:
            found += [told("settings", fault) for fault in self.settings.objections() + self._plan.choice.objections()]
        except AbortRun as fault:
            found.append(told("settings", str(fault)))
        return found

    def server_objections(self) -> list[Finding]:
        """Return why no server can be asked."""
        return [told("settings", fault) for fault in self._mm.objections()]

    def elsewhere(self, server: Server) -> list[Finding]:
        """Return what stops where the rows went to another server or team before, or to this one before it was set back.

        What was only planned for another one, and is held by no run, is forgotten, and that is a warning.
        """
        if not self.has_rows:
            return []
        if not is_at_work(self.store) and (anew := forget_plan_for_another(self.store, server)):
            for name in ("journal", "api", "planning", "run", "compared"):
                self.__dict__.pop(name, None)  # they go by the address of the server that the plan was for
            return [told("server", anew, Level.WARNING)]
        fault = bound_elsewhere(self.store, server) or set_back(self.store, self.api)
        return [told("server", fault)] if fault else []

    def archive_bytes(self, server: Server) -> int:
        """Return how large an archive becomes at most, for a server."""
        return archive_limit(server.max_file_bytes, self._mm.archive_max_bytes)

    def require_its_server(self) -> Server:
        """Return the server that the workspace went to. Raises AbortRun where it cannot be asked, or is another one."""
        if faults := self._mm.objections():
            raise AbortRun("\n".join(faults))
        server = self.api.server()
        if self.has_rows and (bound := bound_elsewhere(self.store, server)):
            raise AbortRun(bound)
        return server

    @cached_property
    def planning(self) -> Planning:
        """The plan, and what may be done with it."""
        return Planning(self.store, self.api, self.journal, self.settings, self._plan.choice)

    @cached_property
    def compared(self) -> Compared:
        """What compares the rows with the server as it is now."""
        return Compared(self.store, self.api.audit())

    def report(self) -> Report:
        """Return what is to be said of all of it, as it stands now."""
        return Report.of(self.store, self.journal.owed(WITHOUT_PICTURE), self.exports.are_set)

    def write_report(self, folder: Path | None = None, *, told: Report | None = None, ask_anew: bool = True) -> Written:
        """Write the report as a page, JSON and CSV, by default into the state folder. `told`: what the rows say, if it was just read.

        `ask_anew` False: what the server said after the newest row was settled is not asked again, be it of an earlier run,
        and what was just sent is not read back once more.
        Raises AbortRun or PipelineError: nothing is staged, it cannot be written.
        """
        own = self._folder("reports") / (re.sub(r"[^\w.-]+", "_", self.store.workspace).strip(".") or "workspace")
        drawn: list[Future[list[Plot]]] = []
        with ThreadPoolExecutor(1, "drawing") as beside:
            made = document(
                self.store,
                self.api,
                told or self.report(),
                settings_told(self._mm, self.postgres, self._slack, self._plan)
                | {"EXPORT_WORKERS": str(self.store.export_workers() or "")},
                email_domain=self.settings.email_domain,
                earlier=earlier_seen(own / DATA),
                read_all=ask_anew,
                pause=str(self.pause or ""),
                as_counted=lambda months, labels: drawn.append(beside.submit(lambda: plots(months_of(months, labels)))),
            )
        return write_report(made, folder or own, drawn[0].result())

    @property
    def pause(self) -> Pause | None:
        """The pause that holds the workspace up, or None."""
        return paused(self.database, self.store.workspace) if self.has_rows else None

    @property
    def before_export(self) -> str:
        """What is to be said before `mm-pipeline export` of work that is paused: nothing begins before it is resumed."""
        return before_export(bool(self.pause))

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

    @cached_property
    def sources(self) -> Sources:
        """Where bytes of files and pictures can be had."""
        return self.exports.sources(self.store.export_tokens())

    def _folder(self, name: str) -> Path:
        folder = self.postgres.state_folder / name
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder
