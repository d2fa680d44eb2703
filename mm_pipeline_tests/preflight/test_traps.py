"""Preflight against real servers with each trap set: each is named, with how to mend it; and nothing is left on the server."""

import json
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
import requests

from mm_pipeline.finding import Finding, Level, stops, warnings
from mm_pipeline_tests.conftest import FreshMattermost
from mm_pipeline_tests.end_to_end.migrated import traces
from mm_pipeline_tests.end_to_end.small_export import person
from mm_pipeline_tests.mattermost_server.proxy import Answer, Cut, Proxy, Request
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.preflight.look import MIB, Look, orchard

pytestmark = pytest.mark.server
PASSWORD = "Passw0rd-of-nobody!"


@pytest.fixture
def look(mattermost: RunningServer, team: str, database: str, tmp_path: Path) -> Look:
    """The orchard's export, for a team of its own."""
    tail = secrets.token_hex(3)
    return Look(msgspec.structs.replace(mattermost, team=team), database, tmp_path, orchard(tail), tail)


def line(findings: list[Finding], subject: str, level: Level) -> Finding:
    """Return the one line about something, and see that it stands as expected."""
    found = [finding for finding in findings if finding.subject == subject and finding.level is level]
    assert len(found) == 1, f"{subject} {level}: {[f for f in findings if f.subject == subject]}"
    return found[0]


def sign_up(server: RunningServer, username: str, email: str = "") -> str:
    """Make an account that is in no team. Returns its username."""
    wish = {"username": username, "email": email or f"{username}@x.example", "password": PASSWORD}
    server.call("POST", "/users", wish)
    return username


@contextmanager
def set_to(server: RunningServer, **values: dict[str, Any]) -> Iterator[None]:
    """Have settings of a server at other values, by section."""
    config = server.call("GET", "/config")
    before = {section: {key: config[section][key] for key in keys} for section, keys in values.items()}
    server.call("PUT", "/config/patch", values)
    try:
        yield
    finally:
        server.call("PUT", "/config/patch", before)


class Trap(NamedTuple):
    """A setting of the server, and what must be said of it."""

    section: str
    key: str
    value: Any
    level: Level
    subject: str
    words: tuple[str, ...]  #: of the sentence and of the mend


TRAPS = [
    Trap(
        "TeamSettings",
        "MaxUsersPerTeam",
        3,
        Level.STOP,
        "MaxUsersPerTeam",
        ("members, and the server allows 3", "to at least 5"),
    ),
    Trap(
        "TeamSettings",
        "MaxChannelsPerTeam",
        2,
        Level.STOP,
        "MaxChannelsPerTeam",
        ("would have 3 channels", "to at least 3"),
    ),
    Trap("JobSettings", "RunJobs", False, Level.STOP, "jobs", ("runs no jobs", "JobSettings.RunJobs on")),
    Trap(
        "FileSettings",
        "EnableFileAttachments",
        False,
        Level.STOP,
        "jobs",
        ("takes no files", "EnableFileAttachments on"),
    ),
    Trap(
        "FileSettings",
        "MaxFileSize",
        6 * MIB,
        Level.WARNING,
        "MaxFileSize",
        ("1 file is larger", "to at least 9,437,184"),
    ),
    Trap(
        "ServiceSettings",
        "EnableCustomEmoji",
        False,
        Level.WARNING,
        "emoji",
        ("1 that is to come fails", "EnableCustomEmoji on"),
    ),
    Trap(
        "ServiceSettings",
        "EnablePostUsernameOverride",
        False,
        Level.WARNING,
        "EnablePostUsernameOverride",
        ("1 message of a bridge", "switch it on"),
    ),
    Trap(
        "ServiceSettings",
        "MaximumPayloadSizeBytes",
        9_000,
        Level.STOP,
        "requests",
        ("at most 9,000 bytes", "MaximumPayloadSizeBytes"),
    ),
    Trap(
        "RateLimitSettings",
        "Enable",
        True,
        Level.WARNING,
        "rate limit",
        ("requests a second", "RateLimitSettings.Enable off"),
    ),
    Trap("SqlSettings", "DisableDatabaseSearch", True, Level.WARNING, "search", ("searches nothing", "Switch it off")),
    Trap(
        "ServiceSettings",
        "EnableBotAccountCreation",
        False,
        Level.OK,
        "EnableBotAccountCreation",
        ("switched on for the moments",),
    ),
]


