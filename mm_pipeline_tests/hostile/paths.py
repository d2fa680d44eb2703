"""Class: names that lead out of the export, and files that are no files."""

import json
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

from mm_pipeline_tests.end_to_end.small_export import write
from mm_pipeline_tests.hostile.case import Case, Desk, Fate, HostileClass
from mm_pipeline_tests.hostile.road import Run, _unpacked, export, files_of, made, message

_EVIL = [message("from outside")]


def _named(name: str) -> Run:
    return export({name: _EVIL})


def _folder(add: Callable[[Path, Path], object]) -> Run:
    """Return what unpacks the base into a folder and adds something there; the second argument is a file outside of it."""

    def make(desk: Desk) -> Path:
        secret = desk.folder / "secret.json"
        secret.write_text(json.dumps(_EVIL))
        folder = _unpacked(files_of(), desk.folder / "export")
        add(folder, secret)
        return folder

    return made(make)


def _zip_with_link(desk: Desk) -> Path:
    path = write(files_of(), desk.folder / "export.zip")
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("garden/2024-05-02.json")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return path


def _export_is_a_link(desk: Desk) -> Path:
    (desk.folder / "link").symlink_to(desk.folder / "nowhere")
    return desk.folder / "link"


CLASS = HostileClass(
    "Paths",
    "Names of a zip's entries, links and other things in a folder.",
    (
        Case(
            "`../evil/1.json`",
            Fate.TOLD,
            "'../evil/1.json' is no safe file name; the file was left out.",
            _named("../evil/1.json"),
        ),
        Case(
            "`/etc/cron.d/1.json`",
            Fate.TOLD,
            "'/etc/cron.d/1.json' is no safe file name; the file was left out.",
            _named("/etc/cron.d/1.json"),
        ),
        Case(
            "`garden/../../evil/1.json`",
            Fate.TOLD,
            "'garden/../../evil/1.json' is no safe file name; the file was left out.",
            _named("garden/../../evil/1.json"),
        ),
        Case(
            "`C:/windows/1.json`",
            Fate.TOLD,
            "'C:/windows/1.json' is no safe file name; the file was left out.",
            _named("C:/windows/1.json"),
        ),
        Case(
            "`..\\..\\evil\\1.json`",
            Fate.TOLD,
            "'../../evil/1.json' is no safe file name; the file was left out.",
            _named("..\\..\\evil\\1.json"),
        ),
        Case(
            "`garden//2.json`",
            Fate.TOLD,
            "'garden//2.json' is no safe file name; the file was left out.",
            _named("garden//2.json"),
        ),
        Case(
            "`./garden/./2.json`",
            Fate.TOLD,
            "'./garden/./2.json' is no safe file name; the file was left out.",
            _named("./garden/./2.json"),
        ),
        Case(
            "a folder of 200 letters",
            Fate.KEPT,
            "channel xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; ada: from outside",
            _named(f"{'x' * 200}/1.json"),
        ),
        Case("a path of 60 folders", Fate.KEPT, "nothing", _named("a/" * 60 + "1.json")),
        Case(
            "a folder whose name turns the writing round (U+202E)",
            Fate.KEPT,
            "channel gar-den; ada: from outside",
            _named("gar\u202eden/1.json"),
        ),
        Case("a folder with a line break", Fate.KEPT, "channel gar-den; ada: from outside", _named("gar\nden/1.json")),
        Case("a folder that is called like the uploads", Fate.KEPT, "nothing", _named("__uploads/F0AAA/1.json")),
        Case(
            "a link to a file outside, in a zip",
            Fate.TOLD,
            "garden/2024-05-02.json is a symbolic link; links are not followed.",
            made(_zip_with_link),
        ),
        Case(
            "a link to a file outside, in a folder",
            Fate.TOLD,
            "garden/2.json is a symbolic link; links are not followed.",
            _folder(lambda at, out: (at / "garden/2.json").symlink_to(out)),
        ),
        Case(
            "a link to a folder outside",
            Fate.TOLD,
            "attic is a symbolic link; links are not followed.",
            _folder(lambda at, out: (at / "attic").symlink_to(out.parent)),
        ),
        Case(
            "a link that goes in a circle",
            Fate.TOLD,
            "garden/round is a symbolic link; links are not followed.",
            _folder(lambda at, _: (at / "garden/round").symlink_to(at)),
        ),
        Case(
            "a pipe, on which a reader would wait for ever",
            Fate.KEPT,
            "nothing",
            _folder(lambda at, _: os.mkfifo(at / "garden/2.json")),
        ),
        Case(
            "a folder that is called like a day",
            Fate.KEPT,
            "nothing",
            _folder(lambda at, _: (at / "garden/2.json").mkdir()),
        ),
        Case(
            "an export that is a link to nothing",
            Fate.REFUSED,
            "There is no Slack export at link: name the zip file that Slack gave you, or the folder it was",
            made(_export_is_a_link),
        ),
    ),
)
