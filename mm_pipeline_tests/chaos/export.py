"""The export of a chaos run: one of benchmarks/generate.py, with files that it has the bytes of. The same arguments, the same bytes."""

import io
import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from PIL import Image

from mm_pipeline_tests.end_to_end.migrated import ROOT

#: Of what people say; what the generator itself gives files has no bytes of them, as official exports.
_WITH_FILE = 0.06
_PEOPLE, _CHANNELS = 60, 7
_WHEN = (2024, 1, 1, 0, 0, 0)


def write(output: Path, messages: int, seed: int) -> Path:
    """Write an export of so many messages as a zip, and return where it is."""
    bare = output.with_suffix(".bare")
    sizes = {"--messages": messages, "--people": _PEOPLE, "--channels": _CHANNELS, "--seed": seed}
    words = [str(word) for pair in sizes.items() for word in pair]
    generate = [sys.executable, ROOT / "benchmarks" / "generate.py", *words, "--output", bare]
    subprocess.run(generate, check=True, stdout=subprocess.DEVNULL)
    rng = Random(f"{seed} files")
    with ZipFile(bare) as old, ZipFile(output, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if "/" in entry.filename:
                content = _with_files(content, rng, new)
            _add(new, entry.filename, content)
    bare.unlink()
    return output


def touch(export: Path) -> None:
    """Make it another file with the same content, so that it is staged again."""
    with ZipFile(export, "a") as archive:
        archive.comment = b"%d" % (int(archive.comment or b"0") + 1)


def _with_files(day: bytes, rng: Random, archive: ZipFile) -> bytes:
    """Give some of a day's messages files, whose bytes go into the archive."""
    messages = json.loads(day)
    for message in messages:
        if "client_msg_id" in message and "files" not in message and rng.random() < _WITH_FILE:
            message["files"] = [_file(message, rng, archive) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    return json.dumps(messages, ensure_ascii=False).encode()


def _file(message: dict[str, Any], rng: Random, archive: ZipFile) -> dict[str, Any]:
    kind, mimetype = rng.choice((("png", "image/png"), ("txt", "text/plain")))
    content = _picture(rng) if kind == "png" else b"%x\n" % rng.getrandbits(8 * rng.randrange(1, 6000))
    file_id, name = f"F08{rng.getrandbits(32):08X}", f"note {rng.randrange(99)}.{kind}"
    _add(archive, f"__uploads/{file_id}/{name}", content)
    file = {"id": file_id, "created": int(message["ts"].partition(".")[0]), "name": name, "title": name}
    return file | {
        "mimetype": mimetype,
        "filetype": kind,
        "size": len(content),
        "user": message["user"],
        "mode": "hosted",
    }


def _picture(rng: Random) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (rng.randrange(1, 64), rng.randrange(1, 64)), rng.getrandbits(24)).save(drawn, "PNG")
    return drawn.getvalue()


def _add(archive: ZipFile, name: str, content: bytes) -> None:
    info = ZipInfo(name, date_time=_WHEN)
    info.compress_type = ZIP_DEFLATED
    archive.writestr(info, content)
