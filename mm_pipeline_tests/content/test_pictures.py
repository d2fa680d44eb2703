"""An emoji's picture: found wherever it is, and made fit for Mattermost."""

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pytest_httpserver import HTTPServer

from mm_pipeline.content.pictures import PICTURE_MAX, Picture, fetch_picture, fit_picture
from mm_pipeline.content.slack_files import SlackFiles
from mm_pipeline.content.sources import LocalFiles, Sources
from mm_pipeline.content.store import ContentStore
from mm_pipeline.errors import RowFailed, RowSkipped, SkipReason
from mm_pipeline.http import Http


def picture(kind: str, size: tuple[int, int] = (64, 64), frames: int = 1, *, noise: bool = False) -> bytes:
    images = [
        Image.effect_noise(size, 90 + n).convert("RGB") if noise else Image.new("RGB", size, (40 * n % 256, 90, 10))
        for n in range(frames)
    ]
    out = io.BytesIO()
    moving: dict[str, Any] = {"save_all": True, "append_images": images[1:], "duration": 80} if frames > 1 else {}
    images[0].save(out, kind, **moving)
    return out.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "content")


def fit(store: ContentStore, content: bytes) -> Picture:
    return fit_picture(store.put([content], 1 << 26), store)


def opened(store: ContentStore, made: Picture) -> Any:
    return Image.open(store.path(made.sha256))


@pytest.mark.parametrize(("kind", "suffix"), [("PNG", ".png"), ("JPEG", ".jpg"), ("GIF", ".gif")])
def test_what_mattermost_takes_stays_as_it_is(store: ContentStore, kind: str, suffix: str) -> None:
    content = picture(kind, frames=3 if kind == "GIF" else 1)
    made = fit(store, content)
    assert store.path(made.sha256).read_bytes() == content
    assert made.filename.endswith(suffix)


@pytest.mark.parametrize(
    ("kind", "size"), [("WEBP", (64, 64)), ("BMP", (64, 64)), ("PNG", (1029, 20)), ("JPEG", (20, 2000))]
)
def test_other_formats_and_sizes_become_a_small_png(store: ContentStore, kind: str, size: tuple[int, int]) -> None:
    made = fit(store, picture(kind, size))
    image = opened(store, made)
    assert (image.format, made.filename) == ("PNG", "emoji.png")
    assert max(image.size) <= 128


def test_too_many_bytes_become_fewer(store: ContentStore) -> None:
    content = picture("PNG", (1000, 1000), noise=True)
    assert len(content) > PICTURE_MAX
    assert fit(store, content).size <= PICTURE_MAX


@pytest.mark.parametrize(("kind", "size"), [("GIF", (1100, 40)), ("WEBP", (64, 64)), ("PNG", (64, 64))])
def test_what_moves_goes_on_moving_as_a_gif(store: ContentStore, kind: str, size: tuple[int, int]) -> None:
    made = fit(store, picture(kind, size, frames=5))
    image = opened(store, made)
    assert (image.format, image.n_frames, made.filename) == ("GIF", 5, "emoji.gif")
    image.seek(1)
    assert image.info["duration"] == 80
    assert max(image.size) <= 128


def test_a_long_animation_is_made_smaller_until_it_fits(store: ContentStore) -> None:
    content = picture("GIF", (128, 128), frames=80, noise=True)
    assert len(content) > PICTURE_MAX
    made = fit(store, content)
    assert made.size <= PICTURE_MAX
    assert opened(store, made).n_frames == 80


def test_an_animation_that_cannot_be_made_to_fit_fails_with_what_to_do(
    store: ContentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RowFailed, match="more than 600 frames"):
        fit(store, picture("WEBP", (8, 8), frames=601, noise=True))
    monkeypatch.setattr(
        "mm_pipeline.content.pictures.PICTURE_MAX", 10_000
    )  # 600 frames of 32 x 32 fit into the real one
    with pytest.raises(RowFailed, match="moves too much"):
        fit(store, picture("GIF", (32, 32), frames=30, noise=True))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        picture("PNG", noise=True)[:900],
        b"GIF89a" + b"\0" * 40,
    ],
)
def test_what_is_no_picture_fails_with_a_sentence(store: ContentStore, content: bytes) -> None:
    with pytest.raises(RowFailed, match="PNG, JPEG"):
        fit(store, content)


