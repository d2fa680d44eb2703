"""A plan for a mistaken server or team binds nothing: only what was sent does."""

import logging
from pathlib import Path
from uuid import uuid4

import pytest

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore, workspaces
from mm_pipeline.errors import AbortRun
from mm_pipeline.finding import Level
from mm_pipeline.migration import Migration
from mm_pipeline.model import EntityType
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.preflight.look import Look, orchard

pytestmark = pytest.mark.server


def test_with_another_team_a_plan_of_which_nothing_was_sent_is_made_anew_and_what_was_sent_stays_where_it_went(
    mattermost_11_4: RunningServer, database: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tail = uuid4().hex[:8]
    mistaken, meant = f"mistaken-{tail}", f"meant-{tail}"
    teams = {
        name: mattermost_11_4.call("POST", "/teams", {"name": name, "display_name": name, "type": "O"})["id"]
        for name in (mistaken, meant)
    }
    pond = {"team_id": teams[mistaken], "name": f"pond-{tail}", "display_name": "Pond", "type": "P"}
    mattermost_11_4.call("POST", "/channels", pond)
    look = Look(mattermost_11_4, database, tmp_path, orchard(tail), tail)

    def planned(team: str) -> Migration:
        migration = look.migration(
            mm={"team": team}, plan={"allow_over_limit": "1"}
        )  # other tests' people are here, too
        migration.require_ready()
        if not migration.has_rows:
            migration.exports.stage(migration.exports.at_hand)  # type: ignore[arg-type]  # it is named
        migration.planning.make()
        return migration

    planned(mistaken)
    store = EntityStore(Database(database), workspaces(Database(database))[0])
    (channel,) = store.rows_by_slack_id(EntityType.CHANNEL, ["C0POND"])
    assert channel.target_name == f"pond-{tail}-2"  # the name is taken there
    with caplog.at_level(logging.WARNING, logger="mm_pipeline"):
        planned(meant)
    assert any(f"it is planned anew for team {meant} of" in said for said in caplog.messages)
    (channel,) = store.rows_by_slack_id(EntityType.CHANNEL, ["C0POND"])
    assert channel.target_name == f"pond-{tail}"
    assert (store.target() or ("", ""))[1] == teams[meant]

    findings = look.findings(mm={"team": mistaken})
    (told,) = [one for one in findings if "was planned for another team" in one.sentence]
    assert told.level is Level.WARNING
    planned(meant)

    store.begin_step("user")  # a run began to send, and was killed before a row could say so
    with pytest.raises(AbortRun, match="Use another MM_PIPELINE_STATE"):
        planned(mistaken)
    assert (store.target() or ("", ""))[1] == teams[meant]
