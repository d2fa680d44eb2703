"""The list in a run: made whole once, short where an earlier run went the same way, one line where nothing is to be sent."""

import secrets
from collections.abc import Callable
from pathlib import Path

import msgspec
import psycopg
import pytest

from mm_pipeline.finding import Finding, Level
from mm_pipeline.preflight.in_run import preflight_in_run
from mm_pipeline_tests.mattermost_server.proxy import Answer, Proxy, Request
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.preflight.look import MIB, Look, orchard

pytestmark = pytest.mark.server
JOB = "j" * 26


def test_what_is_tried_once_is_not_tried_at_each_run(
    mattermost_11_4: RunningServer, database: str, tmp_path: Path
) -> None:
    server = msgspec.structs.replace(mattermost_11_4, team=mattermost_11_4.create_team())
    look = Look(server, database, tmp_path, orchard(secrets.token_hex(3)))
    sent: list[int] = []

    def counting(request: Request, ask: Callable[[], Answer]) -> Answer:
        if request.place == f"/api/v4/jobs/{JOB}":  # the import that an earlier run would have sent
            return Answer(200, b"{}", (("Content-Type", "application/json"),))
        sent.append(len(request.body))
        return ask()

    proxy = Proxy(server.url, counting)

    def subjects() -> dict[str, Finding]:
        sent.clear()
        return {found.subject: found for found in preflight_in_run(look.migration(proxy.url))}

    try:
        begun = look.migration(proxy.url)
        assert begun.exports.at_hand
        begun.exports.stage(begun.exports.at_hand)
        begun.planning.make()
        first = subjects()
        assert "8 MiB get through" in first["proxy"].sentence
        assert max(sent) == 8 * MIB
        record = begun.journal.job_uploaded("1_archive.zip", 1, 1)
        begun.journal.job_sent(record, JOB)
        begun.journal.job_ended(record, "success")
        again = subjects()
        assert max(sent) < MIB
        assert first.keys() - again.keys() == {"proxy"}
        assert again["not tried again"].level is Level.OK
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("UPDATE entities SET status = 'success', sent_hash = raw_hash")
        done = subjects()
    finally:
        proxy.close()
    assert done.keys() == {"rows"}
    assert "nothing else was looked at" in done["rows"].sentence
    assert sent == []