def test_the_export_s_picture_goes_first(tmp_path: Path, store: ContentStore) -> None:
    folder = tmp_path / "export" / "emojis"
    folder.mkdir(parents=True)
    (folder / "rose.png").write_bytes(picture("PNG"))
    (tmp_path / "export" / "else.gif").write_bytes(picture("GIF"))
    sources = Sources(export=LocalFiles(tmp_path / "export"))
    assert fetch_picture({"name": "rose"}, sources, store).filename == "emoji.png"
    assert fetch_picture({"name": "rose", "file": "else.gif"}, sources, store).filename == "emoji.gif"
    with pytest.raises(RowSkipped) as skipped:
        fetch_picture({"name": "tulip", "url": "https://emoji.slack-edge.com/T1/tulip/1.png"}, sources, store)
    assert skipped.value.reason is SkipReason.NO_PICTURE


def test_a_picture_that_the_export_lacks_is_taken_from_the_downloads(tmp_path: Path, store: ContentStore) -> None:
    for place, kind in (("export", "PNG"), ("downloads", "GIF")):
        (tmp_path / place / "emojis").mkdir(parents=True)
        (tmp_path / place / "emojis" / f"rose.{kind.lower()}").write_bytes(picture(kind))
    (tmp_path / "downloads" / "emojis" / "tulip.gif").write_bytes(picture("GIF"))
    sources = Sources(export=LocalFiles(tmp_path / "export"), downloads=LocalFiles(tmp_path / "downloads"))
    assert fetch_picture({"name": "rose"}, sources, store).filename == "emoji.png"
    assert fetch_picture({"name": "tulip"}, sources, store).filename == "emoji.gif"


def test_a_picture_inside_the_list_is_taken(store: ContentStore) -> None:
    url = "data:image/png;base64," + base64.b64encode(picture("PNG")).decode()
    assert fetch_picture({"name": "rose", "url": url}, Sources(), store).filename == "emoji.png"
    with pytest.raises(RowFailed):
        fetch_picture({"name": "rose", "url": "data:image/png;base64,%%%"}, Sources(), store)


@pytest.fixture
def slack(httpserver: HTTPServer) -> SlackFiles:
    http = Http(httpserver.url_for("/api"), "xoxb-of-the-orchard", away_s=0.5, first_contact_s=0.5)
    return SlackFiles("xoxb-of-the-orchard", further_hosts=("localhost",), http=http)


def test_slack_s_list_of_emoji_is_asked_once_and_aliases_are_followed(
    slack: SlackFiles, httpserver: HTTPServer, store: ContentStore
) -> None:
    listed = {
        "rose": httpserver.url_for("/rose.gif"),
        "flower": "alias:bloom",
        "bloom": "alias:rose",
        "a": "alias:b",
        "b": "alias:a",
    }
    httpserver.expect_oneshot_request("/api/emoji.list").respond_with_json({"ok": True, "emoji": listed})
    httpserver.expect_request("/rose.gif").respond_with_data(picture("GIF", frames=2), content_type="image/gif")
    sources = Sources(slack=slack)
    assert fetch_picture({"name": "flower"}, sources, store) == fetch_picture({"name": "rose"}, sources, store)
    for name in ("a", "tulip"):
        with pytest.raises(RowSkipped) as skipped:
            fetch_picture({"name": name}, sources, store)
        assert skipped.value.reason is SkipReason.NO_PICTURE


def test_a_token_without_the_scope_fails_the_rows_and_says_which(
    slack: SlackFiles, httpserver: HTTPServer, store: ContentStore
) -> None:
    httpserver.expect_oneshot_request("/api/emoji.list").respond_with_json({"ok": False, "error": "missing_scope"})
    for _ in range(2):
        with pytest.raises(RowFailed, match=r"missing_scope.*emoji:read"):
            fetch_picture({"name": "rose"}, Sources(slack=slack), store)


def test_a_picture_that_slack_has_no_more_is_skipped_as_a_picture(
    slack: SlackFiles, httpserver: HTTPServer, store: ContentStore
) -> None:
    httpserver.expect_request("/rose.gif").respond_with_data(b"", status=404)
    with pytest.raises(RowSkipped) as skipped:
        fetch_picture({"name": "rose", "url": httpserver.url_for("/rose.gif")}, Sources(slack=slack), store)
    assert skipped.value.reason is SkipReason.NO_PICTURE