@pytest.mark.parametrize("trap", TRAPS, ids=[trap.key for trap in TRAPS])
def test_a_setting_that_stands_in_the_way_is_named_with_what_to_set(look: Look, trap: Trap) -> None:
    with set_to(look.server, **{trap.section: {trap.key: trap.value}}):
        found = line(look.findings(), trap.subject, trap.level)
    assert all(word in found.text for word in trap.words), found.text
    assert bool(found.mend) == (trap.level is not Level.OK)


def test_a_server_that_fits_stops_nothing_and_has_nothing_of_it_left(look: Look) -> None:
    before = traces(look.server)
    findings = look.findings(plan={"allow_over_limit": "1"})  # other tests' people are on this server, too
    assert stops(findings) == []
    assert all(finding.mend for finding in warnings(findings))
    assert traces(look.server) == before
    said = {finding.subject: finding for finding in findings if finding.level is Level.OK}
    assert look.server.version in said["server"].sentence
    # One sum, of which every number is a part.
    assert "4 people and bots" in said["export"].sentence
    assert "4 people and 0 bots: 4 created. To be made: 4 accounts (4 active people)." in said["accounts"].sentence
    (limit,) = (finding for finding in findings if finding.subject == "user limit")
    assert re.search(r"now \+ 4 new people = \d|; the plan adds 4", limit.sentence)
    assert "1 in it now + 4 new people = 5;" in said["MaxUsersPerTeam"].sentence
    assert "1 channel and 0 direct or group conversations: 1 created." in said["channels"].sentence
    assert "2 in it now + 1 new = 3;" in said["MaxChannelsPerTeam"].sentence
    assert "4 accounts to be made" in said["time"].sentence
    assert not {"not looked at", "not tried again"} & said.keys()
    assert "8 MiB get through" in said["proxy"].sentence
    assert "database searches" in said["search"].sentence
    assert "About 1 min" in said["time"].sentence
    assert "free" in said["disk here"].sentence
    assert "tells nobody" in said["disk of the server"].sentence


# --- who one is there, and where


def test_a_token_and_a_team_that_are_none_are_named(look: Look) -> None:
    refused = line(look.findings(mm={"token": "m" * 26}), "token", Level.STOP)
    assert "refuses MM_TOKEN (401)" in refused.sentence
    login = {"login_id": sign_up(look.server, f"member-{look.tail}"), "password": PASSWORD}
    session = requests.post(f"{look.server.url}/api/v4/users/login", json=login, timeout=30).headers["Token"]
    rights = line(look.findings(mm={"token": session}), "token", Level.STOP)
    assert "who is no system administrator" in rights.sentence
    # What nobody could ask is not told as well: no room that is needed, no time, no plan.
    findings = look.findings(mm={"token": "m" * 26})
    unseen = line(findings, "not looked at", Level.WARNING)
    assert unseen.sentence.startswith("What the server allows, the plan, the room that it needs, how long it takes: ")
    assert not {"disk here", "disk of the server", "time", "accounts", "user limit"} & {one.subject for one in findings}
    missing = line(look.findings(mm={"team": "nowhere"}), "team", Level.STOP)
    assert "no team named nowhere" in missing.sentence
    assert look.server.team in missing.mend


def test_everything_that_stops_is_told_at_once(look: Look) -> None:
    findings = look.findings(
        mm={"token": "m" * 26},
        plan={"match": "telepathy"},
        slack={"downloads": "/no/where", "export": "/no/export.zip"},
    )
    assert {finding.subject for finding in stops(findings)} == {"settings", "SLACK_FILES", "SLACK_EXPORT", "token"}
    assert all(finding.mend for finding in stops(findings))


