"""The pictures that we ship: one for each emoji that Mattermost lacks, small, and free to be shipped."""

import pytest
from PIL import Image

from mm_pipeline.content.noto_emoji import PICTURES, noto_picture
from mm_pipeline.content.pictures import SIDE_MAX
from mm_pipeline.render.emoji import MISSING_EMOJI


@pytest.mark.parametrize("name", sorted(MISSING_EMOJI))
def test_every_emoji_that_mattermost_lacks_has_a_picture_that_it_takes(name: str) -> None:
    picture = noto_picture(name)
    assert picture is not None
    with Image.open(picture) as image:
        image.load()
        assert image.format == "PNG"
        assert max(image.size) <= SIDE_MAX
        alpha = image.getchannel("A").getextrema()
    assert alpha == (0, 255) or name.startswith(("family_", "flag-")), "an empty box, or no clear ground"


def test_there_are_no_others_and_they_are_small() -> None:
    pictures = list(PICTURES.glob("*.png"))
    assert {picture.stem for picture in pictures} == set(MISSING_EMOJI)
    assert sum(picture.stat().st_size for picture in pictures) < 350_000
    assert noto_picture("smile") is None


def test_their_licence_lies_beside_them() -> None:
    licence = (PICTURES / "LICENSE").read_text(encoding="utf-8")
    assert "Noto Emoji" in licence
    assert "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" in licence
