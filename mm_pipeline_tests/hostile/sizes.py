"""Class: texts, names, numbers and depths of absurd size."""

import zipfile
from pathlib import Path
from typing import Any

from mm_pipeline_tests.end_to_end.small_export import person, write
from mm_pipeline_tests.hostile.case import Case, Desk, Fate, HostileClass
from mm_pipeline_tests.hostile.road import Run, export, files_of, made, message, messages, within

#: Not to be compressed: PostgreSQL's index takes long texts that repeat themselves.
_LONG = "".join(f"{number * 7919:x}" for number in range(2_000))
_NAME = "n" * 10_000
_DIGITS = "9" * 10_000


def _text(text: str) -> Run:
    return within(120, export(day=lambda: [message(text)]))


def _with(**parts: Any) -> Run:
    return messages(message(**parts))


def _raw(parts: str) -> Run:
    return export(
        day=f'[{{"type":"message","user":"U0ADA","ts":"1714550500.000100","text":"seeds are here",{parts}}}]'.encode()
    )


def _deep(levels: int) -> Any:
    deep: Any = "the end"
    for _ in range(levels // 2):
        deep = [{"type": "section", "elements": deep}]
    return deep


def _gibibyte(desk: Desk) -> Path:
    """Write a zip whose second day is a GiB of zeros."""
    path = write(files_of(), desk.folder / "export.zip")
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("garden/2024-05-02.json", "w", force_zip64=True) as entry,
    ):
        for _ in range(64):
            entry.write(bytes(16 << 20))
    return path


CLASS = HostileClass(
    "Sizes",
    "What is longer, deeper or larger than anybody meant; each text within two minutes.",
    (
        Case(
            "a text of 10 MB",
            Fate.KEPT,
            "ada: seed seed seed seed seed seed seed seed seed seed seed seed seed seed seed seed seed seed seed",
            _text("seed " * 2_000_000),
        ),
        Case(
            "a text of 10 MB without a blank",
            Fate.KEPT,
            "ada: ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt",
            _text("t" * 10_000_000),
        ),
        Case(
            "a text of a million emoji of four bytes",
            Fate.KEPT,
            "ada: 🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱🌱",
            _text("\U0001f331" * 1_000_000),
        ),
        Case(
            "a text of a million line breaks",
            Fate.KEPT,
            "ada: seeds\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n",
            _text("seeds" + "\n" * 1_000_000 + "end"),
        ),
        Case(
            "a text of a million marks",
            Fate.KEPT,
            "ada: \\*\u200b*\u200b~\u200b*\u200b`*_~`\u200b*\u200b&#42;\u200b*\u200b~`*_~`\\*\u200b*\u200b~\u200b",
            _text("*_~`" * 250_000),
        ),
        Case(
            "a person with a name of 10,000 characters",
            Fate.KEPT,
            "user nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
            export(people=[person("U0LONG", _NAME)]),
        ),
        Case(
            "a person with an id of 8,000 characters",
            Fate.KEPT,
            "user long",
            export(people=[person(f"U{_LONG}", "long")]),
        ),
        Case(
            "an e-mail of 10,000 characters",
            Fate.KEPT,
            "user long",
            export(people=[person("U0LONG", "long", profile={"email": f"{_NAME}@people.example"})]),
        ),
        Case(
            "a title, a first and a last name of 10,000 characters",
            Fate.KEPT,
            "user long",
            export(
                people=[person("U0LONG", "long", profile={"title": _NAME, "first_name": _NAME, "last_name": _NAME})]
            ),
        ),
        Case(
            "a channel with a name of 10,000 characters",
            Fate.KEPT,
            "channel nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
            export(channels=[{"id": "C0LONG", "name": _NAME}]),
        ),
        Case(
            "a topic and a purpose of 10,000 characters",
            Fate.KEPT,
            "channel long",
            export(channels=[{"id": "C0LONG", "name": "long", "topic": {"value": _NAME}, "purpose": {"value": _NAME}}]),
        ),
        Case(
            "an emoji with a name of 10,000 characters",
            Fate.TOLD,
            "custom_emoji NAME is not in the archive: the emoji's picture is nowhere to be had: set SLACK_TOKEN to fetch it",
            export({"emoji.json": {_NAME: "https://emoji.slack-edge.com/x.png"}}),
        ),
        Case(
            "a reaction with a name of 10,000 characters",
            Fate.KEPT,
            "ada: seeds are here; ben :nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn:",
            _with(reactions=[{"name": _NAME, "users": ["U0BEN"]}]),
        ),
        Case(
            "a file with a name of 10,000 characters",
            Fate.KEPT,
            "ada: seeds are here\n\nFile: nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
            _with(files=[{"id": "F0LONG", "name": _NAME, "mode": "tombstone"}]),
        ),
        Case(
            "a link to a file of a million characters",
            Fate.KEPT,
            "ada: seeds are here\n\nFile: x \u2013 not part of the export",
            _with(files=[{"id": "F0LONG", "name": "x", "url_private": f"https://files.example/{'x' * 1_000_000}"}]),
        ),
        Case(
            "numbers of 10,000 digits: a time, a size, a count, a date",
            Fate.KEPT,
            "ada: seeds are here\n\nCall: r, 1970-01-01 00:00 UTC\n\n> x\n\nFile: x \u2013 deleted in Slack",
            _raw(
                f'"edited":{{"ts":{_DIGITS}}},"files":[{{"id":"F0","name":"x","mode":"tombstone","size":{_DIGITS}}}],'
                f'"room":{{"name":"r","date_start":1,"date_end":{_DIGITS}}},"attachments":[{{"text":"x","ts":{_DIGITS}}}]'
            ),
        ),
        Case(
            "numbers of 30 digits in the same places",
            Fate.KEPT,
            "ada: seeds are here\n\nCall: r, 1970-01-01 00:00 UTC\n\n> x\n\nFile: x \u2013 deleted in Slack",
            _raw(
                f'"edited":{{"ts":{_DIGITS[:30]}}},"files":[{{"id":"F0","name":"x","mode":"tombstone","size":{_DIGITS[:30]}}}],'
                f'"room":{{"name":"r","date_start":1,"date_end":{_DIGITS[:30]}}},"attachments":[{{"text":"x","ts":{_DIGITS[:30]}}}]'
            ),
        ),
        Case(
            "an attachment that is nested 100,000 deep",
            Fate.FAILED,
            "This is no message that can be read. Look at garden/2024-05-02.json, entry 0 (from 0), or download",
            _raw('"attachments":[' + '{"blocks":[' * 100_000 + "]}" * 100_000 + "]"),
        ),
        Case(
            "a person, a channel and blocks that are nested 400 deep",
            Fate.KEPT,
            "channel deep; user deep; ada: seeds are here",
            export(
                people=[person("U0DEEP", "deep", profile={"x": _deep(400)})],
                channels=[{"id": "C0DEEP", "name": "deep", "x": _deep(400)}],
                day=[message(blocks=_deep(400))],
            ),
        ),
        Case(
            "a GiB of zeros as a day",
            Fate.REFUSED,
            "export.zip would unpack to 1024 MiB of JSON out of 4576 KiB: that is a zip bomb, not a Slack",
            made(_gibibyte),
        ),
    ),
)