def test_what_is_no_server_and_what_is_no_setting_is_told_too(look: Look) -> None:
    away = stops(look.findings(url="http://127.0.0.1:9"))
    assert [(finding.subject, "Check the address" in finding.mend) for finding in away] == [("server", True)]
    unset = [finding.text for finding in stops(look.findings(mm={"token": ""}))]
    assert unset == ["MM_TOKEN is not set. Give a personal access token of a system administrator of the server."]


def test_a_server_plugin_that_is_not_there_is_named_once(
    mattermost: RunningServer, fresh_mattermost: FreshMattermost, look: Look
) -> None:
    bare = fresh_mattermost(mattermost.version)  # the shared one may have it
    here = {"url": bare.url, "token": bare.token, "team": bare.team}
    findings = look.findings(mm={**here, "transport": "plugin"})
    assert [finding.subject for finding in stops(findings)] == ["plugin"]
    assert "mm-pipeline plugin install" in line(findings, "plugin", Level.STOP).mend


def test_without_an_export_there_is_nothing_to_do(look: Look) -> None:
    nothing = line(look.findings(slack={"export": ""}), "SLACK_EXPORT", Level.STOP)
    assert nothing.sentence == "SLACK_EXPORT is not set, and nothing is staged yet."
    missing = look.findings(slack={"export": ""}, mm={"url": "", "token": ""})
    told = [one.sentence for one in missing if one.level is Level.STOP]
    assert told == ["MM_URL is not set.", "MM_TOKEN is not set.", nothing.sentence]


def test_what_is_chosen_to_stay_behind_is_not_counted(look: Look) -> None:
    """A pilot fits in where all of it does not."""
    with set_to(look.server, TeamSettings={"MaxUsersPerTeam": 4}):
        assert line(look.findings(), "MaxUsersPerTeam", Level.STOP)
        pilot = {"only_people": f"ada-{look.tail},ben-{look.tail}", "without": "files", "allow_over_limit": "1"}
        findings = look.findings(plan=pilot)
        assert stops(findings) == []
        assert "1 person or bot, 4 attachments" in line(findings, "choice", Level.OK).sentence
        assert line(findings, "files", Level.OK).sentence == "No file is to come."
    unknown = stops(look.findings(plan={"only_channels": "no-such-room"}))
    assert [(finding.subject, "MM_ONLY_CHANNELS" in finding.text) for finding in unknown] == [("plan", True)]


# --- what lies in between


def capped(most: int, *, cut: bool = False) -> Callable[[Request, Callable[[], Answer]], Answer | Cut]:
    """A proxy's rule: larger requests are refused by a page of its own, or the connection breaks."""

    def rule(request: Request, ask: Callable[[], Answer]) -> Answer | Cut:
        if len(request.body) <= most:
            return ask()
        page = Answer(413, b"<html>413 Request Entity Too Large</html>", (("Content-Type", "text/html"),))
        return Cut() if cut else page

    return rule


@pytest.mark.parametrize(
    ("most", "cut", "passes"), [(MIB, False, "0.9 MiB"), (6 * MIB, False, "5 MiB"), (MIB, True, "0.9 MiB")]
)
def test_a_proxy_that_caps_uploads_is_named_with_what_it_lets_through(
    look: Look, most: int, cut: bool, passes: str
) -> None:
    proxy = Proxy(look.server.url, capped(most, cut=cut))
    before = traces(look.server)
    try:
        found = line(look.findings(proxy.url), "proxy", Level.STOP)
    finally:
        proxy.close()
    assert "A request of 8 MiB does not get through" in found.sentence
    assert f"One of {passes} does" in found.sentence
    assert "client_max_body_size" in found.mend
    assert traces(look.server) == before


# --- what no setting by REST can bring about


