"""Monday morning on a real server with a real mail sink: everybody whose account was made gets one mail, and one only."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest

from mm_pipeline.db.embedded import EmbeddedPostgres
from mm_pipeline.report.document import Document
from mm_pipeline_tests.end_to_end.migrated import ROOT, Pipeline
from mm_pipeline_tests.end_to_end.small_export import message, person, write
from mm_pipeline_tests.mattermost.people_of import PASSWORD, http_of, new_person, session_of
from mm_pipeline_tests.mattermost_server.mail_sink import MailSink
from mm_pipeline_tests.mattermost_server.running import RunningServer

NEW = ("ada", "ben", "cleo", "dora", "emil")


class Morning:
    """A migration of five new people, one of before, one without an address, one who has left, and a bot."""

    def __init__(self, server: RunningServer, folder: Path) -> None:
        team = server.create_team()
        self.server, self.tail = server, team.removeprefix("team-")
        http = http_of(server.url, server.token)
        self.vera = new_person(http, "vera")
        http.close()
        new = [person(f"U0{name.upper()}", f"{name}-{self.tail}") for name in NEW]
        others = [
            person("U0VERA", self.vera["username"], profile={"email": self.vera["email"]}),
            person("U0FAY", f"fay-{self.tail}", profile={"email": None}),
            person("U0GUS", f"gus-{self.tail}", deleted=True),
            person("U0GATE", f"gate-{self.tail}", is_bot=True, profile={"email": None}),
        ]
        export = {
            "users.json": new + others,
            "channels.json": [
                {"id": "C0HILL", "name": "the.hill", "creator": "U0ADA", "members": [one["id"] for one in new]}
            ],
            "the.hill/2024-05-01.json": [message(at, f"good morning {at}", one["id"]) for at, one in enumerate(new)],
        }
        self.run = Pipeline(folder / "state", write(export, folder / "export.zip"), server, MM_TEAM=team)
        self.addresses = [f"{name}-{self.tail}@people.example" for name in NEW]

    def mails(self, sink: MailSink) -> dict[str, int]:
        """Return how many mails each of the five got."""
        return {address: len(sink.to(address)) for address in self.addresses}

    def invite(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return self.run.call("mm-pipeline", "invite", *words)

    def forget_that_it_was_sent(self, address: str) -> None:
        """Have the journal say what it says where a run was killed between the server's mailing and its own remembering."""
        with psycopg.connect(self.server.database_url) as connection:
            (found,) = connection.execute("SELECT id FROM users WHERE email = %s", (address,)).fetchall()
        state = Path(self.run.environment["MM_PIPELINE_STATE"])
        with psycopg.connect(EmbeddedPostgres(state / "postgres").url("mm_pipeline"), autocommit=True) as connection:
            connection.execute(
                "UPDATE finishing SET task = 'inviting' WHERE task = 'invited' AND object_id = %s", found
            )


@pytest.fixture
def morning(mattermost_11_4: RunningServer, tmp_path: Path) -> Iterator[Morning]:
    made = Morning(mattermost_11_4, tmp_path)
    ended = made.run.export()
    assert ended.returncode == 0, ended.stderr[-3000:]
    yield made
    made.run.down()


def test_everybody_who_is_new_gets_one_mail_whatever_is_killed_when(morning: Morning, mail_sink: MailSink) -> None:
    told = morning.run.call("mm-pipeline", "announcement")
    for words in (morning.server.url, "5 messages", "Forgot your password?", "`#the.hill` is ~the-hill", "as ever"):
        assert words in told.stdout
    assert "5 people are told that a mail comes" in told.stderr
    preview = morning.invite("--preview")
    assert preview.returncode == 0, preview.stderr
    for words in (
        "5 people are to be invited:\n",
        morning.addresses[0],
        "  1 person had an account before\n",
        "  1 person has no address that a mail reaches",
        "  1 account is deactivated\n",
        f"The server mails through 127.0.0.1:{mail_sink.port}, as ",
    ):
        assert words in preview.stdout
    assert mail_sink.mails == []

    command = morning.run.command("mm-pipeline", "invite", "--yes", "--per-minute", "30")
    began = subprocess.Popen(
        command, cwd=ROOT, env=morning.run.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 90
    while sum(morning.mails(mail_sink).values()) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    began.kill()
    assert began.wait() == -9
    invited = [address for address, mails in morning.mails(mail_sink).items() if mails]
    assert len(invited) == 2
    morning.forget_that_it_was_sent(invited[0])
    ended = morning.invite("--yes", "--per-minute", "6000")
    assert ended.returncode == 0, ended.stderr
    assert morning.mails(mail_sink) == dict.fromkeys(morning.addresses, 1)
    again = morning.invite("--yes")
    assert "0 people are to be invited" in again.stdout
    assert "  5 people were invited before\n" in again.stdout
    assert {address for mail in mail_sink.mails for address in mail.recipients} == set(morning.addresses)

    ada = morning.server.call("GET", f"/users/email/{morning.addresses[0]}")
    morning.server.call("PUT", f"/users/{ada['id']}/password", {"new_password": PASSWORD})
    session_of(morning.server.url, ada).close()
    reported = morning.run.call("mm-pipeline", "report")
    assert reported.returncode == 0, reported.stderr
    folder = Path(reported.stdout.partition(":")[0]).parent
    due = msgspec.json.decode((folder / "report.json").read_bytes(), type=Document).resets
    assert [(one.username.partition("-")[0], one.reachable) for one in due] == [
        *((name, True) for name in NEW[1:]),
        ("fay", False),
    ]


def test_a_server_that_cannot_mail_says_so_and_nobody_counts_as_invited(morning: Morning, mail_sink: MailSink) -> None:
    nowhere = {"EmailSettings": {"SMTPServer": "127.0.0.1", "SMTPPort": "1"}}
    right = {"EmailSettings": {"SMTPServer": "127.0.0.1", "SMTPPort": str(mail_sink.port)}}
    morning.server.call("PUT", "/config/patch", nowhere)
    try:
        refused = [morning.invite("--test-mail"), morning.invite("--yes")]
    finally:
        morning.server.call("PUT", "/config/patch", right)
    for ended in refused:
        assert ended.returncode == 1
        assert "The server could not mail" in ended.stderr
        assert "then run the same command again" in ended.stderr
        assert "will not help" not in ended.stderr
    assert "5 people are to be invited" in morning.invite("--preview").stdout
    nobody = morning.invite()  # its input is at its end
    assert "With --yes it goes on without asking." in nobody.stderr
    assert mail_sink.mails == []

    me = morning.server.call("GET", "/users/me")["email"]
    assert f"a test mail for {me}" in morning.invite("--test-mail").stdout
    assert [mail.recipients for mail in mail_sink.mails] == [(me,)]
