"""Under which name a custom emoji lives: valid, not Mattermost's own, aliases without a second upload."""

from typing import Any

import msgspec
import pytest

from mm_pipeline.plan.emoji import EmojiDecision, plan_emoji
from mm_pipeline_tests.plan.rows import emoji

STANDARD = frozenset({"canada", "+1", "smile"})


def plan(*rows: Any, existing: frozenset[str] = frozenset(), **more: Any) -> dict[str, EmojiDecision]:
    return {one.slack_id: one for one in plan_emoji(rows, existing, STANDARD, **more)}


@pytest.mark.parametrize(
    ("slack", "mattermost"),
    [
        ("party-parrot", "party-parrot"),
        ("c++", "c++"),
        ("canada", "canada-custom"),
        ("schrödinger's-cat", "schrodingers-cat"),
        ("Big Cat", "big_cat"),
        ("n" * 100, "n" * 64),
    ],
)
def test_names_become_valid_and_not_mattermost_s_own(slack: str, mattermost: str) -> None:
    decision = plan(emoji(slack))[slack]
    assert decision.name == mattermost
    assert bool(decision.note) == (slack != mattermost)


def test_names_that_have_no_ascii_spelling_stay_apart() -> None:
    decided = plan(emoji("кот"), emoji("кит"))
    assert len({one.name for one in decided.values()}) == 2
    assert all(one.name.startswith("slack_") for one in decided.values())


def test_a_valid_name_goes_before_one_that_is_changed_into_it() -> None:
    decided = plan(emoji("Cat"), emoji("cat"))
    assert (decided["cat"].name, decided["Cat"].name) == ("cat", "cat-2")


def test_an_alias_is_written_as_its_target_through_every_link() -> None:
    decided = plan(
        emoji("a", "b"),
        emoji("b", "c"),
        emoji("c"),
        emoji("yes", "+1"),
        emoji("maple", "canada2"),
        emoji("canada2", "canada"),
    )
    assert (decided["a"].name, decided["a"].alias_of) == ("c", "c")
    assert (decided["yes"].name, decided["yes"].alias_of) == ("+1", "+1")
    assert (decided["maple"].name, decided["maple"].alias_of) == ("canada", "canada")


def test_an_alias_of_a_renamed_emoji_follows_it() -> None:
    decided = plan(emoji("canada"), emoji("leaf", "canada"))
    assert (decided["leaf"].name, decided["leaf"].alias_of) == ("canada-custom", "canada")


def test_aliases_in_a_circle_end_and_say_so() -> None:
    decided = plan(emoji("a", "b"), emoji("b", "a"), emoji("c", "a"))
    assert all("circle" in one.note and not one.alias_of for one in (decided["a"], decided["b"]))
    assert "circle" in decided["c"].note


def test_an_alias_of_something_mattermost_lacks_says_so() -> None:
    decided = plan(emoji("warm", "melting_face"), emoji("oink", "piggy"))
    assert "gets from us" in decided["warm"].note
    assert "does not have" in decided["oink"].note


def test_an_alias_of_a_standard_emoji_has_its_name_in_mattermost() -> None:
    decided = plan(emoji("yes", "+1::skin-tone-3"), emoji("bunnies", "men-with-bunny-ears-partying"))
    assert decided["yes"].name == "+1_medium_light_skin_tone"
    assert decided["bunnies"].name == "man-with-bunny-ears-partying"


def test_nothing_is_renamed_into_a_newer_standard_emoji() -> None:
    decided = plan(emoji("Troll"), emoji("goose"))
    assert (decided["Troll"].name, decided["goose"].name) == ("troll-2", "goose")


def test_what_the_server_has_keeps_its_picture() -> None:
    decision = plan(emoji("cat"), existing=frozenset({"cat"}))["cat"]
    assert decision.name == "cat"
    assert "its picture stays" in decision.note


def test_a_name_decided_before_stays_and_who_is_left_out_stays_out() -> None:
    decided = plan(emoji("cat", row={"target_name": "kitten"}), emoji("kitten"))
    assert (decided["cat"].name, decided["kitten"].name) == ("kitten", "kitten-2")
    left_out = {"cat": msgspec.structs.replace(decided["cat"], skip="left out in the plan")}
    assert plan(emoji("cat"), emoji("paw", "cat"), decided=left_out)["paw"].skip
