"""Make small real file bytes: PNG, GIF, PDF and a JPEG. The same bytes on every machine, so no image library and no compression."""

import base64
import struct
import zlib
from collections.abc import Callable

RGB = tuple[int, int, int]
Drawing = Callable[[int, int], int]  #: (x, y) -> index into the palette

#: A real JPEG of 16 x 16 pixels, made once.
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABIMDRANCxIQDhAUExIVGywdGxgYGzYnKSAsQDlEQz85Pj1HUGZXR0thTT0+WXlaYWltcnNyRVV9hn"
    "xvhWZwcm7/2wBDARMUFBsXGzQdHTRuST5Jbm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm7/wAARCAAQ"
    "ABADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAgT/xAAlEAABAgQGAgMAAAAAAAAAAAABAhEAAwQhBRITFSKRUYExMuH/xAAVAQEBAA"
    "AAAAAAAAAAAAAAAAADBP/EABkRAAIDAQAAAAAAAAAAAAAAAAARAQNRYf/aAAwDAQACEQMRAD8AtNXimIcZIKUmx0hlDi/2Px3B2QIOriFUiXm5"
    "EO6leffcWGfX1dpbpSbcAw7/AGDtYSc9XPSh7kO5Pn33CxZhIn0//9k="
)


def stripes(x: int, y: int) -> int:
    """Draw slanted stripes."""
    return (x + y) // 4 % 2


def disc(x: int, y: int) -> int:
    """Draw a disc in a square of 24 pixels."""
    return int((x - 12) ** 2 + (y - 12) ** 2 < 90)


def waves(x: int, y: int) -> int:
    """Draw rows of small waves."""
    return int((y + abs(x % 8 - 4)) % 8 < 3)


def png(draw: Drawing, palette: list[RGB], size: int = 24) -> bytes:
    """Return a PNG with a palette. Its data is stored, not compressed: zlibs differ in how they compress."""
    rows = b"".join(b"\0" + bytes(draw(x, y) for x in range(size)) for y in range(size))
    stored = b"\x78\x01\x01" + struct.pack("<HH", len(rows), len(rows) ^ 0xFFFF) + rows
    stored += struct.pack(">I", zlib.adler32(rows))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", size, size, 8, 3, 0, 0, 0)
    colors = b"".join(bytes(color) for color in palette)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"PLTE", colors)
        + chunk(b"IDAT", stored)
        + chunk(b"IEND", b"")
    )


def gif(frames: list[Drawing], palette: list[RGB], size: int = 24) -> bytes:
    """Return an animated GIF of two colours, half a second per frame."""
    out = b"GIF89a" + struct.pack("<HHBBB", size, size, 0xF0, 0, 0) + b"".join(bytes(color) for color in palette[:2])
    out += b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    for draw in frames:
        out += b"\x21\xf9\x04\0" + struct.pack("<HBB", 50, 0, 0)
        out += (
            b"\x2c"
            + struct.pack("<HHHHB", 0, 0, size, size, 0)
            + _lzw([draw(x, y) for y in range(size) for x in range(size)])
        )
    return out + b"\x3b"


def _lzw(pixels: list[int]) -> bytes:
    """Code pixels of 0 and 1 with a clear code (4) before every second one, so that codes stay 3 bits wide; 5 ends."""
    codes = [code for number, pixel in enumerate(pixels) for code in ([4, pixel] if number % 2 == 0 else [pixel])]
    bits = 0
    for place, code in enumerate([*codes, 5]):
        bits |= code << (3 * place)
    data = bits.to_bytes((3 * (len(codes) + 1) + 7) // 8, "little")
    pieces = [data[start : start + 255] for start in range(0, len(data), 255)]
    return b"\x02" + b"".join(bytes([len(piece)]) + piece for piece in pieces) + b"\0"


def pdf(words: str) -> bytes:
    """Return a PDF of one page with one line of ASCII words."""
    stream = f"BT /F1 18 Tf 40 100 Td ({words}) Tj ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    out += f"xref\n0 6\n0000000000 65535 f \n{table}trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out.encode("ascii")