@pytest.mark.parametrize("version", ["11.4", "9.9"])
def test_what_the_environment_fixes_and_a_file_store_that_takes_nothing_are_named(
    version: str, fresh_mattermost: FreshMattermost, database: str, tmp_path: Path
) -> None:
    server = fresh_mattermost(version, forced={"EmailSettings.SendEmailNotifications": True})
    tail = secrets.token_hex(3)
    look = Look(server, database, tmp_path, orchard(tail), tail)
    careful = line(look.findings(), "environment", Level.WARNING)
    assert "none as it stands" in careful.sentence  # nobody of the server is added to a channel
    sign_up(server, "somebody", f"ada-{tail}@people.example")
    shutil.rmtree(server.files, ignore_errors=True)
    server.files.write_text("no folder")
    findings = look.findings()
    fixed = line(findings, "environment", Level.STOP)
    assert "fixes MM_EMAILSETTINGS_SENDEMAILNOTIFICATIONS" in fixed.sentence
    assert "Take it out of the environment" in fixed.mend
    assert "cannot write to its file store" in line(findings, "health", Level.STOP).sentence


class Said(NamedTuple):
    """What a server would say that has a licence, another version or an older database, and what must be said of it."""

    place: str
    words: dict[str, Any]
    level: Level
    subject: str
    told: str
    mend: str


LICENCE = {"IsLicensed": "true"}
HISTORY = {"postHistoryLimit": 2, "lastAccessiblePostTime": 0}
RETENTION, CLOUD = LICENCE | {"DataRetention": "true"}, LICENCE | {"Cloud": "true"}
SAID = [
    Said("/limits/server", HISTORY, Level.STOP, "history", "4 messages are to come", "licence"),
    Said("/license/client", RETENTION, Level.WARNING, "retention", "4 of those to come come", "switch it off"),
    Said("/license/client", CLOUD, Level.STOP, "jobs", "is Mattermost Cloud", "mm-pipeline archive"),
    Said("/config/client", {"Version": "12.1.0"}, Level.WARNING, "server", "runs Mattermost 12.1", "Rehearse"),
    Said("/config/client", {"Version": "9.8.3"}, Level.STOP, "server", "9.9 or newer is needed", "Update the server"),
    Said("/system/ping", {"ActiveSearchBackend": "elasticsearch"}, Level.OK, "search", "Elasticsearch searches", ""),
    Said(
        "/config/client",
        {"MaxPostSize": "4000"},
        Level.WARNING,
        "MaxPostSize",
        "hold 4,000 characters; 1",
        "posts.message",
    ),
]


@pytest.mark.parametrize("said", SAID, ids=[f"{said.subject}-{next(reversed(said.words))}" for said in SAID])
def test_what_takes_a_licence_or_another_server_is_named(
    mattermost_11_4: RunningServer, database: str, tmp_path: Path, said: Said
) -> None:
    """As mattermost/test_hidden.py has it: no server of the tests can be given a licence."""

    def rule(request: Request, ask: Callable[[], Answer]) -> Answer:
        answer = ask()
        if request.place != f"/api/v4{said.place}":
            return answer
        return answer._replace(body=json.dumps(json.loads(answer.body) | said.words).encode())

    server = msgspec.structs.replace(mattermost_11_4, team=mattermost_11_4.create_team())
    look = Look(server, database, tmp_path, orchard(secrets.token_hex(3)))
    proxy = Proxy(server.url, rule)
    retention = {"EnableMessageDeletion": "DataRetention" in said.words, "MessageRetentionDays": 30}
    try:
        with set_to(server, DataRetentionSettings=retention):
            found = line(look.findings(proxy.url), said.subject, said.level)
    finally:
        proxy.close()
    assert said.told in found.sentence
    assert said.mend in found.mend


# --- who and what is there already


def test_people_who_are_there_are_told_by_what_they_are_matched_and_collisions_are_named(look: Look) -> None:
    ada, ben, cleo = (f"{name}-{look.tail}" for name in ("ada", "ben", "cleo"))
    sign_up(look.server, f"x-{ada}", f"{ada}@people.example")
    sign_up(look.server, ben, f"other-{ben}@x.example")
    sign_up(look.server, cleo)
    team_id = look.server.call("GET", f"/teams/name/{look.server.team}")["id"]
    pond = {"team_id": team_id, "name": f"pond-{look.tail}", "display_name": "Pond", "type": "P"}
    look.server.call("POST", "/channels", pond)
    findings = look.findings()
    assert "2 matched (1 by e-mail, 1 by name), 2 created" in line(findings, "accounts", Level.OK).sentence
    assert f": {cleo}." in line(findings, "matched by name", Level.WARNING).sentence
    assert (
        f"1 username is taken or reserved, so its person gets another: {ben} becomes {ben}-"
        in line(findings, "usernames", Level.WARNING).sentence
    )
    assert f"pond-{look.tail} becomes pond-{look.tail}-" in line(findings, "channel names", Level.WARNING).sentence


