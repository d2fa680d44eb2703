"""An emoji's picture: found, and made fit for Mattermost where it is not. Knows not under which name it will live."""

import base64
import binascii
import io
import struct
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec
from PIL import Image, ImageSequence, UnidentifiedImageError

from mm_pipeline.content.sources import Sources
from mm_pipeline.content.store import ContentStore, Stored
from mm_pipeline.errors import RowFailed, RowSkipped, SkipReason

#: The whole request may have 524,288 bytes; the rest is for its other parts (facts: 524,038 passed).
PICTURE_MAX = 522_000
#: Pixels of a side that the server takes; it scales to 128 itself.
SIDE_MAX = 1028
#: Sides that are tried where a picture has to be made smaller.
_SIDES = (128, 96, 64, 32)
#: Bounds against bombs: bytes read, pixels of one frame, frames.
_SOURCE_MAX, _PIXELS_MAX, _FRAMES_MAX = 10 << 20, 4096 * 4096, 600
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
_AS_IT_IS = {"PNG": ".png", "JPEG": ".jpg", "GIF": ".gif"}
#: What Pillow raises where the bytes are not what it reads them as: besides its own errors whatever its code runs into.
_UNREADABLE = (
    UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, ArithmeticError, struct.error,
)  # fmt: skip
#: One picture at a time is unpacked: memory stays flat, and warnings are switched for the whole process.
_one_at_a_time = Lock()


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that Mattermost takes. `filename` ends as its format does: a GIF stays animated only as .gif."""

    sha256: str
    size: int
    filename: str


def fetch_picture(raw_emoji: Mapping[str, Any], sources: Sources, store: ContentStore) -> Picture:
    """Bring an emoji's picture into the store. `raw_emoji` has Slack's `name`; `file` (in the export) and `url` if known.

    From this machine, else from Slack by `url` or emoji.list. Raises RowSkipped (no picture) where it is
    nowhere to be had, RowFailed where it was not given or is no picture.
    """
    try:
        stored = store.put(_chunks(raw_emoji, sources), _SOURCE_MAX)
    except RowSkipped as skipped:
        if skipped.reason is SkipReason.TOO_LARGE:
            raise RowFailed(f"its picture has more than {_SOURCE_MAX:,} bytes: make it smaller in Slack") from skipped
        raise RowSkipped(SkipReason.NO_PICTURE, str(skipped).partition(": ")[2]) from skipped
    return fit_picture(stored, store)


def fit_picture(stored: Stored, store: ContentStore) -> Picture:
    """Return the picture as it is if Mattermost takes it so, else made anew: a PNG, or a GIF where it moves.

    Raises RowFailed where it is no picture, or one that would fill the memory.
    """
    with opened(store.path(stored.sha256)) as image:
        kind, moves = image.format or "", bool(getattr(image, "is_animated", False))
        fits = stored.size <= PICTURE_MAX and max(image.size) <= SIDE_MAX
        # A PNG that moves would stand still as one.
        if fits and kind in _AS_IT_IS and not (moves and kind == "PNG"):
            return Picture(sha256=stored.sha256, size=stored.size, filename="emoji" + _AS_IT_IS[kind])
        for side in _SIDES:
            made = _moving(image, side) if moves else _still(image, side)
            if len(made) <= PICTURE_MAX:
                small = store.put([made], PICTURE_MAX)
                return Picture(sha256=small.sha256, size=small.size, filename="emoji.gif" if moves else "emoji.png")
    raise RowFailed(f"its picture moves too much for {PICTURE_MAX:,} bytes: give it fewer frames in Slack")


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """Open a picture and read it (of one that moves, its first frame); one at a time.

    Raises RowFailed where it is no picture, or one that would fill the memory; so does what is done with it inside.
    """
    try:
        with _one_at_a_time, warnings.catch_warnings(), Image.open(path, formats=_FORMATS) as image:
            warnings.simplefilter("ignore")
            if image.width * image.height > _PIXELS_MAX:
                raise RowFailed(f"its picture has {image.width} x {image.height} pixels: make it smaller in Slack")
            image.load()
            yield image
    except Image.DecompressionBombError as bomb:
        raise RowFailed("its picture would fill the memory: make it smaller in Slack") from bomb
    except _UNREADABLE as fault:
        raise RowFailed("what was found for it is no PNG, JPEG, GIF, WebP or BMP that can be read") from fault


def _chunks(raw: Mapping[str, Any], sources: Sources) -> Iterable[bytes]:
    name, file, url = (raw[key] if isinstance(raw.get(key), str) else "" for key in ("name", "file", "url"))
    for place in sources.local:
        if entry := place.entry(file) or place.emoji(name):
            return place.chunks(entry)
    if url.startswith("data:"):
        return [_inline(url)]
    if not url.startswith(("https://", "http://")):
        url = sources.slack.emoji_url(name) if sources.slack else ""
    if not url:
        raise RowSkipped(SkipReason.NO_PICTURE, "neither the export, SLACK_FILES nor Slack's emoji.list has it")
    if sources.slack is None:
        raise RowSkipped(
            SkipReason.NO_PICTURE,
            "set SLACK_TOKEN to fetch it from Slack, or SLACK_FILES to where it was downloaded to, and run `mm-pipeline retry`",
        )
    return sources.slack.chunks(url)


def _inline(url: str) -> bytes:
    """Return the bytes of a data: URL, as some exporters write pictures into the emoji list."""
    kind, _, data = url.partition(",")
    try:
        return base64.b64decode(data, validate=True) if kind.endswith(";base64") else unquote_to_bytes(data)
    except binascii.Error as fault:
        raise RowFailed("the picture in the export's emoji list is broken off") from fault


def _still(image: Image.Image, side: int) -> bytes:
    frame = image.convert("RGBA")
    frame.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    frame.save(out, "PNG", optimize=True)
    return out.getvalue()


def _moving(image: Image.Image, side: int) -> bytes:
    frames, times = [], []
    for number, frame in enumerate(ImageSequence.Iterator(image)):
        if number >= _FRAMES_MAX:
            raise RowFailed(f"its picture has more than {_FRAMES_MAX} frames: give it fewer in Slack")
        small = frame.convert("RGBA")
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        frames.append(small)
        times.append(max(int(frame.info.get("duration") or 100), 20))
    out = io.BytesIO()
    # disposal 2: a frame with clear parts does not show the one before through them.
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=times, loop=0, disposal=2)
    return out.getvalue()
