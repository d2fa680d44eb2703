"""What is said of files and pictures before they are fetched: where they are, and whether Slack still gives them out."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from mm_pipeline.content.outlook import FileToCome, Place, file_to_come
from mm_pipeline.content.slack_files import SlackFiles
from mm_pipeline.content.sources import Sources
from mm_pipeline.finding import Finding, Level
from mm_pipeline.preflight.contents import emoji_lines, file_lines, token_lines

TOKEN = "xoxb-1-2-3"
ALL = "files:read,emoji:read"


@pytest.fixture
def slack(httpserver: HTTPServer) -> Iterator[SlackFiles]:
    hosts = (f"{httpserver.host}:{httpserver.port}",)
    made = SlackFiles(TOKEN, further_hosts=hosts, api_url=httpserver.url_for("/api"))
    yield made
    made.close()


def at_slack(httpserver: HTTPServer, *names: str) -> list[FileToCome]:
    raw = [
        {"id": f"F0{name}", "mode": "hosted", "size": 5, "url_private": httpserver.url_for(f"/{name}")}
        for name in names
    ]
    return [file_to_come(one, Sources()) for one in raw]


def told(findings: list[Finding]) -> list[tuple[Level, str, str]]:
    return [(finding.level, finding.subject, finding.text) for finding in findings]


@pytest.mark.parametrize(
    ("answer", "scopes", "level", "words"),
    [
        ({"ok": True, "team": "Orchard"}, ALL, Level.OK, "of the workspace Orchard."),
        ({"ok": True, "team": "Orchard"}, None, Level.OK, "Slack does not tell its scopes"),
        ({"ok": True}, "files:read", Level.WARNING, "lacks the scope emoji:read: Slack gives no emoji out"),
        ({"ok": True}, "chat:write", Level.WARNING, "files:read and emoji:read"),
        ({"ok": False, "error": "token_revoked"}, None, Level.WARNING, "auth.test says token_revoked"),
        ([], None, Level.WARNING, "auth.test says no JSON object"),
    ],
)
def test_a_slack_token_is_asked_what_it_opens(
    slack: SlackFiles, httpserver: HTTPServer, answer: Any, scopes: str | None, level: Level, words: str
) -> None:
    headers = {"X-OAuth-Scopes": scopes} if scopes else {}
    httpserver.expect_request("/api/auth.test", headers={"Authorization": f"Bearer {TOKEN}"}).respond_with_json(
        answer, headers=headers
    )
    (found,) = token_lines(slack)
    assert (found.level, words in found.text) == (level, True), found
    assert bool(found.mend) == (level is Level.WARNING)


def test_without_a_token_there_is_none_to_ask() -> None:
    assert token_lines(None) == token_lines(SlackFiles(export_tokens=("xoxe-1",))) == []


def test_of_many_files_three_are_tried_and_none_is_fetched_whole(slack: SlackFiles, httpserver: HTTPServer) -> None:
    names = [f"file{number}" for number in range(9)]
    for name in ("file0", "file4", "file8"):
        httpserver.expect_oneshot_request(f"/{name}").respond_with_data(b"12345")
    (count, found) = file_lines(at_slack(httpserver, *names), slack, 0, attachments=11)
    assert count.sentence == "11 attachments are of 9 files: 0 here, 9 at Slack."
    assert found.sentence == "9 files (0 MB) are at Slack alone; it gave out 3 that were tried."
    httpserver.check_assertions()


def test_slack_that_is_not_to_be_asked_is_not(slack: SlackFiles, httpserver: HTTPServer) -> None:
    (count,) = file_lines(at_slack(httpserver, "one"), slack, 0, attachments=1, ask=False)
    assert count.sentence == "1 attachment is of 1 file: 0 here, 1 at Slack."
    assert httpserver.log == []


def test_files_that_slack_does_not_give_out_are_warned_of(slack: SlackFiles, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/open").respond_with_data(b"12345")
    httpserver.expect_request("/shut").respond_with_data("no", 403)
    found = file_lines(at_slack(httpserver, "open", "shut"), slack, 0, attachments=2)[-1]
    assert found.level is Level.WARNING
    assert "of 2 that were tried it gave 1 not out: Slack does not give it out (status 403)" in found.sentence
    assert "files:read" in found.mend


def test_without_a_token_the_warning_says_how_to_have_them(httpserver: HTTPServer) -> None:
    files = at_slack(httpserver, "one")
    (_, plain), (_, linked) = (file_lines(files, None, links, attachments=1) for links in (0, 2))
    assert plain.level is linked.level is Level.WARNING
    assert "SLACK_TOKEN is not set" in plain.sentence
    assert "SLACK_FILES" in plain.mend
    assert "`export` as its value" not in plain.mend
    assert "`export` as its value" in linked.mend


def test_what_slack_has_no_bytes_of_is_no_warning() -> None:
    raw = [{"id": "F1", "mode": "tombstone"}, {"id": "F2", "mode": "external", "is_external": True}, {"name": "no id"}]
    count, lost = file_lines([file_to_come(one, Sources()) for one in raw], None, 0, attachments=3)
    assert count.level is Level.OK
    assert "3 files: 0 here, 0 at Slack, 1 nowhere; of 2 Slack itself has no bytes" in count.sentence
    assert (lost.level, "Of 1 file nobody names a place: it is skipped." in lost.sentence) == (Level.WARNING, True)


def test_other_names_of_an_emoji_have_no_picture_and_are_told_apart() -> None:
    (found,) = emoji_lines([Place.HERE], None, aliases=2)
    assert found.sentence == "The one custom emoji has a picture (0 at Slack). 2 more are other names of an emoji."


def test_standard_emoji_that_are_made_too_are_told() -> None:
    (found,) = emoji_lines([], None, lacking=["heart_hands", "melting_face"])
    assert found.sentence.startswith("No custom emoji of the workspace's own is to come")
    assert found.sentence.endswith(
        " 2 standard emoji of Slack's, which reactions stand under and the server lacks, are made as custom emoji, with our own "
        "pictures: heart_hands and melting_face."
    )


def test_where_files_are_missing_it_is_not_said_that_none_is_to_come() -> None:
    (found,) = file_lines([], None, 0, attachments=0, missing=80)
    assert found.sentence == "No file is to come as it stands; 80 are missing (see there)."


def test_emoji_without_pictures_are_warned_of() -> None:
    slack = SlackFiles(TOKEN)
    places = [Place.HERE, Place.SLACK, Place.NOWHERE]
    assert told(emoji_lines(places[:2], slack)) == [
        (Level.OK, "emoji pictures", "All 2 custom emoji have a picture (1 at Slack).")
    ]
    for files, count in ((slack, "1 of 3"), (None, "2 of 3")):
        (found,) = emoji_lines(places, files)
        have = "has" if count.startswith("1") else "have"
        assert found.level is Level.WARNING
        assert found.sentence.startswith(f"{count} custom emoji {have} no picture")
    assert "emoji:read" in emoji_lines([], None)[0].mend
    (all_there,) = emoji_lines([], None, are_known=True)
    assert (all_there.sentence, all_there.mend) == (
        "No picture of a custom emoji of the workspace's own is to come.",
        "",
    )
