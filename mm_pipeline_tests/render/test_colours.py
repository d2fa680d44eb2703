"""A card's colour is told by the nearest square, if it tells anything."""

import pytest

from mm_pipeline.render.colours import colour_square


@pytest.mark.parametrize(
    ("slack", "square"),
    [
        ("good", "🟩"),
        ("warning", "🟨"),
        ("danger", "🟥"),
        ("#2eb886", "🟩"),
        ("36a64f", "🟩"),
        ("a30200", "🟥"),
        ("f0f", "🟪"),
        ("#E01E5A", "🟥"),
        ("#ff8000", "🟧"),
        ("FFD700", "🟨"),
        ("439FE0", "🟦"),
    ],
)
def test_a_colour_goes_by_the_nearest_square(slack: str, square: str) -> None:
    assert colour_square(slack) == square


@pytest.mark.parametrize("slack", ["", "D0D0D0", "#000", "fff", "24292f", "blue", "#12", "#1234567", "good "])
def test_greys_and_what_is_no_colour_have_none(slack: str) -> None:
    assert colour_square(slack) == ""
