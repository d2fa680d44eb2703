"""Pictures that were made fit are what the real servers take, and what moved in Slack moves there."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mm_pipeline.content.noto_emoji import PICTURES
from mm_pipeline.content.pictures import PICTURE_MAX, fit_picture
from mm_pipeline.content.store import ContentStore
from mm_pipeline.mattermost.custom_emoji import create_emoji, emoji_names
from mm_pipeline.mattermost.outcome import Answer, Done
from mm_pipeline.mattermost.outgoing import NewEmoji
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline_tests.content.test_pictures import picture
from mm_pipeline_tests.mattermost.people_of import http_of
from mm_pipeline_tests.mattermost_server.running import RunningServer

pytestmark = pytest.mark.server


@pytest.fixture
def rest(mattermost: RunningServer, team: str) -> Iterator[Rest]:
    http = http_of(mattermost.url, mattermost.token)
    yield Rest(http, team)
    http.close()


def seen(rest: Rest, server: RunningServer, folder: Path, content: bytes) -> Any:
    """Make an emoji of a picture as Slack has it, and return the picture that the server keeps."""
    store = ContentStore(folder / "content")
    fit = fit_picture(store.put([content], 1 << 26), store)
    name = f"e{len(list(folder.iterdir()))}_{rest.team_name}"[:64]
    wish = NewEmoji(key=1, name=name, creator_id=rest.me.id, image=store.path(fit.sha256), filename=fit.filename)
    made = create_emoji(rest, wish)
    assert isinstance(made, Done), made
    image = Image.open(io.BytesIO((server.files / "emoji" / made.id / "image").read_bytes()))
    image.load()
    assert max(image.size) <= 128
    return image


@pytest.mark.parametrize(
    ("kind", "size", "frames", "noise"),
    [
        ("GIF", (64, 64), 5, False),
        ("GIF", (300, 200), 5, False),  # scaled by the server itself
        ("GIF", (1100, 40), 5, False),  # wider than the server takes
        ("GIF", (128, 128), 80, True),  # more bytes than the server takes
        ("PNG", (64, 64), 5, False),
        ("WEBP", (300, 300), 5, False),
    ],
    ids=["gif", "large gif", "wide gif", "heavy gif", "apng", "webp"],
)
def test_what_moves_in_slack_moves_on_the_server(
    rest: Rest, mattermost: RunningServer, tmp_path: Path, kind: str, size: tuple[int, int], frames: int, noise: bool
) -> None:
    image = seen(rest, mattermost, tmp_path, picture(kind, size, frames, noise=noise))
    assert (image.format, image.n_frames) == ("GIF", frames)
    assert image.info["duration"] == 80


@pytest.mark.parametrize(
    ("kind", "size", "noise"),
    [("PNG", (1029, 20), False), ("PNG", (1000, 1000), True), ("WEBP", (64, 64), False), ("JPEG", (20, 2000), False)],
    ids=["too wide", "too heavy", "webp", "too high"],
)
def test_a_still_picture_of_any_kind_and_size_arrives(
    rest: Rest, mattermost: RunningServer, tmp_path: Path, kind: str, size: tuple[int, int], noise: bool
) -> None:
    assert seen(rest, mattermost, tmp_path, picture(kind, size, noise=noise)).format == "PNG"


def test_a_picture_of_as_many_bytes_as_we_let_pass_is_taken(
    rest: Rest, mattermost: RunningServer, tmp_path: Path
) -> None:
    small = picture("PNG", (64, 64))
    assert seen(rest, mattermost, tmp_path, small + b"\0" * (PICTURE_MAX - len(small))).size == (64, 64)


def test_the_server_takes_every_picture_that_we_ship(rest: Rest) -> None:
    there = emoji_names(rest)
    wishes = [
        NewEmoji(key=number, name=image.stem, creator_id=rest.me.id, image=image, filename=image.name)
        for number, image in enumerate(sorted(PICTURES.glob("*.png")))
    ]
    made = [create_emoji(rest, wish) for wish in wishes if wish.name not in there]
    assert all(isinstance(one, Done) and one.answer is Answer.CREATED for one in made)
    assert {wish.name for wish in wishes} <= emoji_names(rest)
    for one in made:  # the server is other tests' too
        assert isinstance(one, Done)
        rest.http.delete(f"/emoji/{one.id}")
