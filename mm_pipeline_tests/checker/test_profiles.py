"""What an account must say of its person, where the garden has no such person. Needs no server."""

from typing import Any

import pytest

from mm_pipeline_tests.checker.people import People
from mm_pipeline_tests.checker.profiles import profile_findings
from mm_pipeline_tests.checker.test_people import account, person

LONG = "Keeper of the tools, the seeds, the rain barrels, the bees, the shed and the keys to it, " * 2


def wrongs(user: dict[str, Any], **of_account: Any) -> list[str]:
    """Return what is wrong with the account of somebody without an address, beside somebody who has one."""
    other = person("U9", "zoe", "zoe@garden.example")
    accounts = [account("ivo", **({"email": "u1@slack.invalid"} | of_account)), account("zoe", "zoe@garden.example")]
    found = profile_findings(People([user, other], accounts), None)
    return [finding.sentence for finding in found if "zoe" not in finding.sentence]


def test_an_address_that_was_made_up_is_nobodys() -> None:
    assert wrongs(person("U1", "ivo")) == []
    assert len(wrongs(person("U1", "ivo"), email="u1@garden.example")) == 1


@pytest.mark.parametrize(
    ("first", "last", "right"),
    [("Ivo", "Žák", True), ("Ivo", "", False), ("Ivo Žák", "", True), ("Ivan", "Žák", False)],
)
def test_a_name_may_be_parted_anywhere(first: str, last: str, right: bool) -> None:
    found = wrongs(person("U1", "ivo", real_name="Ivo  Žák"), first_name=first, last_name=last)
    assert (found == []) is right


def test_a_title_may_end_where_the_field_ends() -> None:
    user = person("U1", "ivo")
    user["profile"]["title"] = LONG
    assert wrongs(user, position=LONG[:127] + "…") == []
    assert len(wrongs(user, position=LONG[:20])) == 1


def test_nobody_gets_a_title_or_a_display_name_that_slack_has_not() -> None:
    assert len(wrongs(person("U1", "ivo"), position="Gardener", nickname="ivo")) == 2


def test_accounts_that_were_there_before_keep_what_they_say() -> None:
    people = People(
        [person("U1", "ivo", "ivo@garden.example", real_name="Ivo Žák")], [account("ivo", "ivo@garden.example")]
    )
    assert [finding.kind for finding in profile_findings(people, None)] == ["profile"]
    assert list(profile_findings(people, 2)) == []
