"""The report of a migration on a real server: what it counts there, what it shows, when it asks again."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from mm_pipeline.report.document import Document
from mm_pipeline_tests.conftest import FreshMattermost
from mm_pipeline_tests.end_to_end.migrated import Pipeline
from mm_pipeline_tests.end_to_end.small_export import garden, message, write

SLACK = "https://files.slack.com/files-pri/T0FERN"


@pytest.fixture
def run(tmp_path: Path, fresh_mattermost: FreshMattermost) -> Iterator[Pipeline]:
    files = garden()
    lost = {"id": "F0MAP", "name": "map.txt", "mode": "hosted", "size": 5, "url_private": f"{SLACK}/F0MAP/map.txt"}
    files["garden/2024-06-01.json"] = [message(31 * 86_400, "in June: **bold**", "U0BEN", files=[lost])]
    files["channels.json"].append({"id": "C0WAITING", "name": "waiting", "members": ["U0ADA"]})
    # Of its own: on a shared one its people may be there already, and are not new then.
    made = Pipeline(tmp_path / "state", write(files, tmp_path / "export.zip"), fresh_mattermost())
    yield made
    made.down()


def _report(folder: Path) -> Document:
    (file,) = folder.rglob("report.json")
    assert file.with_name("report.html").stat().st_size > 300_000
    return msgspec.json.decode(file.read_bytes(), type=Document)


def test_it_holds_the_export_against_what_the_server_shows_and_asks_again_when_it_should(
    run: Pipeline, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    ended = run.export()
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert f"The report: {state}/reports/T0FERN/report.html" in ended.stdout
    # A file that nobody had: what is to be done is said, by the page and by the command, and it is true.
    assert [one.slack_id for one in _report(state).not_there] == ["C0GARDEN:1717228800.000100:F0MAP"]
    (remedy,) = _report(state).remedies
    assert remedy.startswith(
        "1 file is missing: nobody had the bytes. Set SLACK_TOKEN (scope files:read), or SLACK_FILES "
    )
    assert "Complete" not in (state / "reports/T0FERN/report.html").read_text()
    assert f"What could be sent has arrived.\n{remedy}\n" in run.call("mm-pipeline", "status").stdout
    found = tmp_path / "found" / "F0MAP"
    found.mkdir(parents=True)
    (found / "map.txt").write_text("a map")
    run.environment["SLACK_FILES"] = str(found.parent)
    assert "1 row is pending again" in run.call("mm-pipeline", "retry").stdout
    assert run.export().returncode == 0
    first = _report(state)
    assert first.remedies == []
    assert "Complete: each of" in (state / "reports/T0FERN/report.html").read_text()
    assert [(one.month, one.staged, one.there) for one in first.months] == [("2024-05", 40, 40), ("2024-06", 1, 1)]
    assert first.seen
    assert first.seen.objects == {
        "user": 3, "custom_emoji": 0, "attachment": 1, "channel": 2, "message": 41, "reaction": 2
    }  # fmt: skip
    (thread,) = (one for one in first.threads if len(one.posts) > 1)
    (alone,) = (one.posts[0] for one in first.threads if one is not thread)
    assert (alone.message, [file.name for file in alone.files]) == (r"in June: \*\*bold\*\*", ["map.txt"])
    assert [post.message for post in thread.posts] == ["seed number 0", "seed number 1", "seed number 2"]
    assert [thread.authors[post.user_id] for post in thread.posts] == ["ada", "ben", "cleo"]
    assert [one.username for one in first.resets] == ["ada", "ben", "cleo"]
    assert first.is_complete
    assert first.not_there == []

    # People go on in Mattermost: one deletes a message, one writes another.
    channel = run.server.call("GET", f"/teams/name/{run.environment['MM_TEAM']}/channels/name/garden")["id"]
    run.server.call("DELETE", f"/posts/{thread.posts[2].id}")
    run.server.call("POST", "/posts", {"channel_id": channel, "message": "written here"})
    assert run.export().returncode == 0
    again = _report(state)
    assert again.seen == first.seen  # nothing was settled since, so nothing was counted: the time says of when it is
    assert sorted(len(one.posts) for one in again.threads) == [1, 2]

    told = run.call("mm-pipeline", "report", "--output", str(tmp_path / "elsewhere"))
    assert told.returncode == 0, told.stderr
    asked = _report(tmp_path / "elsewhere")
    assert [one.there for one in asked.months] == [39, 1]
    assert asked.seen
    assert asked.seen.besides == [("C0GARDEN", 1)]
    assert (
        "1 message that had arrived is not shown by the server now" in (tmp_path / "elsewhere/report.html").read_text()
    )

    # A script notices that the server could not be asked; the report is there all the same, with what it said last.
    run.environment["MM_TOKEN"] = "m" * 26
    refused = run.call("mm-pipeline", "report")
    assert refused.returncode == 1
    assert "The server could not be asked: Mattermost's numbers are those of " in refused.stderr
    assert "refuses MM_TOKEN (401)" in refused.stderr
    assert _report(state).seen == first.seen
