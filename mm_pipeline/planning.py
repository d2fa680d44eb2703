"""The plan of a migration: made, asked about, edited, held against the server. Sends nothing; plan/ decides."""

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.db.advisory_lock import advisory_lock, plan_of
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.db.status_writer import take_in_again
from mm_pipeline.errors import AbortRun
from mm_pipeline.export.claims import is_at_work
from mm_pipeline.export.left_out_files import SAY_ANEW
from mm_pipeline.export.user_exporter import ACTIVATE_ACCOUNT
from mm_pipeline.finding import warnings
from mm_pipeline.mattermost.allowances import allowances
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.ours import MADE_ACCOUNT, channels_made
from mm_pipeline.model import EntityType, Status
from mm_pipeline.plan.aging import Made, overtaken
from mm_pipeline.plan.choice import Choice
from mm_pipeline.plan.choosing import called_back, choose, with_names_only
from mm_pipeline.plan.decisions_csv import Edit, Plan
from mm_pipeline.plan.edits import apply_edits
from mm_pipeline.plan.planner import (
    PlanStops,
    make_plan,
    plan_as_it_would_be,
    require_plan,
    still_to_come,
    store_plan,
    stored_plan,
    with_people_anew,
)
from mm_pipeline.plan.settings import PlanSettings
from mm_pipeline.plan.target import bound_elsewhere
from mm_pipeline.render.emoji import MATTERMOST_EMOJI
from mm_pipeline.report.plan_as_it_came import came
from mm_pipeline.report.rows import Rows


class Planning:
    """What was, or would be, decided of a workspace for a server, by these settings and this choice."""

    def __init__(
        self, store: EntityStore, api: MattermostAPI, journal: Journal, settings: PlanSettings, choice: Choice
    ) -> None:
        self._store, self._api, self._journal = store, api, journal
        self._settings, self._choice = settings, choice

    def make(self) -> Plan:
        """Make and store the plan, and bind the workspace to the server that it was made for."""
        server = self._api.server()
        # A plan that is made while another run sends would take the accounts that come into being for old ones.
        with (
            self._store.database.session() as connection,
            advisory_lock(connection, plan_of(self._store.workspace)),
        ):
            if bound := bound_elsewhere(self._store, server):
                raise AbortRun(bound)
            # Before the plan: it is stored with ids of this server even where it must not start yet.
            self._store.bind_target(server.server_id, server.team_id, server.url)
            for finding in warnings(allowances(server, None)):
                backend_logger.warning("%s", finding.text)
            anew = self._overtaken()
            for sentence in (one for ones in anew.values() for one in ones.values()):
                backend_logger.warning("%s since the plan was made: it is decided anew", sentence)
            return make_plan(
                self._store, self._api, self._settings, self._choose(), activated=self.activated, anew=anew
            )

    @property
    def activated(self) -> int:
        """How many accounts that were there for their messages alone are to be people, as far as it was chosen before."""
        return len(self._journal.owed(ACTIVATE_ACCOUNT))

    @property
    def destination(self) -> str:
        """The team and the server that the workspace goes to."""
        server = self._api.server()
        return f"team {server.team_name} on {server.url}"

    def require(self) -> None:
        """Raise AbortRun unless every person, emoji and channel is decided on and the server has room for them.

        What is chosen now is marked, as the plan does it.
        """
        require_plan(self._store, self._api, self._settings, self._choose(), activated=self.activated)

    def to_be(self) -> Plan:
        """Return the plan as it is stored, or would be made now, of what is chosen now. Stores no decision.

        What is chosen is marked, as every run does it; one that is at work has done it by its own choice, which stays.
        """
        if is_at_work(self._store):
            return plan_as_it_would_be(self._store, self._api, self._settings)
        names_only = self._choose()
        exported = {row.slack_id for row in self._store.rows(EntityType.USER, [Status.SUCCESS])}
        plan = plan_as_it_would_be(self._store, self._api, self._settings, self._overtaken())
        return with_names_only(plan, names_only, exported, self._settings.staged_at)

    def edit(self, edits: list[Edit]) -> list[str]:
        """Apply an edited table to the stored plan. Returns a sentence for each line that cannot be followed."""
        try:
            plan = self.make()
        except PlanStops as stops:
            plan = stops.plan
        accounts, lookup = self._api.accounts(), self._api.channel_named
        edited, objections = apply_edits(plan, edits, accounts, lookup, MATTERMOST_EMOJI, came(Rows(self._store)))
        if edited.people != plan.people:
            edited = with_people_anew(self._store, self._api, self._settings, edited)
        store_plan(self._store, edited)
        if plan.skipped - edited.skipped:
            take_in_again(self._store.database, self._store.workspace)
        return objections

    def _overtaken(self) -> dict[EntityType, dict[str, str]]:
        """Return what of the stored plan does not hold any more on the server as it is now: per type Slack id -> a sentence."""
        waiting = still_to_come(self._store, stored_plan(self._store))
        if not (waiting.people or waiting.channels):
            return {}  # and the server is not asked who it is
        made = Made(
            accounts=set(self._journal.owed(MADE_ACCOUNT)),
            channels=channels_made(self._journal, self._api.server().team_id),
        )
        return overtaken(waiting, self._api, made)

    def _choose(self) -> dict[str, str]:
        """Mark what is chosen now. Returns whose accounts are there for their messages alone, and why."""
        chosen = choose(self._store, self._choice, self._settings)
        self._journal.owe(SAY_ANEW, chosen.files_again)
        # Before the plan forgets who they were.
        self._journal.owe(ACTIVATE_ACCOUNT, called_back(self._store, stored_plan(self._store), chosen.names_only))
        return chosen.names_only
