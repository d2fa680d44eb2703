"""Class: settings that are none."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from unittest.mock import patch

import dagster as dg

from mm_pipeline.content.slack_files import SlackFiles
from mm_pipeline.db.database import Database
from mm_pipeline.definitions import export_workers, resources
from mm_pipeline.errors import PipelineError
from mm_pipeline.http import Http
from mm_pipeline.resources import MMResource, PlanResource
from mm_pipeline_tests.hostile.case import Case, Desk, Ended, Fate, HostileClass


def _set(ask: Callable[[Desk], object], **variables: str) -> Callable[[Desk], Ended]:
    """Return what asks for something with environment variables set; a list of sentences is what is objected."""

    def run(desk: Desk) -> Ended:
        with patch.dict(os.environ, variables):
            try:
                said = ask(desk)
            except (PipelineError, dg.DagsterInvalidDefinitionError) as stop:
                said = [str(stop)]
        if isinstance(said, list) and said:
            return Ended(Fate.REFUSED, tuple(one.replace(str(desk.folder), "...") for one in said))
        return Ended(Fate.KEPT, (str(said),))

    return run


def _server(url: str = "https://chat.example.org", token: str = "a" * 26, **more: str) -> Callable[[Desk], Ended]:
    return _set(lambda _: MMResource(url=url, token=token, **more).objections())


def _asked(url: str) -> Callable[[Desk], Ended]:
    return _set(lambda _: Http(url, first_contact_s=0.1, away_s=0.1).get("/users/me"))


def _plan(**choices: str) -> Callable[[Desk], Ended]:
    return _set(lambda _: PlanResource(**choices).settings(1).objections())


def _table(content: bytes | None) -> Callable[[Desk], Ended]:
    """Return what reads MM_AUTH_DATA=csv:FILE with this in it; None is a folder."""

    def ask(desk: Desk) -> list[str]:
        path: Path = desk.folder
        if content is not None:
            path = desk.folder / "people.csv"
            path.write_bytes(content)
        return PlanResource(auth_service="ldap", auth_data=f"csv:{path}").settings(1).objections()

    return _set(ask)


def _emoji_of(api: str) -> Callable[[Desk], Ended]:
    def ask(_: Desk) -> Mapping[str, str]:
        slack = SlackFiles("xoxb-1-2-3", http=Http(api, "xoxb-1-2-3", first_contact_s=0.1, away_s=0.1))
        return slack.emoji_list()

    return _set(ask)


CLASS = HostileClass(
    "Settings",
    "Environment variables: told before anything is sent.",
    (
        Case(
            "`EXPORT_WORKERS=0`",
            Fate.REFUSED,
            "EXPORT_WORKERS=0: say 1 to 64.",
            _set(lambda _: export_workers(), EXPORT_WORKERS="0"),
        ),
        Case(
            "`EXPORT_WORKERS=²`, a digit that is no number",
            Fate.REFUSED,
            "EXPORT_WORKERS=² is no whole number.",
            _set(lambda _: export_workers(), EXPORT_WORKERS="²"),
        ),
        Case(
            "`MM_ARCHIVE_MAX_BYTES` of 5,000 digits",
            Fate.REFUSED,
            "MM_ARCHIVE_MAX_BYTES=9999999999999999999999999999999999999999999999999999999999999999999999999999999",
            _set(lambda _: resources(), MM_ARCHIVE_MAX_BYTES="9" * 5_000),
        ),
        Case(
            "`MM_ARCHIVE_MAX_BYTES=-1`",
            Fate.REFUSED,
            "MM_ARCHIVE_MAX_BYTES=-1 is no whole number.",
            _set(lambda _: resources(), MM_ARCHIVE_MAX_BYTES="-1"),
        ),
        Case(
            "`MM_TOKEN` with a line break",
            Fate.REFUSED,
            "MM_TOKEN holds a sign that no token has (a space, a line break, a letter with an accent): copy it",
            _server(token="abc\ndef"),
        ),
        Case(
            "`MM_TOKEN` with a header behind it",
            Fate.REFUSED,
            "MM_TOKEN holds a sign that no token has (a space, a line break, a letter with an accent): copy it",
            _server(token="abc\r\nX-Admin: 1"),
        ),
        Case(
            "`MM_TRANSPORT` that is a path",
            Fate.REFUSED,
            "MM_TRANSPORT=../plugin is unknown: say stock or plugin.",
            _server(transport="../plugin"),
        ),
        Case(
            "`MM_URL=file:///etc/passwd`",
            Fate.REFUSED,
            "file:///etc/passwd/users/me is no address that can be asked: it must begin with https:// or http://, and a host",
            _asked("file:///etc/passwd"),
        ),
        Case(
            "`MM_URL=http://[::1`",
            Fate.REFUSED,
            "http://[::1/users/me is no address that can be asked: it must begin with https:// or http://, and a host",
            _asked("http://[::1"),
        ),
        Case(
            "`MM_URL` with a password in it",
            Fate.REFUSED,
            "MM_URL holds a user name or a password (something before an @): leave them out.",
            _server(url="https://me:sesame@chat.example.org"),
        ),
        Case(
            "`MM_URL` with a label of 300 letters",
            Fate.REFUSED,
            "http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            _asked(f"http://{'a' * 300}.example"),
        ),
        Case(
            "`MM_MATCH=everybody`",
            Fate.REFUSED,
            "MM_MATCH=everybody is unknown: say email, or email,username.",
            _plan(match="everybody"),
        ),
        Case(
            "`MM_EMAIL_DOMAIN` with a blank",
            Fate.REFUSED,
            "MM_EMAIL_DOMAIN=a b.example is no domain: give one that receives no mail.",
            _plan(email_domain="a b.example"),
        ),
        Case(
            "`MM_EMAIL_DOMAIN` with a line break",
            Fate.REFUSED,
            "MM_EMAIL_DOMAIN=a.example\nBcc: x is no domain: give one that receives no mail.",
            _plan(email_domain="a.example\nBcc: x"),
        ),
        Case(
            "`MM_KEEP_ADMINS=yes`",
            Fate.REFUSED,
            "MM_KEEP_ADMINS=yes: say 1, or leave it out.",
            _plan(keep_admins="yes"),
        ),
        Case(
            "`MM_AUTH_SERVICE=x; DROP TABLE`",
            Fate.REFUSED,
            "MM_AUTH_SERVICE=x; DROP TABLE is unknown to Mattermost: say one of gitlab, google, ldap, office365,",
            _plan(auth_service="x; DROP TABLE", auth_data="email"),
        ),
        Case(
            "`MM_AUTH_DATA=csv:` a folder",
            Fate.REFUSED,
            "MM_AUTH_DATA: ... cannot be read as CSV: [Errno 21] Is a directory: '...'.",
            _table(None),
        ),
        Case(
            "`MM_AUTH_DATA=csv:` random bytes",
            Fate.REFUSED,
            "MM_AUTH_DATA: .../people.csv cannot be read as CSV: 'utf-8' codec can't decode byte 0x80 in",
            _table(bytes(range(256))),
        ),
        Case(
            "`MM_PIPELINE_DATABASE` that is no URL",
            Fate.REFUSED,
            "MM_PIPELINE_DATABASE is no URL of a PostgreSQL database: it begins with postgresql://, and a space",
            _set(lambda _: Database("postgresql://me:pass word@/x")),
        ),
        Case(
            "`SLACK_API_URL=ftp://slack.example`",
            Fate.REFUSED,
            "Slack's emoji.list: ftp://slack.example/emoji.list is no address that can be asked: it must begin",
            _emoji_of("ftp://slack.example"),
        ),
    ),
)