def test_a_channel_that_people_use_already_takes_in_nothing_unnoticed(look: Look) -> None:
    """One that somebody has made for it, and is alone in, is nobody's; what the plan was told is what was wanted."""
    team_id = look.server.call("GET", f"/teams/name/{look.server.team}")["id"]
    pond = {"team_id": team_id, "name": f"pond-{look.tail}", "display_name": "Pond", "type": "O"}
    channel_id = look.server.call("POST", "/channels", pond)["id"]
    made = line(look.findings(), "matched channels", Level.OK)
    assert made.sentence.endswith(f"or is empty: pond-{look.tail}.")
    gone = look.server.call("POST", "/posts", {"channel_id": channel_id, "message": "a try, taken back"})
    look.server.call("DELETE", f"/posts/{gone['id']}")
    assert line(look.findings(), "matched channels", Level.OK) == made  # what was deleted is nothing that people use
    look.server.call("POST", "/posts", {"channel_id": channel_id, "message": "ours"})
    used = line(look.findings(), "matched channels", Level.WARNING)
    assert (
        f"1 channel that people use takes Slack's of the same name in, messages and members: pond-{look.tail} (1 post, "
        in (used.sentence)
    )
    assert "`create` as the action" in used.mend


def test_people_of_the_server_who_are_not_in_the_team_need_room_in_it(look: Look) -> None:
    for name in (f"ada-{look.tail}", f"ben-{look.tail}"):
        sign_up(look.server, name, f"{name}@people.example")
    fits = line(look.findings(), "MaxUsersPerTeam", Level.OK)
    assert "1 in it now + 2 new people + 2 matched and not in it yet = 5;" in fits.sentence
    with set_to(look.server, TeamSettings={"MaxUsersPerTeam": 4}):
        assert "to at least 5" in line(look.findings(), "MaxUsersPerTeam", Level.STOP).mend


def test_people_without_e_mail_and_guests_are_named(look: Look) -> None:
    findings = look.findings()
    assert f"1 active person has no e-mail of their own, and gets one that reaches nobody: cleo-{look.tail}." in (
        line(findings, "e-mail", Level.WARNING).sentence
    )
    assert f"1 guest of Slack becomes a member, for the server lets no guests in: dan-{look.tail}." in (
        line(findings, "guests", Level.WARNING).sentence
    )
    assert "1 message is longer" in line(findings, "MaxPostSize", Level.OK).sentence


def test_files_and_emoji_that_only_slack_has_are_named(look: Look) -> None:
    findings = look.findings()
    assert line(findings, "files", Level.OK).sentence.startswith(
        "4 attachments are of 3 files: 0 here, 2 at Slack; of 1 Slack"
    )
    assert "2 files (7 MB) are at Slack alone" in line(findings, "files at Slack", Level.WARNING).sentence
    assert "1 of 1 custom emoji has no picture" in line(findings, "emoji pictures", Level.WARNING).sentence


def test_more_people_than_the_edition_lets_in_are_named(
    mattermost_11_4: RunningServer, database: str, tmp_path: Path
) -> None:
    """11.4 without a licence lets in 250; 9.9 sets no limit that hinders."""
    files = orchard(secrets.token_hex(3))
    files |= {"users.json": [person(f"U{number:04}", f"crowd-{number}") for number in range(251)]}
    look = Look(msgspec.structs.replace(mattermost_11_4, team=mattermost_11_4.create_team()), database, tmp_path, files)
    found = line(look.findings(), "user limit", Level.STOP)
    assert "lets in 250 active people" in found.sentence
    assert "MM_ALLOW_OVER_LIMIT=1" in found.mend
    assert stops(look.findings(plan={"allow_over_limit": "1"})) == []
