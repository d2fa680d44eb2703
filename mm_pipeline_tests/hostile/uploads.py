"""Class: files of an export that lie about themselves."""

import zipfile
from collections.abc import Callable
from pathlib import Path

from mm_pipeline_tests.hostile.case import Case, Fate, HostileClass
from mm_pipeline_tests.hostile.fetching import packed, upload

_NAME = "__uploads/F0AAA/plan.txt"
_PLAN = b"the whole plan, " * 40


def _bent(bend: Callable[[bytearray], bytes | bytearray], kind: int = zipfile.ZIP_DEFLATED) -> Callable[[Path], Path]:
    """Return what packs the plan and bends the zip's bytes."""

    def make(folder: Path) -> Path:
        path = packed({_NAME: _PLAN}, kind)(folder)
        path.write_bytes(bend(bytearray(path.read_bytes())))
        return path

    return make


def _damaged(data: bytearray) -> bytearray:
    at = 30 + len(_NAME) + 4
    data[at : at + 8] = b"\xff" * 8
    return data


def _marked(data: bytearray, in_entry: int, in_directory: int, value: bytes) -> bytearray:
    for begin, offset in ((0, in_entry), (data.rfind(b"PK\x01\x02"), in_directory)):
        data[begin + offset : begin + offset + len(value)] = value
    return data


def _link(folder: Path) -> Path:
    (folder / "secret").write_bytes(b"secret")
    (folder / "export/__uploads/F0AAA").mkdir(parents=True)
    (folder / "export/__uploads/F0AAA/plan.txt").symlink_to(folder / "secret")
    return folder / "export"


def _link_to_folder(folder: Path) -> Path:
    (folder / "outside").mkdir()
    (folder / "outside/plan.txt").write_bytes(b"secret")
    (folder / "export/__uploads").mkdir(parents=True)
    (folder / "export/__uploads/F0AAA").symlink_to(folder / "outside")
    return folder / "export"


def _no_zip(folder: Path) -> Path:
    (folder / "export.zip").write_bytes(b"no zip")
    return folder / "export.zip"


CLASS = HostileClass(
    "Uploads",
    "The bytes of a file, out of the export.",
    (
        Case(
            "fewer bytes than were promised",
            Fate.FAILED,
            "4 bytes came from the export, 5 were promised: not the file. `mm-pipeline retry` fetches it again",
            upload(packed({_NAME: b"plan"}), size=5),
        ),
        Case(
            "more bytes than were promised",
            Fate.FAILED,
            "13 bytes came from the export, 4 were promised: not the file. `mm-pipeline retry` fetches it again",
            upload(packed({_NAME: b"plan and more"}), size=4),
        ),
        Case("a size of minus one", Fate.KEPT, "4 bytes: b'plan'", upload(packed({_NAME: b"plan"}), size=-1)),
        Case("a size that is a text", Fate.KEPT, "4 bytes: b'plan'", upload(packed({_NAME: b"plan"}), size="4 bytes")),
        Case(
            "a size of 10^30 bytes",
            Fate.SKIPPED,
            "larger than the server takes: 1,000,000,000,000,000,000,000,000,000,000 bytes, the server takes",
            upload(packed({_NAME: b"plan"}), size=10**30),
        ),
        Case(
            "20 MiB of zeros that promise nothing",
            Fate.SKIPPED,
            "larger than the server takes: at least 1,310,720 bytes, the server takes 1,048,576. Raise",
            upload(packed({_NAME: bytes(20 << 20)})),
        ),
        Case(
            "20 MiB of zeros that promise 4 bytes",
            Fate.SKIPPED,
            "larger than the server takes: at least 1,310,720 bytes, the server takes 1,048,576. Raise",
            upload(packed({_NAME: bytes(20 << 20)}), size=4),
        ),
        Case(
            "packed bytes that are damaged",
            Fate.FAILED,
            "its bytes in the export cannot be read (Bad CRC-32 for file '__uploads/F0AAA/plan.txt'): unpack or",
            upload(_bent(_damaged)),
        ),
        Case(
            "stored bytes that are damaged",
            Fate.FAILED,
            "its bytes in the export cannot be read (Bad CRC-32 for file '__uploads/F0AAA/plan.txt'): unpack or",
            upload(_bent(_damaged, zipfile.ZIP_STORED)),
        ),
        Case(
            "bytes packed by LZMA that are damaged",
            Fate.FAILED,
            "its bytes in the export cannot be read (Invalid or unsupported options): unpack or download them",
            upload(_bent(_damaged, zipfile.ZIP_LZMA)),
        ),
        Case(
            "an entry that needs a password",
            Fate.FAILED,
            "its bytes in the export cannot be read (File '__uploads/F0AAA/plan.txt' is encrypted, password",
            upload(_bent(lambda data: _marked(data, 6, 8, b"\1\0"))),
        ),
        Case(
            "an entry packed in a way that nobody knows",
            Fate.FAILED,
            "its bytes in the export cannot be read (That compression method is not supported): unpack or",
            upload(_bent(lambda data: _marked(data, 8, 10, b"\x4d\0"))),
        ),
        Case(
            "an entry whose two names differ",
            Fate.FAILED,
            "its bytes in the export cannot be read (File name in directory '__uploads/F0AAA/plan.txt' and",
            upload(_bent(lambda data: data.replace(b"plan.txt", b"paln.txt", 1))),
        ),
        Case(
            "a file of which the zip holds a folder",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: the export does not hold them. Set SLACK_TOKEN to fetch",
            upload(packed({"__uploads/F0AAA/": b""})),
        ),
        Case(
            "an id that is a path",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: the export does not hold them. Set SLACK_TOKEN to fetch",
            upload(packed({_NAME: b"plan", "secret": b"x"}), id="../../secret"),
        ),
        Case(
            "an id that is a list",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: the export does not hold them. Set SLACK_TOKEN to fetch",
            upload(packed({_NAME: b"plan"}), id=["F0AAA"]),
        ),
        Case(
            "a name that is a path, of which only the id counts",
            Fate.KEPT,
            "4 bytes: b'plan'",
            upload(packed({_NAME: b"plan"}), name="../../../etc/passwd"),
        ),
        Case(
            "a link to a file outside",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: the export does not hold them. Set SLACK_TOKEN to fetch",
            upload(_link),
        ),
        Case(
            "a link to a folder outside",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: the export does not hold them. Set SLACK_TOKEN to fetch",
            upload(_link_to_folder),
        ),
        Case(
            "an export that is no zip any more",
            Fate.FAILED,
            "the export, export.zip, cannot be opened (File is not a zip file)",
            upload(_no_zip),
        ),
    ),
)
