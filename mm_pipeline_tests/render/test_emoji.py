"""Emoji keep their meaning under Mattermost's names."""

import hashlib
import json
from pathlib import Path

import msgspec
import pytest

from mm_pipeline.render import emoji
from mm_pipeline.render.emoji import MATTERMOST_EMOJI, MISSING_EMOJI, emoji_name
from mm_pipeline.render.mrkdwn import mrkdwn
from mm_pipeline_tests.render.people import LOOKUPS


def in_a_text(slack: str, emoji: dict[str, str]) -> str:
    return mrkdwn(slack, msgspec.structs.replace(LOOKUPS, emoji=emoji))


def test_the_table_is_the_servers() -> None:
    """The names of model.SystemEmojis, sorted, one per line; the package that they come from stands in the data."""
    digest = hashlib.sha256("\n".join(sorted(MATTERMOST_EMOJI)).encode()).hexdigest()

    assert len(MATTERMOST_EMOJI) == 4464
    assert digest == "25780a1a3dcfd5a161f90ed8413005da128910be395c5319e36643217c1328a4"


def test_what_mattermost_has_is_not_missing() -> None:
    assert len(MISSING_EMOJI) == 101
    assert not MATTERMOST_EMOJI & set(MISSING_EMOJI)


@pytest.mark.parametrize(
    ("slack", "mattermost"),
    [
        ("+1", "+1"),
        ("thumbsup", "thumbsup"),
        ("+1::skin-tone-2", "+1_light_skin_tone"),
        ("+1::skin-tone-3", "+1_medium_light_skin_tone"),
        ("+1::skin-tone-4", "+1_medium_skin_tone"),
        ("+1::skin-tone-5", "+1_medium_dark_skin_tone"),
        ("+1::skin-tone-6", "+1_dark_skin_tone"),
        ("man-shrugging::skin-tone-6", "man-shrugging_dark_skin_tone"),
        ("handshake::skin-tone-4", "handshake"),
        ("palm_up_hand::skin-tone-4", "palm_up_hand"),
        ("women-with-bunny-ears-partying", "woman-with-bunny-ears-partying"),
        ("hand_with_index_and_middle_fingers_crossed::skin-tone-3", "crossed_fingers_medium_light_skin_tone"),
        ("men-with-bunny-ears-partying", "man-with-bunny-ears-partying"),
        ("party_boat", "party_boat-custom"),
        ("party_boat::skin-tone-2", "party_boat-custom"),
        ("never_seen", "never_seen"),
        ("melting_face", "melting_face"),
        ("blåhaj's", "blahaj_s"),
    ],
)
def test_a_reaction_has_mattermosts_name(slack: str, mattermost: str) -> None:
    assert emoji_name(slack, {"party_boat": "party_boat-custom"}) == mattermost


@pytest.mark.parametrize("name", ["пингвин", "日本", "!!!", "x" * 80, ""])
def test_every_name_becomes_one_that_mattermost_takes(name: str) -> None:
    valid = emoji_name(name, {})

    assert 1 <= len(valid) <= 64
    assert set(valid) <= set("abcdefghijklmnopqrstuvwxyz0123456789_+-")
    assert valid == emoji_name(name, {})


def test_names_without_ascii_letters_stay_apart() -> None:
    assert emoji_name("пингвин", {}) != emoji_name("тюлень", {})


@pytest.mark.parametrize(
    ("slack", "mattermost"),
    [
        (":wave: :wave::skin-tone-5:", ":wave: :wave_medium_dark_skin_tone:"),
        (":melting_face:", "🫠"),
        (":palm_up_hand::skin-tone-4:", "🫴🏽"),
        (":party_boat:", ":party_boat-custom:"),
        ("at 12:30:45, ratio 3:2:1", "at 12:30:45, ratio 3:2:1"),
        (":own_name:", ":own_name:"),
    ],
)
def test_shortcodes_in_a_text(slack: str, mattermost: str) -> None:
    assert in_a_text(slack, {"party_boat": "party_boat-custom"}) == mattermost


def test_a_custom_emoji_hides_a_newer_standard_one_of_its_name() -> None:
    assert in_a_text(":troll:", {"troll": "troll"}) == ":troll:"
    assert in_a_text(":troll:", {}) == "🧌"


def test_an_alias_of_an_emoji_that_mattermost_lacks_is_its_character() -> None:
    assert in_a_text("so :warm:", {"warm": "melting_face"}) == "so 🫠"
    assert emoji_name("warm", {"warm": "melting_face"}) == "melting_face"


def test_no_name_with_a_tone_becomes_longer_than_a_reaction_may_have() -> None:
    for name in MATTERMOST_EMOJI:
        assert "_skin_tone" in name or len(emoji_name(f"{name}::skin-tone-3", {})) <= 64


def test_the_data_says_where_it_comes_from() -> None:
    data = json.loads((Path(emoji.__file__).parent / "data" / "mattermost_emoji.json").read_text(encoding="utf-8"))

    assert "emoji_data.go" in data["source"]
