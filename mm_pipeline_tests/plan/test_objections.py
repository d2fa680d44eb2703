"""What stops a plan before anything is sent, and what the sentence tells a person to do."""

from pathlib import Path
from typing import Any

import pytest

from mm_pipeline.errors import AbortRun
from mm_pipeline.plan.channels import plan_channels
from mm_pipeline.plan.objections import history_objections, plan_objections
from mm_pipeline.plan.people import plan_people
from mm_pipeline.plan.settings import read_auth_table
from mm_pipeline_tests.plan.rows import channel, existing, server, settings, user

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


def objections(fields: dict[str, Any], there: tuple[str, ...] = (), **choices: Any) -> str:
    lookup = {name: existing(name) for name in there}.get
    found = plan_objections(PEOPLE, CHANNELS, lookup, server(**fields), settings(**choices))
    assert all(one.level == "stop" and one.mend for one in found)
    return "\n".join(one.text for one in found)


def test_a_plan_that_fits_has_no_objections() -> None:
    assert objections({"hard_user_limit": 7, "max_users_per_team": 7}) == ""


def test_more_people_than_the_edition_lets_in_stop_the_plan_unless_allowed() -> None:
    said = objections({"hard_user_limit": 6})
    assert "adds 6" in said
    assert "MM_ALLOW_OVER_LIMIT=1" in said
    assert objections({"hard_user_limit": 6}, allow_over_limit=True) == ""


def test_a_team_that_is_too_small_says_which_number_to_set() -> None:
    said = objections({"max_users_per_team": 6})
    assert "MaxUsersPerTeam" in said
    assert "at least 7" in said


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
