"""Class: pictures that would fill the memory, or are none."""

import struct
import zlib

from mm_pipeline_tests.hostile.case import Case, Fate, HostileClass
from mm_pipeline_tests.hostile.fetching import drawn, picture


def _png(width: int, height: int, *more: bytes, data: bytes = b"") -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + _chunk(b"IDAT", zlib.compress(data)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _comment(mib: int) -> bytes:
    return _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(mib << 20)))


def _second_frame_cut_off() -> bytes:
    """Return a GIF up to the byte that tells how the pixels of its second frame are packed, behind its colours."""
    gif = drawn("GIF", (20, 20), 2, mode="L")
    begins = gif.index(b",\0\0\0\0\x14\0\x14\0", gif.index(b"!\xf9", gif.index(b",\0\0\0\0\x14\0\x14\0")))
    flags = gif[begins + 9]
    return gif[: begins + 10 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)]


_SMALL = drawn("PNG", (64, 64), mode="L")

CLASS = HostileClass(
    "Pictures",
    "The picture of a custom emoji, and likewise of a person.",
    (
        Case(
            "25 million pixels in 3 KB",
            Fate.FAILED,
            "its picture has 5000 x 5000 pixels: make it smaller in Slack",
            picture(lambda: drawn("PNG", (5_000, 5_000))),
        ),
        Case(
            "a PNG that says it is 2,000,000,000 x 2,000,000,000",
            Fate.FAILED,
            "its picture would fill the memory: make it smaller in Slack",
            picture(lambda: _png(2_000_000_000, 2_000_000_000)),
        ),
        Case(
            "a PNG that says it is 0 x 0",
            Fate.FAILED,
            "what was found for it is no PNG, JPEG, GIF, WebP or BMP that can be read",
            picture(lambda: _png(0, 0)),
        ),
        Case(
            "a PNG that has fewer pixels than it says",
            Fate.FAILED,
            "what was found for it is no PNG, JPEG, GIF, WebP or BMP that can be read",
            picture(lambda: _png(1_000, 1_000, data=bytes(100))),
        ),
        Case(
            "a PNG with a comment that unpacks to 80 MiB",
            Fate.FAILED,
            "what was found for it is no PNG, JPEG, GIF, WebP or BMP that can be read",
            picture(lambda: _png(8, 8, _comment(80), data=bytes(200))),
        ),
        Case(
            "a PNG that is cut off",
            Fate.FAILED,
            "what was found for it is no PNG, JPEG, GIF, WebP or BMP that can be read",
            picture(lambda: _SMALL[:60]),
        ),
        Case(
            "a PNG with a script behind its end",
            Fate.KEPT,
            "emoji.png, 64 x 64",
            picture(lambda: _SMALL + b"<script>alert(1)</script>"),
        ),
        Case(
            "a GIF that is cut off where its second frame says what it is",
            Fate.FAILED,
            "what was found for it is no PNG, JPEG, GIF, WebP or BMP that can be read",
            picture(_second_frame_cut_off),
        ),
        Case(
            "a GIF of 601 frames",
            Fate.FAILED,
            "its picture has more than 600 frames: give it fewer in Slack",
            picture(lambda: drawn("GIF", (1_100, 8), 601, optimize=False)),
        ),
        Case(
            "a GIF of 5 frames of 16 million pixels",
            Fate.KEPT,
            "emoji.gif, 128 x 128",
            picture(lambda: drawn("GIF", (4_000, 4_000), 5)),
        ),
        Case(
            "a GIF that is a head and nothing else",
            Fate.FAILED,
            "what was found for it is no PNG, JPEG, GIF, WebP or BMP that can be read",
            picture(lambda: b"GIF89a" + bytes(40)),
        ),
        Case(
            "a BMP that says it is larger than it is",
            Fate.FAILED,
            "what was found for it is no PNG, JPEG, GIF, WebP or BMP that can be read",
            picture(lambda: drawn("BMP", (64, 64))[:62]),
        ),
        Case(
            "a JPEG that is cut off",
            Fate.FAILED,
            "what was found for it is no PNG, JPEG, GIF, WebP or BMP that can be read",
            picture(lambda: drawn("JPEG", (64, 64), mode="L")[:200]),
        ),
        Case(
            "an SVG with a script",
            Fate.FAILED,
            "what was found for it is no PNG, JPEG, GIF, WebP or BMP that can be read",
            picture(lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ),
        Case(
            "a TIFF",
            Fate.FAILED,
            "what was found for it is no PNG, JPEG, GIF, WebP or BMP that can be read",
            picture(lambda: drawn("TIFF", (64, 64))),
        ),
        Case(
            "an EPS, which would be run",
            Fate.FAILED,
            "what was found for it is no PNG, JPEG, GIF, WebP or BMP that can be read",
            picture(lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run"),
        ),
        Case(
            "a zip",
            Fate.FAILED,
            "what was found for it is no PNG, JPEG, GIF, WebP or BMP that can be read",
            picture(lambda: b"PK\x03\x04" + bytes(200)),
        ),
        Case(
            "nothing",
            Fate.FAILED,
            "what was found for it is no PNG, JPEG, GIF, WebP or BMP that can be read",
            picture(lambda: b""),
        ),
        Case(
            "11 MB of noise",
            Fate.FAILED,
            "its picture has more than 10,485,760 bytes: make it smaller in Slack",
            picture(lambda: _SMALL[:40] + bytes(range(256)) * 43_000),
        ),
        Case(
            "a picture that is as thin as a hair: 16,000 x 1",
            Fate.KEPT,
            "emoji.png, 128 x 1",
            picture(lambda: drawn("PNG", (16_000, 1))),
        ),
    ),
)
