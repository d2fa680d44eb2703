"""Custom emoji and their pictures: those of the export, and those that Mattermost lacks. Compares no reaction."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from mm_pipeline_tests.checker.emoji import LACKING, SKIN_TONE, is_made_acceptable, mattermost_names
from mm_pipeline_tests.checker.export import Export
from mm_pipeline_tests.checker.findings import Finding
from mm_pipeline_tests.checker.server import Server

#: How the formats that Mattermost takes begin: PNG, GIF, JPEG, WebP, BMP.
BEGINNINGS = (b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"RIFF", b"BM")


def emoji_findings(
    export: Export, server: Server, reacted: Iterable[str], file_store: Path | None
) -> Iterator[Finding]:
    """Yield custom emoji that are missing or have no picture. `reacted` are Slack's names of all reactions.

    A name that the server refuses is made acceptable; one that is built in there gets an ending.
    """
    wanted = export.emoji_pictures - export.emoji_aliases.keys()
    found = wanted & server.emoji.keys()
    strange = server.emoji.keys() - wanted
    for name in sorted(wanted - found):
        spare = {other for other in strange if other.startswith(name) or is_made_acceptable(name, other)}
        if spare:
            found.add(min(spare))
            strange.remove(min(spare))
        else:
            yield Finding(kind="emoji", sentence=f"The custom emoji :{name}: is not there.")
    for name in sorted(set(reacted)):
        toned = SKIN_TONE.fullmatch(name)
        base = export.emoji_behind(toned["base"] if toned else name)
        if base in LACKING and base not in wanted:
            drawn = {*mattermost_names(name), base} & server.emoji.keys()
            found |= drawn
            if not drawn:
                yield Finding(kind="emoji", sentence=f"People reacted with :{name}:, which has no picture here.")
    for name in sorted(found):
        if file_store and not _is_picture(file_store / "emoji" / server.emoji[name] / "image"):
            yield Finding(kind="emoji", sentence=f"The custom emoji :{name}: has no picture in the file store.")


def _is_picture(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4).startswith(BEGINNINGS)
