"""The announcement is true of everybody who reads it: said to those whom it concerns, and naming nothing that is private."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.errors import AbortRun
from mm_pipeline.mattermost.fresh_server import FreshServer
from mm_pipeline.mattermost.on_server import Account, ChannelKind, Mailing, Server
from mm_pipeline.mattermost.ours import MADE_ACCOUNT, MADE_CHANNEL
from mm_pipeline.mattermost.read_state import MARK_READ
from mm_pipeline.model import EntityType, Status
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.plan.people import PersonDecision
from mm_pipeline.welcome.announcement import Announcement, announcement
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.rows import WORKSPACE, add_row

MAIL = Mailing(
    objection="", host="mail.example:587", sender="chat@example.org", site_url="", by_email=True, by_username=True
)
LEFT = "chosen to be left out: "


class Garden:
    """What a migration left: rows, a journal, and a server with these accounts."""

    def __init__(self, database: str) -> None:
        self.database, self.journal, self.people = database, MemoryJournal(), list[Account]()
        self.store, self.mail = EntityStore(Database(database), WORKSPACE), MAIL

    # --- what is asked of the server

    def server(self) -> Server:
        return msgspec.structs.replace(FreshServer("garden").server(), url="https://chat.example.org")

    def accounts(self) -> Iterator[Account]:
        return iter(self.people)

    def mailing(self) -> Mailing:
        return self.mail

    # --- what is there

    def person(self, name: str, username: str = "", *, made: bool = True, **account: Any) -> None:
        """Somebody who is on the server, and is called `name` in Slack."""
        username = username or name
        told = Account(**{"id": f"id-{name}", "username": username, "email": f"{name}@example.org"} | account)
        row = {"status": Status.SUCCESS, "mattermost_id": told.id, "target_name": username}
        decision = PersonDecision(slack_id=f"U-{name}", key=1, slack_name=name, username=username, is_bot=told.is_bot)
        self._row(EntityType.USER, decision, **row)
        self.people.append(told)
        self.journal.owe(MADE_ACCOUNT, [username] if made else [])

    def left_out_person(self, name: str) -> None:
        decision = PersonDecision(slack_id=f"U-{name}", key=1, slack_name=name, username=name)
        self._row(EntityType.USER, decision, status=Status.SKIPPED, error_message=f"{LEFT}MM_SKIP_PEOPLE={name}")

    def channel(
        self,
        name: str,
        kind: ChannelKind = ChannelKind.PUBLIC,
        *,
        becomes: str = "",
        why: str = "",
        matched_id: str = "",
        raw: dict[str, Any] | None = None,
    ) -> None:
        """A conversation that went, or was left out by a choice (`why`)."""
        decision = ChannelDecision(
            slack_id=f"C-{name}", key=1, slack_name=name, kind=kind, name=becomes or name, matched_id=matched_id
        )
        status = {"status": Status.SKIPPED, "error_message": LEFT + why} if why else {"status": Status.SUCCESS}
        self._row(EntityType.CHANNEL, decision, raw=raw, **status)

    def _row(self, entity_type: EntityType, decision: PersonDecision | ChannelDecision, **columns: Any) -> None:
        add_row(self.database, entity_type, decision.slack_id, **columns)
        self.store.decide(
            entity_type, [(decision.slack_id, columns.get("target_name", ""), msgspec.json.encode(decision))]
        )

    def rows(self, entity_type: EntityType, statuses: Mapping[str, int], status: Status = Status.SKIPPED) -> None:
        """Rows of a type with a reason each."""
        for why, count in statuses.items():
            for number in range(count):
                add_row(self.database, entity_type, f"{why}{number}", status=status, error_message=why or None)

    def told(self) -> Announcement:
        return announcement(self, self.journal, self.store, "slack.invalid")  # type: ignore[arg-type]

    @property
    def text(self) -> str:
        return self.told().text

    @property
    def signing_in(self) -> str:
        return self.text.split("## How to sign in")[1].split("##")[0]


@pytest.fixture
def garden(database: str) -> Garden:
    return Garden(database)


def test_nothing_is_announced_before_anything_is_there(garden: Garden) -> None:
    add_row(garden.database, EntityType.USER, "U-ada")
    with pytest.raises(
        AbortRun, match=r"Nothing of T0TEST is on https://chat.example.org yet: run `mm-pipeline export`"
    ):
        garden.told()


def test_who_had_an_account_before_is_not_told_that_there_is_no_password(garden: Garden) -> None:
    garden.person("vera", made=False)
    assert "Sign in as ever. Your password, your username and your settings are as they were" in garden.signing_in
    for words in ("no password", "Forgot your password", "mail"):
        assert words not in garden.signing_in


def test_who_is_new_is_told_how_to_choose_a_password(garden: Garden) -> None:
    garden.person("ada")
    assert "sign in with your e-mail address" in garden.signing_in
    assert "You have no password before you choose one" in garden.signing_in
    assert "as ever" not in garden.signing_in
    garden.mail = msgspec.structs.replace(MAIL, by_email=False)
    assert "sign in with your username" in garden.signing_in


def test_each_kind_of_people_is_spoken_to_by_itself(garden: Garden) -> None:
    garden.person("ada")
    garden.person("vera", made=False)
    garden.person("fay", email="u0fay@slack.invalid")
    garden.person("saml", auth_service="saml")
    garden.person("lars", auth_service="ldap")
    paragraphs = garden.signing_in.strip().split("\n\n")
    assert [one.split("**")[1] for one in paragraphs[:-1]] == [
        "If you had an account here before:",
        "If you are new here:",
        "If you are new here:",
        "If you are new here, and our single sign-on does not know you:",
        "If Slack has no e-mail address of you",
    ]
    assert "the name and password of our directory" in paragraphs[1]
    assert "the button of our single sign-on" in paragraphs[2]
    assert "(1 person): you have an account here, but no mail reaches it" in paragraphs[4]


def test_single_sign_on_alone_speaks_of_no_password(garden: Garden) -> None:
    garden.person("ada", auth_service="gitlab")
    assert "press *GitLab*" in garden.signing_in
    assert "password" not in garden.signing_in


def test_who_is_called_otherwise_than_in_slack_is_named_and_nobody_is_mentioned(garden: Garden) -> None:
    garden.person("ada")
    assert "Behind `@` stands your username. It is the same as in Slack.\n" in garden.text
    garden.person("Bo Berg", "bo.berg")
    garden.person("vera", "vera.v", made=False)
    garden.person("gus", "gus-2", delete_at=1)
    garden.person("bell", "bell-bot", is_bot=True)
    assert "the same as in Slack, but for 2 people: `Bo Berg` is `@bo.berg` and `vera` is `@vera.v`.\n" in garden.text


def test_people_who_have_left_are_not_told_how_to_sign_in(garden: Garden) -> None:
    garden.person("vera", made=False)
    assert "have left" not in garden.text
    garden.person("gus", delete_at=1)
    assert "What people wrote who have left stands under their names; their accounts are deactivated." in garden.text
    assert "no password" not in garden.text


def test_a_private_channel_is_named_to_nobody(garden: Garden) -> None:
    garden.person("ada")
    garden.channel("the.hill", becomes="the-hill")
    garden.channel("lay.offs", ChannelKind.PRIVATE, becomes="lay-offs")
    garden.channel("merger", ChannelKind.PRIVATE, why="MM_SKIP_CHANNELS=merger,random")
    garden.channel("random", why="MM_SKIP_CHANNELS=merger,random")
    garden.channel("mpdm-ada--bo-1", ChannelKind.GROUP, why="MM_SKIP_CHANNELS=merger,random")
    text = garden.text
    assert "another name than in Slack: `#the.hill` is ~the-hill; 1 private one." in text
    assert "- 1 channel stayed in Slack: `#random`.\n" in text
    assert "- 1 private channel and 1 direct conversation stayed in Slack.\n" in text
    for secret in ("lay", "merger", "mpdm", "MM_"):
        assert secret not in text


def test_a_channel_that_was_here_before_is_said_to_hold_both(garden: Garden) -> None:
    garden.person("ada")
    garden.channel("general", becomes="town-square", matched_id="c1")
    garden.channel("pond", matched_id="c2")
    garden.journal.owe(MADE_CHANNEL, [f"{garden.server().team_id} pond"])  # by a run that was killed, and found again
    assert "- ~town-square was here before and holds now what both had.\n" in garden.text
    assert "`#general` is ~town-square." in garden.text


def test_a_folder_that_everybody_can_read_now_is_said_to_be_open(garden: Garden) -> None:
    garden.person("ada")
    garden.channel("recipes", raw={"unlisted": True})
    garden.channel("seeds")
    assert "- Everybody can read ~recipes: Slack's export did not say whether it was private\n" in garden.text


def test_the_address_is_the_one_that_people_open(garden: Garden) -> None:
    garden.person("ada")
    assert "**https://chat.example.org**" in garden.text
    garden.mail = msgspec.structs.replace(MAIL, site_url="https://talk.example.org")
    assert "chat.example.org" not in garden.text
    assert "Open **https://talk.example.org**" in garden.signing_in


def test_what_was_left_out_by_choice_is_said(garden: Garden) -> None:
    garden.person("ada")
    assert "What is not here" not in garden.text
    garden.left_out_person("bo")
    garden.rows(EntityType.MESSAGE, {f"{LEFT}MM_SINCE=2024-01-31": 2, f"{LEFT}MM_SKIP_CHANNELS=random": 5})
    garden.rows(EntityType.ATTACHMENT, {f"{LEFT}MM_WITHOUT=files": 1, f"{LEFT}MM_SINCE=2024-01-31": 1})
    said = garden.text.split("## What is not here\n\n")[1].split("\n\n")[0].splitlines()
    assert said == [
        "- 1 person of Slack did not come along.",
        "- What was written before 2024-01-31 stayed in Slack (2 messages); a thread that went on after that is here from its "
        "beginning.",
        "- Files stayed in Slack (1 file); their messages say so.",
    ]


def test_what_could_not_be_brought_is_said_and_what_was_not_wanted_is_not_counted_there(garden: Garden) -> None:
    garden.person("ada")
    garden.rows(
        EntityType.ATTACHMENT, {"the file's bytes are nowhere to be had": 1, "its parent failed or was skipped": 3}
    )
    garden.rows(EntityType.ATTACHMENT, {"the server does not take it": 1}, Status.FAILED)
    garden.rows(EntityType.MESSAGE, {"deleted in Slack, and nothing hangs on it": 4})
    said = garden.text.split("## What is not here\n\n")[1].split("\n\n")[0]
    assert said == "- 2 files could not be brought along; their messages say so."


def test_numbers_that_are_none_are_left_out(garden: Garden) -> None:
    garden.person("ada")
    garden.channel("seeds")
    garden.rows(EntityType.MESSAGE, {"": 1}, Status.SUCCESS)
    text = garden.text
    assert "- 1 message, in 1 channel\n" in text
    assert " 0 " not in text
    assert "Private channels" not in text


def test_a_paragraph_is_one_line_as_mattermost_breaks_lines_where_a_text_does(garden: Garden) -> None:
    for name in ("ada", "bo"):
        garden.person(name, made=name == "ada")
    garden.channel("seeds")
    lines = garden.text.splitlines()
    assert all(not before or not line or line.startswith("- ") for before, line in pairwise(lines))
    assert "\n\n\n" not in garden.text


def test_whoever_posts_it_hears_what_is_not_so_yet(garden: Garden) -> None:
    garden.person("ada")
    garden.mail = msgspec.structs.replace(MAIL, doubts=("Its mails come from nobody.",))
    assert "Nothing is unread" in garden.text
    assert garden.told().cautions == (
        "1 person is told that a mail comes: `mm-pipeline invite` sends it.",
        "Its mails come from nobody.",
    )
    garden.journal.owe(MARK_READ, ["c1"])
    garden.rows(EntityType.MESSAGE, {"": 2}, Status.PENDING)
    garden.rows(EntityType.REACTION, {"no": 1}, Status.FAILED)
    assert "Nothing is unread" not in garden.text
    assert garden.told().cautions[:2] == (
        "2 rows are still to be exported: the text tells what is there now.",
        "1 row failed: `mm-pipeline status` says why, `mm-pipeline retry` tries again.",
    )


def test_with_whom_messages_stayed_behind_is_said_and_nobody_is_said_to_have_no_account(garden: Garden) -> None:
    garden.person("ada")
    garden.left_out_person("bo")  # who may have an account of the server's own
    began = "the message that began the thread is left out, because the author, bo, is left out"
    garden.rows(EntityType.MESSAGE, {f"{LEFT}the author, bo, is left out": 3, f"{LEFT}{began}": 1})
    said = garden.text.split("## What is not here\n\n")[1].split("\n\n")[0]
    assert said == (
        "- 1 person of Slack did not come along, nor did what they wrote and the answers in threads that they began (4 messages)."
    )
