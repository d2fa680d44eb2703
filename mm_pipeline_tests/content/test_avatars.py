"""A person's own picture: which one is taken, where from, and what is made of it. Nothing here ever costs a person."""

import io
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pytest_httpserver import HTTPServer

from mm_pipeline.content.avatars import SIDE, Avatars, addresses
from mm_pipeline.content.slack_files import SlackFiles
from mm_pipeline.content.sources import LocalFiles, Sources
from mm_pipeline.content.store import ContentStore
from mm_pipeline.http import ApiError, Http

OWN = "https://avatars.slack-edge.com/2024-05-01/7000_ab_{}.png"
DRAWN = "https://secure.gravatar.com/avatar/0a.jpg?s=512&d=https%3A%2F%2Fa.slack-edge.com%2Fava_0007-512.png"


def picture(kind: str = "PNG", size: tuple[int, int] = (512, 512), color: Any = "teal", **how: Any) -> bytes:
    mode = how.pop("mode", "RGB")
    out = io.BytesIO()
    Image.new(mode, size, color).save(out, kind, **how)
    return out.getvalue()


def profile(**more: Any) -> dict[str, Any]:
    sizes = {f"image_{size}": OWN.format(size) for size in (24, 72, 192, 512, 1024)}
    return {
        "avatar_hash": "ab0123456789",
        "is_custom_image": True,
        "image_original": OWN.format("original"),
        **sizes,
    } | more


@pytest.fixture
def store(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "content")


def from_slack(httpserver: HTTPServer, store: ContentStore, export: Path | None = None) -> Avatars:
    http = Http(httpserver.url_for("/api"), "xoxb-1", away_s=0.2, busy_s=0.2, first_contact_s=0.2)
    slack = SlackFiles("xoxb-1", further_hosts=(f"localhost:{httpserver.port}",), http=http)
    return Avatars(Sources(export=LocalFiles(export) if export else None, slack=slack), store)


def from_export(folder: Path, store: ContentStore) -> Avatars:
    return Avatars(Sources(export=LocalFiles(folder)), store)


def image_of(store: ContentStore, stored: Any) -> Any:
    assert stored is not None
    return Image.open(store.path(stored.sha256))


# --- which one


def test_the_cut_that_the_person_chose_goes_before_the_original() -> None:
    assert addresses(profile())[0] == OWN.format(512)
    assert addresses(profile())[-1] == OWN.format("original")


@pytest.mark.parametrize(
    "drawn",
    [
        {"image_512": DRAWN, "avatar_hash": "g012345678ab"},
        profile(is_custom_image=False),
        profile(avatar_hash="g012345678ab"),
        {"image_512": DRAWN},
        {"image_72": "https://a.slack-edge.com/80588/img/avatars/ava_0007-72.png"},
        {"image_72": "https://i0.wp.com/a.slack-edge.com/img/ava_0007.png"},
        {"icons": {"image_72": "https://a.slack-edge.com/80588/img/plugins/app/bot_72.png"}},
        {"icons": {"emoji": ":robot_face:"}},
        {"image_512": 7, "image_72": None, "avatar_hash": 3, "icons": "none"},
        {"image_512": "http://[bad"},
        {},
    ],
)
def test_pictures_that_slack_or_gravatar_drew_are_nobody_s_own(drawn: dict[str, Any]) -> None:
    assert addresses(drawn) == []


def test_the_picture_of_a_bot_that_only_messages_know_is_taken() -> None:
    icons = {"image_36": OWN.format(36), "image_48": OWN.format(48), "image_72": OWN.format(72)}
    assert addresses({"icons": icons})[0] == OWN.format(72)


# --- where from


def test_what_slackdump_wrote_needs_no_slack(tmp_path: Path, store: ContentStore) -> None:
    file = tmp_path / "export" / "__avatars" / "U0FERN" / "7000_ab_original.png"
    file.parent.mkdir(parents=True)
    file.write_bytes(picture(color="red"))
    avatars = from_export(tmp_path / "export", store)
    assert image_of(store, avatars.of({"id": "U0FERN", "profile": profile()})).getpixel((9, 9)) == (255, 0, 0)
    assert avatars.of({"id": "U0MOSS", "profile": profile()}) is None


def test_a_picture_that_the_profile_names_in_the_export_is_taken_and_never_one_outside(
    tmp_path: Path, store: ContentStore
) -> None:
    (tmp_path / "export" / "profile_pictures").mkdir(parents=True)
    (tmp_path / "export" / "profile_pictures" / "fern.jpg").write_bytes(picture("JPEG"))
    (tmp_path / "secret.png").write_bytes(picture())
    avatars = from_export(tmp_path / "export", store)
    assert avatars.of({"id": "U1", "profile": {"image_path": "profile_pictures/fern.jpg"}})
    assert avatars.of({"id": "U2", "profile": {"image_path": "../secret.png"}}) is None


def test_slack_is_asked_for_what_the_export_lacks_and_shown_no_more_than_it_must_be(
    httpserver: HTTPServer, store: ContentStore
) -> None:
    httpserver.expect_request("/192.png").respond_with_data(picture(color="red"))
    urls = {"image_512": httpserver.url_for("/512.png"), "image_192": httpserver.url_for("/192.png")}
    stored = from_slack(httpserver, store).of({"id": "U1", "profile": urls})
    assert image_of(store, stored).getpixel((9, 9)) == (255, 0, 0)


