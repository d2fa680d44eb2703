"""A rollback from its first look to its list of what is left. Asks nobody whether it may; the command does."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from mm_pipeline.db.advisory_lock import advisory_lock, work_on
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.db.rollback_store import RollbackStore
from mm_pipeline.errors import AbortRun
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.model import Residue
from mm_pipeline.rollback.preview import is_empty, objection
from mm_pipeline.rollback.survey import Survey, survey
from mm_pipeline.rollback.taking_back import TakingBack

#: The clocks of the server and of this machine may differ by so much (ms).
_CLOCKS_MS = 60_000


class Rollback:
    """Taking one workspace back from the server that it went to."""

    def __init__(self, api: MattermostAPI, journal: Journal, store: EntityStore) -> None:
        self._api = api
        self._journal = journal
        self._database, self._workspace = store.database, store.workspace
        self._store = RollbackStore(store.database, store.workspace)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every run from the workspace's rows inside the block; waits for those that are at work."""
        with (
            self._database.session() as connection,
            advisory_lock(connection, f"finishing {self._workspace}"),
            advisory_lock(connection, work_on(self._workspace)),
            self._database.resting_on(connection),
        ):
            yield

    def survey(self) -> Survey:
        """Look at what is ours and what people did since. Changes nothing that anybody would see."""
        self._api.resume()
        try:
            began = (self._store.began() or int(time.time() * 1000)) - _CLOCKS_MS
            return survey(self._api, self._journal, self._store, self._api.server().team_id, began)
        finally:
            self._api.put_back()

    def take_back(self, seen: Survey) -> None:
        """Do what a survey says. Raises AbortRun before anything is taken: people would be mailed."""
        if objects := objection(seen):
            raise AbortRun(objects)
        team_id = self._api.server().team_id
        if not is_empty(seen):
            self._store.begin()
        TakingBack(self._api, self._journal, self._database, self._workspace, team_id, seen).run()
        self._store.end()

    def residue(self) -> list[Residue]:
        """Return everything that is known to be left, of earlier rollbacks too."""
        return self._store.residue()
