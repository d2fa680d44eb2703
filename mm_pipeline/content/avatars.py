"""A person's or bot's own picture: found, and made the square that Mattermost shows. Whoever has none stays without."""

import io
from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from PIL import Image, ImageOps

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.content.pictures import opened
from mm_pipeline.content.sources import Sources
from mm_pipeline.content.store import ContentStore, Stored
from mm_pipeline.errors import Retryable, RowFailed, RowSkipped
from mm_pipeline.values import object_at, text_at

#: Pixels of a side: what the server makes of any picture that it is given (AdjustImage in app/user.go, 9.9 and 11.4).
SIDE = 128
_SOURCE_MAX = 10 << 20
#: Slack's sizes, first those that the person has cut to a square; the original, which nobody cut, last.
_SIZES = ("image_512", "image_192", "image_1024", "image_72", "image_48", "image_original")
#: Where pictures lie that nobody chose: Gravatar's, which fall back to one of Slack's own drawings, and those drawings.
_GENERATED = ("gravatar.com", ".gravatar.com", ".wp.com", "a.slack-edge.com")
#: Times in a row that nobody answered, for as long as http.py waits, from which on no further picture is asked for.
_GIVE_UP = 3


class Avatars:
    """The pictures of one workspace's people. Safe for threads."""

    def __init__(self, sources: Sources, store: ContentStore) -> None:
        self._sources = sources
        self._store = store
        self._lock = Lock()
        self._unanswered = 0

    def of(self, raw_user: Mapping[str, Any]) -> Stored | None:
        """Bring somebody's picture into the store, as a PNG of SIDE x SIDE pixels; None where there is none to be had.

        `raw_user` is Slack's user object. From the export, else from Slack's hosts. Raises AbortRun where the disk is full.
        """
        for source in self._sources_of(raw_user):
            try:
                return _square(self._store.put(source, _SOURCE_MAX), self._store)
            except (RowFailed, RowSkipped) as error:
                backend_logger.debug("the picture of %s could not be had: %s", raw_user.get("id"), error)
        return None

    def _sources_of(self, raw: Mapping[str, Any]) -> Iterator[Iterator[bytes]]:
        profile = object_at(raw, "profile")
        for place in self._sources.local:
            # image_path: what slack-advanced-exporter's pull request 37 writes, and mmetl's 57 reads.
            entries = (place.avatar(text_at(raw, "id")), place.entry(text_at(profile, "image_path")))
            yield from (place.chunks(entry) for entry in entries if entry)
        if self._sources.slack:
            yield from map(self._fetched, addresses(profile))

    def _fetched(self, url: str) -> Iterator[bytes]:
        assert self._sources.slack
        if self._unanswered >= _GIVE_UP:
            raise RowFailed("Slack's pictures cannot be reached: no further one is asked for")
        try:
            yield from self._sources.slack.chunks(url)
        except (RowFailed, RowSkipped) as error:
            self._note(answered=not isinstance(error.__cause__, Retryable))
            raise
        self._note(answered=True)

    def _note(self, *, answered: bool) -> None:
        with self._lock:
            if self._unanswered >= _GIVE_UP:
                return
            self._unanswered = 0 if answered else self._unanswered + 1
            if self._unanswered == _GIVE_UP:
                backend_logger.warning("Slack's pictures of people cannot be reached: those left stay without")


def addresses(profile: Mapping[str, Any]) -> list[str]:
    """Return where the picture of a Slack profile lies, best first; none where Slack or Gravatar only drew one."""
    if profile.get("is_custom_image") is False or text_at(profile, "avatar_hash").startswith("g"):
        return []  # in two real exports all 71 people with a Gravatar have such a hash, and none of the 18 others
    icons = object_at(profile, "icons")  # of a bot that only messages know
    found = [*(text_at(profile, size) for size in _SIZES), *(text_at(icons, size) for size in ("image_72", "image_48"))]
    return [url for url in dict.fromkeys(found) if url.startswith(("https://", "http://")) and not _is_generated(url)]


def _is_generated(url: str) -> bool:
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return True
    return any(host.endswith(one) if one.startswith(".") else host == one for one in _GENERATED)


def _square(stored: Stored, store: ContentStore) -> Stored:
    """Make the picture anew, whatever it was: what the server's own decoder cannot read would cost the account."""
    with opened(store.path(stored.sha256)) as image:
        upright = ImageOps.exif_transpose(image)
        made = ImageOps.fit(upright.convert("RGBA"), (SIDE, SIDE), Image.Resampling.LANCZOS)
        is_opaque = made.getchannel("A").getextrema() == (255, 255)
        out = io.BytesIO()
        (made.convert("RGB") if is_opaque else made).save(out, "PNG", optimize=True)
    return store.put([out.getvalue()], _SOURCE_MAX)
