"""Where the bytes of files and the pictures of emoji would come from, told beforehand. Fetches none of them, but one byte of a few."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from enum import StrEnum
from typing import Any

import msgspec

from mm_pipeline.content.slack_files import SlackFiles, url_of
from mm_pipeline.content.sources import Sources, has_no_bytes, is_page, size_of
from mm_pipeline.errors import PipelineError, RowFailed
from mm_pipeline.values import text_at


class Place(StrEnum):
    """Where something is to be had."""

    HERE = "here"  #: in an export or among the downloads
    SLACK = "slack"  #: Slack has it, if a token opens it
    NOWHERE = "nowhere"  #: nobody names a place
    NO_BYTES = "no bytes"  #: Slack says that there are none: deleted, hidden, kept outside of it


class FileToCome(msgspec.Struct, frozen=True, kw_only=True):
    """A file as Slack tells it: what names it, where its bytes are, how many (0 = it does not say)."""

    id: str
    place: Place
    size: int
    url: str = ""
    is_page: bool = False


def file_to_come(raw_file: Mapping[str, Any], sources: Sources) -> FileToCome:
    """Return where a file's bytes are to be had."""
    file_id, size, url = text_at(raw_file, "id"), size_of(raw_file), url_of(raw_file)
    if has_no_bytes(raw_file):
        return FileToCome(id=file_id, place=Place.NO_BYTES, size=0)
    if _lies_here(file_id, raw_file, size, sources):
        return FileToCome(id=file_id, place=Place.HERE, size=size)
    # Of a file that the export only names by id, Slack is asked for the address.
    place = Place.SLACK if url or file_id else Place.NOWHERE
    return FileToCome(id=file_id, place=place, size=size, url=url, is_page=is_page(raw_file))


def picture_place(raw_emoji: Mapping[str, Any], sources: Sources) -> Place:
    """Return where an emoji's picture is to be had."""
    name, url = text_at(raw_emoji, "name"), text_at(raw_emoji, "url")
    try:
        if any(place.entry(text_at(raw_emoji, "file")) or place.emoji(name) for place in sources.local):
            return Place.HERE
    except RowFailed:
        return Place.NOWHERE
    if url.startswith("data:"):
        return Place.HERE
    if url.startswith(("https://", "http://")):
        return Place.SLACK
    try:
        return Place.SLACK if sources.slack and sources.slack.emoji_url(name) else Place.NOWHERE
    except RowFailed:
        return Place.SLACK  # it does not answer, and its token's line says so


def unopened(files: Iterable[FileToCome], slack: SlackFiles) -> list[str]:
    """Ask Slack for the first bytes of some files. Returns why one was not given, for each such file."""
    faults = []
    for file in files:
        try:
            url = file.url or slack.file_url(file.id)
            with closing(slack.chunks(url, size=file.size, is_page=file.is_page)) as chunks:
                next(chunks, b"")
        except PipelineError as fault:
            faults.append(str(fault))
    return faults


def _lies_here(file_id: str, raw_file: Mapping[str, Any], size: int, sources: Sources) -> bool:
    try:
        return any(place.upload(file_id, text_at(raw_file, "name"), size) for place in sources.local)
    except RowFailed:
        return False
