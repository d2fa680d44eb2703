"""What a choice leaves out, by the names that people give it; and what it refuses to guess."""

from typing import Any

import pytest

from mm_pipeline.errors import AbortRun
from mm_pipeline.plan.choice import Choice, LeftOut, left_out
from mm_pipeline_tests.plan.rows import channel, settings, user

PEOPLE = [
    user("U1", "fern", "fern@orchard.example"),
    user("U2", "moss", "moss@meadow.example"),
    user("U3", "reed", "reed@meadow.example", deleted=True),
    user("B4", "bell", is_bot=True),
]
CONVERSATIONS = [
    channel("C1", "seeds", members=["U1", "U2"]),
    channel("C2", "proj-pond", members=["U3"]),
    channel("G3", "cellar", is_private=True, members=["U2"]),
    channel("D4", is_im=True, members=["U1", "U3"]),
    channel("D5", is_im=True, members=["U2", "U3"]),
]


def chosen(**settings_: str) -> LeftOut:
    return left_out(Choice(**settings_), PEOPLE, CONVERSATIONS, settings())


def refused(**settings_: str) -> str:
    with pytest.raises(AbortRun) as told:
        chosen(**settings_)
    return str(told.value)


@pytest.mark.parametrize(
    ("choice", "without"),
    [
        ({"only_channels": "#Seeds, G3"}, {"C2", "D4", "D5"}),
        ({"only_channels": "proj-*,@direct"}, {"C1", "G3"}),
        ({"skip_channels": "@private"}, {"G3"}),
        ({"only_channels": "@public", "skip_channels": "proj-*"}, {"C2", "G3", "D4", "D5"}),
        ({"without": "direct"}, {"D4", "D5"}),
        ({"only_people": "fern"}, {"G3", "D5"}),  # what nobody could open
    ],
)
def test_conversations_are_named_by_name_id_pattern_and_kind(choice: dict[str, str], without: set[str]) -> None:
    assert set(chosen(**choice).conversations) == without


@pytest.mark.parametrize(
    ("choice", "people", "strangers"),
    [
        ({"only_people": "@fern"}, {"U2", "U3"}, {"B4"}),
        ({"only_people": "*@meadow.example"}, {"U1"}, {"B4"}),
        ({"skip_people": "@deactivated, u2"}, {"U2", "U3"}, set()),
        ({"only_channels": "seeds"}, set(), {"U3", "B4"}),
        ({"only_channels": "seeds", "only_people": "reed"}, {"U1", "U2"}, {"B4"}),
    ],
)
def test_people_are_named_alike_and_who_is_in_nothing_chosen_is_a_stranger(
    choice: dict[str, str], people: set[str], strangers: set[str]
) -> None:
    found = chosen(**choice)
    assert (set(found.people), set(found.strangers)) == (people, strangers)


def test_the_reason_is_the_setting_as_it_was_given() -> None:
    assert chosen(only_people="fern").people["U2"] == "MM_ONLY_PEOPLE=fern"
    long = chosen(skip_channels="proj-*," + ", ".join(["seeds"] * 40)).conversations["C2"]
    assert long.startswith("MM_SKIP_CHANNELS=proj-*,seeds")
    assert len(long) < 90


def test_a_direct_conversation_goes_if_one_of_its_people_does_and_needs_all_of_them() -> None:
    found = chosen(only_people="fern")
    assert "D4" not in found.conversations
    assert found.direct == {"D4": ("U1", "U3")}


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        (
            {"only_channels": "seed"},
            "MM_ONLY_CHANNELS=seed: no conversation of what is staged is called seed (is seeds meant?).",
        ),
        ({"skip_channels": "zzz-*"}, "MM_SKIP_CHANNELS=zzz-*: no conversation of what is staged is called zzz-*;"),
        ({"only_people": "firn"}, "is called firn (is fern meant?)."),
        ({"since": "31.01.2024"}, "MM_SINCE=31.01.2024 is no date: write it like 2024-01-31"),
        ({"until": "2024-02-30"}, "MM_UNTIL=2024-02-30 is no date"),
        ({"since": "2024-02-01", "until": "2024-01-01"}, "nothing would go. Swap them."),
        ({"without": "files, dms"}, "MM_WITHOUT=files, dms: dms is unknown; say any of files, reactions"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(choice: dict[str, str], sentence: str) -> None:
    assert sentence in refused(**choice)


def test_all_that_is_wrong_is_said_at_once() -> None:
    said = refused(only_channels="seed", skip_people="firn", since="soon")
    assert [name for name in ("MM_SINCE", "MM_ONLY_CHANNELS", "MM_SKIP_PEOPLE") if name in said] == [
        "MM_SINCE",
        "MM_ONLY_CHANNELS",
        "MM_SKIP_PEOPLE",
    ]
    assert len(said.splitlines()) == 3


@pytest.mark.parametrize(
    ("dates", "first", "end"),
    [
        ({"since": "2024-01-31", "until": "2024-01-31"}, 1_706_659_200_000, 1_706_745_600_000),
        ({"since": "2024-01-31T01:00+01:00", "until": "2024-01-31T12:00"}, 1_706_659_200_000, 1_706_702_400_000),
        ({}, None, None),
    ],
)
def test_a_day_is_meant_from_its_beginning_to_its_end(dates: dict[str, Any], first: int, end: int) -> None:
    choice = Choice(**dates)
    assert (choice.from_ms, choice.before_ms) == (first, end)
