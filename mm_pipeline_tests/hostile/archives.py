"""Class: zip files that are none, are damaged, or are bombs."""

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

from mm_pipeline_tests.end_to_end.small_export import write
from mm_pipeline_tests.hostile.case import Case, Desk, Fate, HostileClass
from mm_pipeline_tests.hostile.road import files_of, made, message

_MIB = 1 << 20
_DAY = "garden/2024-05-02.json"


def _bytes(content: bytes) -> Callable[[Desk], Path]:
    def make(desk: Desk) -> Path:
        (desk.folder / "export.zip").write_bytes(content)
        return desk.folder / "export.zip"

    return make


def _bent(bend: Callable[[bytearray], bytes | bytearray]) -> Callable[[Desk], Path]:
    """Return what writes the base and a second day as a zip, and bends its bytes."""

    def make(desk: Desk) -> Path:
        path = write(files_of(day=[message("seeds that are damaged on their way")]), desk.folder / "export.zip")
        path.write_bytes(bend(bytearray(path.read_bytes())))
        return path

    return make


def _with(add: Callable[[zipfile.ZipFile], None]) -> Callable[[Desk], Path]:
    """Return what writes the base as a zip with something more in it."""

    def make(desk: Desk) -> Path:
        path = write(files_of(), desk.folder / "export.zip")
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
            add(archive)
        return path

    return make


def _zeros(name: str, mib: int) -> Callable[[zipfile.ZipFile], None]:
    def add(archive: zipfile.ZipFile) -> None:
        with archive.open(name, "w") as entry:
            for _ in range(mib):
                entry.write(bytes(_MIB))

    return add


def _many(count: int, mib: int) -> Callable[[zipfile.ZipFile], None]:
    return lambda archive: [_zeros(f"garden/{number}.json", mib)(archive) for number in range(count)] and None


def _in_itself(archive: zipfile.ZipFile) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("users.json", bytes(4 * _MIB))
    archive.writestr("inner.zip", inner.getvalue())


def _twice(archive: zipfile.ZipFile) -> None:
    for text in ("the first", "the last"):
        archive.writestr(zipfile.ZipInfo(_DAY), json.dumps([message(text)]))


def _second_header(data: bytearray, offset: int, value: bytes) -> bytearray:
    """Write a value into the directory's last entry, which is the second day's."""
    at = data.rfind(b"PK\x01\x02")
    data[at + offset : at + offset + len(value)] = value
    return data


def _damaged(data: bytearray) -> bytearray:
    at = data.find(_DAY.encode()) + len(_DAY) + 6
    data[at : at + 4] = b"\xff\xff\xff\xff"
    return data


def _encrypted(data: bytearray) -> bytearray:
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 4)
    return data


CLASS = HostileClass(
    "Archives",
    "A zip file as SLACK_EXPORT, on its way to rows.",
    (
        Case(
            "a text that is called .zip",
            Fate.REFUSED,
            "export.zip is not a readable zip file (File is not a zip file). Download the export from Slack",
            made(_bytes(b"this is no zip")),
        ),
        Case(
            "an empty file",
            Fate.REFUSED,
            "export.zip is not a readable zip file (File is not a zip file). Download the export from Slack",
            made(_bytes(b"")),
        ),
        Case(
            "a zip without its end, as a broken download leaves it",
            Fate.REFUSED,
            "export.zip is not a readable zip file (File is not a zip file). Download the export from Slack",
            made(_bent(lambda data: data[:-40])),
        ),
        Case(
            "the second half of a zip",
            Fate.REFUSED,
            "export.zip is not a readable zip file (File is not a zip file). Download the export from Slack",
            made(_bent(lambda data: data[: len(data) // 2])),
        ),
        Case(
            "an empty zip",
            Fate.REFUSED,
            "export.zip has no users.json: it is no Slack export, or not all of one. Without it nobody can tell",
            made(_bytes(b"PK\x05\x06" + bytes(18))),
        ),
        Case(
            "a path where nothing is",
            Fate.REFUSED,
            "There is no Slack export at missing.zip: name the zip file that Slack gave you, or the folder it",
            made(lambda desk: desk.folder / "missing.zip"),
        ),
        Case(
            "a gzip",
            Fate.REFUSED,
            "export.zip is not a readable zip file (File is not a zip file). Download the export from Slack",
            made(_bytes(b"\x1f\x8b\x08" + bytes(64))),
        ),
        Case(
            "a zip that is encrypted",
            Fate.REFUSED,
            "export.zip is encrypted (users.json). Unpack it with its password and name the folder instead.",
            made(_bent(_encrypted)),
        ),
        Case(
            "a day of 128 MiB of zeros in 130 KiB",
            Fate.REFUSED,
            "export.zip would unpack to 128 MiB of JSON out of 128 KiB: that is a zip bomb, not a Slack export.",
            made(_with(_zeros(_DAY, 128))),
        ),
        Case(
            "40 days of 2 MiB of zeros: none is large by itself",
            Fate.REFUSED,
            "export.zip would unpack to 80 MiB of JSON out of 84 KiB: that is a zip bomb, not a Slack export.",
            made(_with(_many(40, 2))),
        ),
        Case(
            "zeros among the uploads, which staging does not read",
            Fate.KEPT,
            "nothing",
            made(_with(_zeros("__uploads/F0/x.bin", 96))),
        ),
        Case("a zip in the zip", Fate.KEPT, "nothing", made(_with(_in_itself))),
        Case(
            "an entry whose packed bytes are damaged",
            Fate.TOLD,
            "garden/2024-05-02.json was not read: Error -3 while decompressing data: invalid code lengths set.",
            made(_bent(_damaged)),
        ),
        Case(
            "an entry with a wrong checksum",
            Fate.TOLD,
            "garden/2024-05-02.json was not read: Bad CRC-32 for file 'garden/2024-05-02.json'. Its messages are",
            made(_bent(lambda d: _second_header(d, 16, b"\1\2\3\4"))),
        ),
        Case(
            "an entry that says it is 10 bytes long and is longer",
            Fate.TOLD,
            "garden/2024-05-02.json was not read: Bad CRC-32 for file 'garden/2024-05-02.json'. Its messages are",
            made(_bent(lambda d: _second_header(d, 24, struct.pack("<I", 10)))),
        ),
        Case(
            "an entry that says it is 3 GiB long",
            Fate.REFUSED,
            "export.zip would unpack to 3072 MiB of JSON out of 0 KiB: that is a zip bomb, not a Slack export.",
            made(_bent(lambda d: _second_header(d, 24, struct.pack("<I", 3 << 30)))),
        ),
        Case(
            "an entry packed in a way that nobody knows",
            Fate.TOLD,
            "garden/2024-05-02.json was not read: That compression method is not supported. Its messages are",
            made(_bent(lambda d: _second_header(d, 10, struct.pack("<H", 77)))),
        ),
        Case(
            "an entry that begins behind the file's end",
            Fate.TOLD,
            "garden/2024-05-02.json was not read: Truncated file header. Its messages are missing.",
            made(_bent(lambda d: _second_header(d, 42, struct.pack("<I", 1 << 30)))),
        ),
        Case(
            "two entries of one name",
            Fate.TOLD,
            "garden/2024-05-02.json is in the zip twice; the last one was read.",
            made(_with(_twice)),
        ),
    ),
)