@pytest.mark.parametrize(
    "url", ["https://evil.example/a.png", "ftp://avatars.slack-edge.com/a.png", "http://localhost/x.png"]
)
def test_no_other_host_is_asked(httpserver: HTTPServer, store: ContentStore, url: str) -> None:
    assert from_slack(httpserver, store).of({"id": "U1", "profile": {"image_512": url}}) is None


def test_a_public_picture_is_asked_for_without_any_token(store: ContentStore) -> None:
    asked = []

    class Watched(Http):
        def stream(self, url: str, *, headers: Any = None, authorized: bool = True) -> Any:
            asked.append((url, authorized))
            raise ApiError("gone", status=404)

    slack = SlackFiles("xoxb-1", export_tokens=("xoxe-1",), http=Watched("https://slack.invalid", "xoxb-1"))
    Avatars(Sources(slack=slack), store).of({"id": "U1", "profile": {"image_512": OWN.format(512)}})
    assert asked == [(OWN.format(512), False)]


def test_a_slack_that_does_not_answer_is_not_asked_for_thousands(httpserver: HTTPServer, store: ContentStore) -> None:
    httpserver.expect_request("/512.png").respond_with_data("no", status=503)
    avatars = from_slack(httpserver, store)
    people = [{"id": f"U{n}", "profile": {"image_512": httpserver.url_for("/512.png")}} for n in range(40)]
    assert [avatars.of(person) for person in people] == [None] * 40
    assert len(httpserver.log) < 40


@pytest.mark.parametrize("status", [403, 404, 410, 500])
def test_one_that_slack_has_no_more_costs_the_others_nothing(
    httpserver: HTTPServer, store: ContentStore, status: int
) -> None:
    httpserver.expect_request("/gone.png").respond_with_data("no", status=status)
    httpserver.expect_request("/there.png").respond_with_data(picture())
    avatars = from_slack(httpserver, store)
    gone, there = ({"id": n, "profile": {"image_512": httpserver.url_for(f"/{n}.png")}} for n in ("gone", "there"))
    assert [avatars.of(gone) for _ in range(9)] == [None] * 9
    assert avatars.of(there)


# --- what is made of it


@pytest.mark.parametrize(
    "content",
    [
        picture("JPEG"),
        picture("GIF"),
        picture("WEBP"),
        picture("BMP"),
        picture("PNG", (3000, 2000)),
        picture("PNG", (7, 900)),
        picture("JPEG", mode="CMYK", color=(0, 255, 255, 0)),
        picture("PNG", mode="I;16", color=900),
        picture("PNG", mode="P", color=3),
        picture("PNG", mode="LA", color=(9, 9)),
        picture("GIF", save_all=True, append_images=[Image.new("RGB", (512, 512), "red")], duration=90),
    ],
)
def test_whatever_it_was_the_server_gets_the_square_that_it_would_make_of_it(tmp_path: Path, content: bytes) -> None:
    store = ContentStore(tmp_path / "content")
    file = tmp_path / "export" / "__avatars" / "U1" / "x"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    image = image_of(store, from_export(tmp_path / "export", store).of({"id": "U1"}))
    assert (image.format, image.size) == ("PNG", (SIDE, SIDE))
    assert image.mode in ("RGB", "RGBA")


def test_a_photo_that_the_camera_held_sideways_stands_upright(tmp_path: Path, store: ContentStore) -> None:
    photo = Image.new("RGB", (400, 200), "red")
    photo.paste("blue", (0, 0, 200, 200))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    file = tmp_path / "export" / "__avatars" / "U1" / "photo.jpg"
    file.parent.mkdir(parents=True)
    photo.save(file, "JPEG", exif=exif)
    image = image_of(store, from_export(tmp_path / "export", store).of({"id": "U1"}))
    top, bottom = image.getpixel((64, 10)), image.getpixel((64, 118))
    assert top[2] > 200 > top[0]
    assert bottom[0] > 200 > bottom[2]


@pytest.mark.parametrize("content", [b"", b"<html>", picture()[:200], b"\x89PNG\r\n\x1a\n" + b"\0" * 50])
def test_what_is_no_picture_leaves_the_person_without_one(tmp_path: Path, store: ContentStore, content: bytes) -> None:
    file = tmp_path / "export" / "__avatars" / "U1" / "x.png"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    assert from_export(tmp_path / "export", store).of({"id": "U1"}) is None


def test_a_bomb_leaves_the_person_without_a_picture(tmp_path: Path, store: ContentStore) -> None:
    file = tmp_path / "export" / "__avatars" / "U1" / "x.png"
    file.parent.mkdir(parents=True)
    file.write_bytes(picture("PNG", (9000, 9000), 1, mode="1"))
    assert from_export(tmp_path / "export", store).of({"id": "U1"}) is None


def test_many_are_fetched_at_once_and_unpacked_one_after_the_other(store: ContentStore) -> None:
    several = threading.Barrier(4, timeout=10)

    class Slow(SlackFiles):
        def chunks(self, url: str, *, size: int = 0, is_page: bool = False) -> Iterator[bytes]:
            several.wait()
            yield picture()

    avatars = Avatars(Sources(slack=Slow("xoxb-1")), store)
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(avatars.of, [{"id": f"U{n}", "profile": profile()} for n in range(8)]))
