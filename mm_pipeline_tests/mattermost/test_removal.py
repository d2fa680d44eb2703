"""Accounts that are not removed as easily as others, on the real servers: many messages, single sign-on."""

import secrets
import time
from collections.abc import Iterator

import psycopg
import pytest

from mm_pipeline.mattermost.quiet import Quiet
from mm_pipeline.mattermost.removal import Removal
from mm_pipeline.mattermost.rest import Rest, account
from mm_pipeline_tests.conftest import FreshMattermost
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.mattermost.people_of import http_of, new_channel, new_person, value_of
from mm_pipeline_tests.mattermost_server.mail_sink import MailSink
from mm_pipeline_tests.mattermost_server.running import RunningServer

#: The server mails from threads of its own, after it has answered.
LATE_S = 3
_MANY = """
INSERT INTO posts (id, createat, updateat, editat, deleteat, ispinned, userid, channelid, rootid, originalid, message, type, props,
                   hashtags, filenames, fileids, hasreactions)
SELECT left(md5(n::text || %s) || 'aaaaaaaaaa', 26), n, n, 0, 0, false, %s, %s, '', '', 'post ' || n, '', '{}', '', '[]', '[]', false
FROM generate_series(1, 10001) n
"""


@pytest.fixture
def rest(mattermost: RunningServer, team: str) -> Iterator[Rest]:
    http = http_of(mattermost.url, mattermost.token)
    yield Rest(http, team)
    http.close()


def removal_on(mattermost: RunningServer, rest: Rest) -> Removal:
    journal = MemoryJournal()
    many_at_once = mattermost.version != "9.9"
    return Removal(rest, journal, Quiet(rest, journal, many_at_once=many_at_once), (11, 4) if many_at_once else (9, 9))


def test_an_account_with_more_messages_than_the_server_removes_at_once_is_removed(
    mattermost: RunningServer, rest: Rest
) -> None:
    ada = new_person(rest.http, "ada")
    square = rest.channel_named("town-square")
    assert square is not None
    with psycopg.connect(mattermost.database_url, autocommit=True) as connection:
        connection.execute(_MANY.encode(), (ada["id"], ada["id"], square["id"]))
    rest.patch_config({"ServiceSettings": {"EnableAPIUserDeletion": True}})
    try:
        (taken,) = removal_on(mattermost, rest).accounts([account(ada)], for_good=True)
    finally:
        rest.patch_config({"ServiceSettings": {"EnableAPIUserDeletion": False}})
    assert taken.error == ""
    assert rest.account_named(ada["username"]) is None


def test_an_archived_channel_that_was_opened_to_delete_in_it_is_archived_again_after_a_kill(
    mattermost: RunningServer, rest: Rest
) -> None:
    room = new_channel(rest.http, rest.team_id)["id"]
    post_ids = [rest.http.post("/posts", {"channel_id": room, "message": "of Slack"})["id"] for _ in range(8)]
    rest.archive(room)
    removal = removal_on(mattermost, rest)
    begun = removal.posts(room, post_ids, for_good=False)
    next(begun)  # and nobody ever asks for the rest: the process was killed
    assert not rest.http.get(f"/channels/{room}")["delete_at"]
    removal.archive_opened()
    assert rest.http.get(f"/channels/{room}")["delete_at"]
    assert [one.error for one in removal.posts(room, post_ids, for_good=False)] == [""] * 8
    assert rest.http.get(f"/channels/{room}")["delete_at"]
    begun.close()


@pytest.mark.parametrize("version", ["11.4", "9.9"])
def test_a_mail_server_that_the_environment_fixes_is_named_before_anybody_is_renamed(
    version: str, fresh_mattermost: FreshMattermost
) -> None:
    server = fresh_mattermost(version, forced={"EmailSettings.SMTPServer": "mail.people.example"})
    http = http_of(server.url, server.token)
    assert removal_on(server, Rest(http, server.team)).allowed().mails == ("EmailSettings.SMTPServer",)
    http.close()


def test_no_setting_of_the_usual_server_keeps_a_rollback_from_being_silent(
    mattermost: RunningServer, rest: Rest
) -> None:
    assert removal_on(mattermost, rest).allowed().mails == ()


def test_a_closed_account_frees_its_name_its_address_and_its_sign_in_and_nobody_hears_of_it(
    mattermost: RunningServer, rest: Rest, mail_sink: MailSink
) -> None:
    name = f"gus-{secrets.token_hex(4)}"
    wish = {"username": name, "email": f"{name}@people.example", "auth_service": "gitlab", "auth_data": name}
    gus = rest.http.post("/users", wish)
    bea = new_person(rest.http, "bea")
    bot = rest.http.post("/bots", {"username": f"bot.{name}"})["user_id"]
    rest.add_to_team([bea["id"], bot])
    time.sleep(LATE_S)
    mail_sink.clear()
    server = value_of(rest.http, "EmailSettings.SMTPPort")
    closing = [account(gus), account(bea), account(rest.http.get(f"/users/{bot}"))]
    taken = list(removal_on(mattermost, rest).accounts(closing, for_good=False))
    assert [(one.error, one.note) for one in taken] == [("", "")] * 3
    time.sleep(LATE_S)
    assert [mail for one in (gus, bea) for mail in mail_sink.to(one["email"])] == []
    assert value_of(rest.http, "EmailSettings.SMTPPort") == server
    assert rest.http.get(f"/users/{bea['id']}")["delete_at"] > 0
    assert rest.members_of_team([bea["id"], bot]) == set()
    again = rest.http.post("/users", wish)
    assert again["id"] != gus["id"]
