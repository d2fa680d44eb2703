"""Where the bytes of a Slack file can be had, and the fetching of one. Writes no row: the caller does, by the error."""

from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from typing import Any

from mm_pipeline.content.local_files import LocalFiles
from mm_pipeline.content.slack_files import SlackFiles, url_of
from mm_pipeline.content.store import ContentStore, Stored, too_large
from mm_pipeline.errors import RowFailed, RowSkipped, SkipReason
from mm_pipeline.values import text_at

__all__ = ["LocalFiles", "SlackFiles", "Sources", "fetch_file"]

#: How the detail begins of a file that nobody can bring: there are no bytes of it in Slack.
OUTSIDE = "it lies outside Slack"
#: What Slack says of files that have no bytes to fetch, by `mode`; the field says where to look instead.
_NO_BYTES: dict[str, tuple[SkipReason, str]] = {
    "hidden_by_limit": (SkipReason.HIDDEN_BY_LIMIT, ""),
    "tombstone": (SkipReason.DELETED_IN_SLACK, ""),
    "external": (SkipReason.NO_BYTES, f"{OUTSIDE}: its link stays in the message"),
}
#: Modes whose bytes are pages that Slack makes when asked: their `size` is not the page's.
_PAGES = frozenset({"quip", "canvas", "space", "post", "email", "list"})
_HTML = frozenset({"text/html", "html", "htm"})
#: What Slack's sign-in page has and a canvas has not.
_SIGN_IN = (b"/signin", b"sign_in", b"?redir=")
#: Files remembered by id, so that one shared in many messages is fetched once per run.
_REMEMBERED = 4096


class Sources:
    """The export's own bytes first, then those of further exports, those downloaded before (SLACK_FILES), and Slack's."""

    def __init__(
        self,
        *,
        export: LocalFiles | None = None,
        further: Sequence[LocalFiles] = (),
        downloads: LocalFiles | None = None,
        slack: SlackFiles | None = None,
    ) -> None:
        self.local = [place for place in (export, *further, downloads) if place]
        self.slack = slack
        self._fetched: dict[str, Stored] = {}
        self._lock = Lock()

    def remembered(self, file_id: str) -> Stored | None:
        """Return what was fetched for this file id before, if it is not long ago."""
        return self._fetched.get(file_id)

    def remember(self, file_id: str, stored: Stored) -> None:
        """Keep what was fetched for this file id."""
        with self._lock:
            if len(self._fetched) >= _REMEMBERED:
                self._fetched.pop(next(iter(self._fetched)))
            self._fetched[file_id] = stored


def has_no_bytes(raw_file: Mapping[str, Any]) -> bool:
    """Whether Slack says that a file has no bytes to fetch: deleted, hidden by its plan, kept outside of it."""
    return text_at(raw_file, "mode") in _NO_BYTES or raw_file.get("is_external") is True


def size_of(raw_file: Mapping[str, Any]) -> int:
    """Return the size (bytes) that Slack promises, 0 where it promises none."""
    return _size(raw_file, text_at(raw_file, "mode"))


def is_page(raw_file: Mapping[str, Any]) -> bool:
    """Whether a file is HTML itself: any other page that comes is Slack's way of asking to sign in."""
    is_html = text_at(raw_file, "mimetype") in _HTML or text_at(raw_file, "filetype") in _HTML
    return is_html or text_at(raw_file, "mode") in _PAGES


def fetch_file(raw_file: Mapping[str, Any], sources: Sources, store: ContentStore, max_bytes: int) -> Stored:
    """Bring a file's bytes into the store: from this machine, else from Slack, checked against Slack's `size` (bytes).

    `raw_file` is Slack's file object, `max_bytes` what the server takes. Raises RowSkipped with a reason of the closed
    list where there is nothing to be had, RowFailed where it could be had but was not: the text says what to do.
    """
    file_id, mode = text_at(raw_file, "id"), text_at(raw_file, "mode")
    size = _size(raw_file, mode)
    if has_no_bytes(raw_file):
        reason, detail = _NO_BYTES.get(mode, _NO_BYTES["external"])
        raise RowSkipped(reason, detail)
    if size > max_bytes:
        raise too_large(size, max_bytes)
    if file_id and (stored := sources.remembered(file_id)) and store.size(stored.sha256) == stored.size <= max_bytes:
        return stored
    stored = _fetched(raw_file, file_id, mode, size, sources, store, max_bytes)
    if file_id:
        sources.remember(file_id, stored)
    return stored


def _fetched(
    raw_file: Mapping[str, Any],
    file_id: str,
    mode: str,
    size: int,
    sources: Sources,
    store: ContentStore,
    max_bytes: int,
) -> Stored:
    fault: RowFailed | None = None
    for place in sources.local:
        try:
            if entry := place.upload(file_id, text_at(raw_file, "name"), size):
                return _whole(store.put(place.chunks(entry), max_bytes), size, place.name)
        except RowFailed as broken:
            fault = broken  # the next may still have it whole
    if sources.slack is None:
        raise fault or RowSkipped(
            SkipReason.NO_BYTES,
            "the export does not hold them. Set SLACK_TOKEN to fetch them from Slack, or SLACK_FILES to where they were "
            "downloaded to, and run `mm-pipeline retry`",
        )
    url = url_of(raw_file) or (sources.slack.file_url(file_id) if file_id else "")
    if not url:
        raise fault or RowSkipped(SkipReason.NO_BYTES, "the export names no address for it")
    chunks = sources.slack.chunks(url, size=size, is_page=is_page(raw_file))
    stored = _whole(store.put(_bounded(chunks, size), max_bytes), size, "Slack")
    if is_page(raw_file) and not size and _asks_to_sign_in(store, stored):
        raise RowFailed(
            "Slack's sign-in page came instead of it: SLACK_TOKEN must be valid, have the scope files:read and see the "
            "conversation. Then `mm-pipeline retry`"
        )
    return stored


def _asks_to_sign_in(store: ContentStore, stored: Stored) -> bool:
    with store.path(stored.sha256).open("rb") as file:
        head = file.read(1 << 16).lower()
    return b"slack" in head and any(mark in head for mark in _SIGN_IN)


def _whole(stored: Stored, size: int, source: str) -> Stored:
    if size and stored.size != size:
        raise RowFailed(
            f"{stored.size:,} bytes came from {source}, {size:,} were promised: not the file. `mm-pipeline retry` "
            "fetches it again"
        )
    return stored


def _bounded(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Stop a stream that brings more than was promised: it is not the file, however long it goes on."""
    seen = 0
    for chunk in chunks:
        seen += len(chunk)
        yield chunk
        if size and seen > size:
            return


def _size(raw_file: Mapping[str, Any], mode: str) -> int:
    """Return the size that Slack promises, 0 where it promises none."""
    size = raw_file.get("size")
    return size if isinstance(size, int) and size > 0 and mode not in _PAGES else 0
