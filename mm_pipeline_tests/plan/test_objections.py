"""What stops a plan before anything is sent, and what the sentence tells a person to do."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from mm_pipeline.errors import AbortRun
from mm_pipeline.plan.channels import plan_channels
from mm_pipeline.plan.objections import history_objections, plan_objections
from mm_pipeline.plan.people import plan_people
from mm_pipeline.plan.seats import Seats, seats, to_be_added
from mm_pipeline.plan.settings import read_auth_table
from mm_pipeline_tests.plan.rows import account, channel, existing, server, settings, user

PEOPLE = plan_people(
    [*(user(f"U{n}", f"p{n}") for n in range(6)), user("U7", "gone", deleted=True), user("B8", "bot")], [], settings()
)
CHANNELS = plan_channels(
    [
        channel("C1", "seeds"),
        channel("G2", "attic", is_private=True, is_archived=True),
        channel("D3", is_im=True, members=["U1", "U2"]),
        channel("C4", "weeds"),
    ],
    {"weeds": existing("weeds")}.get,
    {"U1": "p1", "U2": "p2"},
    settings(),
)


def objections(
    fields: dict[str, Any], there: tuple[str, ...] = (), more: dict[str, int] | None = None, **choices: Any
) -> str:
    lookup = {name: existing(name) for name in there}.get
    taken = seats(PEOPLE, **(more or {}))
    found = plan_objections(PEOPLE, CHANNELS, lookup, server(**fields), settings(**choices), taken)
    assert all(one.level == "stop" and one.mend for one in found)
    return "\n".join(one.text for one in found)


def test_a_plan_that_fits_has_no_objections() -> None:
    assert objections({"hard_user_limit": 7, "max_users_per_team": 8}) == ""


def test_more_people_than_the_edition_lets_in_stop_the_plan_unless_allowed() -> None:
    said = objections({"hard_user_limit": 6})
    assert "adds 6" in said
    assert "MM_ALLOW_OVER_LIMIT=1" in said
    assert objections({"hard_user_limit": 6}, allow_over_limit=True) == ""


def test_accounts_that_are_to_be_activated_take_a_seat_too() -> None:
    assert objections({"hard_user_limit": 8}, more={"activated": 1}) == ""
    said = objections({"hard_user_limit": 8}, more={"activated": 2})
    assert "the plan adds 6 and activates 2" in said
    # New ones come by import, past the limit; nobody is activated past it.
    assert objections({"hard_user_limit": 3}, more={"activated": 2}, allow_over_limit=True) == ""
    refused = objections({"hard_user_limit": 2}, more={"activated": 2}, allow_over_limit=True)
    assert "activates 2" in refused
    assert "MM_ALLOW_OVER_LIMIT" not in refused


def test_a_server_that_is_too_full_already_hinders_nobody_who_takes_no_seat() -> None:
    full = server(hard_user_limit=5, active_users=9, max_users_per_team=5, team_members=9)
    assert plan_objections([], [], {}.get, full, settings(), Seats()) == []


def test_a_team_that_is_too_small_says_which_number_to_set() -> None:
    """One is in it, six are new; the deactivated one needs room while it joins, as mattermost/test_accounts.py has a server show."""
    said = objections({"max_users_per_team": 7})
    assert "1 in it now + 6 new people + 1 free while the deactivated join" in said
    assert "would have 8 members, and the server allows 7" in said
    assert "MaxUsersPerTeam" in said
    assert "at least 8" in said
    more = {"activated": 1, "joining": 2}
    assert "+ 1 activated + 2 matched and not in it yet" in objections({"max_users_per_team": 10}, more=more)
    assert objections({"max_users_per_team": 11}, more=more) == ""


def test_bots_that_are_in_channels_are_members_of_the_team_and_active_nowhere() -> None:
    people = plan_people([user("B1", "gull"), user("B2", "tern")], [], settings())
    rows = [channel("C1", "seeds", members=["B1"]), channel("D2", is_im=True, members=["B1", "B2"])]
    taken = seats(people, plan_channels(rows, {}.get, {"B1": "gull", "B2": "tern"}, settings()))
    assert taken == Seats(bots=1)
    assert (taken.members(server()), taken.active(server())) == (2, 1)


def test_people_of_the_server_join_the_team_for_the_channels_that_are_to_come() -> None:
    """Not who is left out, deactivated there, in direct channels alone, or there for what they wrote."""
    there = [account(f"p{n}", f"p{n}@orchard.example", delete_at=int(n == 3)) for n in range(6)]
    people = plan_people([user(f"U{n}", f"p{n}", email=f"p{n}@orchard.example") for n in range(6)], there, settings())
    people[1] = msgspec.structs.replace(people[1], skip="left out")
    people[4] = msgspec.structs.replace(people[4], names_only="MM_SKIP_PEOPLE=p4")
    members = {f"U{n}": f"p{n}" for n in range(6)}
    rows = [
        channel("C1", "seeds", members=[f"U{n}" for n in range(5)]),
        channel("D2", is_im=True, members=["U0", "U5"]),
    ]
    channels = plan_channels(rows, {}.get, members, settings())
    assert to_be_added(people, channels) == ["id-p0", "id-p2"]
    assert to_be_added(people, []) == []


def test_a_team_that_takes_fewer_channels_says_which_number_to_set() -> None:
    """The two that are new count, the archived one too; the direct one and the one that is there do not."""
    said = objections({"max_channels_per_team": 5, "team_channels": 4})
    assert "MaxChannelsPerTeam" in said
    assert "at least 6" in said
    assert objections({"max_channels_per_team": 6, "team_channels": 4}) == ""


def test_channels_that_a_killed_run_has_made_are_not_counted_twice() -> None:
    assert objections({"max_channels_per_team": 5, "team_channels": 5}, there=("seeds", "attic")) == ""


@pytest.mark.parametrize(
    ("messages", "oldest", "stops"),
    [(10_000, 5_000, False), (10_001, 5_000, True), (10, 4_999, True), (99_999, None, False)],
    ids=["fits", "too many", "one is older than what is shown", "all are there"],
)
def test_a_licence_that_would_hide_what_comes_stops_the_plan(messages: int, oldest: int | None, stops: bool) -> None:
    said = history_objections(messages, oldest, server(history_limit=10_000, hidden_before=5_000))
    assert [f"{messages:,} messages are to come" in one.sentence and "licence" in one.mend for one in said] == [
        True
    ] * stops


@pytest.mark.parametrize(
    ("choices", "word"),
    [
        ({"auth_service": "gitlab"}, "MM_AUTH_DATA"),
        ({"auth_data": "email"}, "MM_AUTH_SERVICE"),
        ({"auth_service": "myspace", "auth_data": "email"}, "myspace"),
        ({"auth_service": "gitlab", "auth_data": "telepathy"}, "telepathy"),
        ({"auth_service": "gitlab", "auth_data": "csv:none.csv"}, "nobody of the 6"),
        ({"match": "e-mail"}, "MM_MATCH"),
        ({"unknown_channels": "open"}, "MM_UNKNOWN_CHANNELS"),
        ({"email_domain": "x@y"}, "MM_EMAIL_DOMAIN"),
    ],
)
def test_choices_that_cannot_be_followed_are_named(choices: dict[str, str], word: str) -> None:
    assert word in objections({}, **choices)


def test_the_file_of_sign_ins_is_read_by_id_and_by_email(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("\ufeffslack_id,email,auth_data\nU1,,4711\n,Fern@Orchard.example,4712\nU3,,\n")
    assert read_auth_table(file) == {"U1": "4711", "fern@orchard.example": "4712"}


@pytest.mark.parametrize("content", [b"name,number\nfern,1\n", b"", b"\xff\xfe\x00"])
def test_a_file_of_sign_ins_that_says_nothing_stops_the_run(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(content)
    with pytest.raises(AbortRun, match="MM_AUTH_DATA"):
        read_auth_table(file)
