"""What a post says of a Slack file whose bytes do not hang on it. Fetches nothing, and shows no token."""

import re
from collections.abc import Iterable
from html import unescape

from mm_pipeline.render.line import paragraph
from mm_pipeline.render.markdown import code_block, escape_label, escape_words, link, quote
from mm_pipeline.render.references import without_token
from mm_pipeline.render.span import Span
from mm_pipeline.values import Json, number_at, text_at

_UNITS = ("bytes", "KB", "MB", "GB", "TB")
#: Ours, not Slack's: what `file_access` says of a file that Mattermost would not take.
TOO_LARGE = "too_large"
#: Ours, too: of a file that was chosen to be left out.
LEFT_OUT = "left_out"
#: Why there are no bytes, by `mode` and by `file_access` (facts: slack-export-shapes.md 36-37).
_REASONS = {
    "hidden_by_limit": "hidden by Slack's plan limit",
    "tombstone": "deleted in Slack",
    "external": "kept outside of Slack",
    "file_not_found": "deleted in Slack",
    "access_denied": "not accessible in Slack",
    "check_file_info": "shared from another workspace",
    TOO_LARGE: "larger than this server takes",
    LEFT_OUT: "left out when this was moved here",
}
#: What Slack calls files that are no files.
_KINDS = {"quip": "canvas", "canvas": "canvas", "space": "post", "docs": "post", "list": "list", "snippet": "snippet"}
_NAMELESS = frozenset({"", "____________", "-"})
_PREVIEW_RUNES = 4000
#: Posts are kept as HTML. What ends a line of theirs.
_TAGS = re.compile(r"(?:<[^<>]*>\s*)+")


def lost_files_text(files: Iterable[Json]) -> str:
    """Return one line per file: what it was, where it is, why it is not here; of snippets and posts also their text."""
    texts = [lost_file_line(file) + _preview(file) for file in files]
    return "".join(text + ("\n\n" if "\n" in text else "\n") for text in texts).rstrip("\n")


def lost_file_line(file: Json) -> str:
    """Return what a file was, where it is, and why it is not here."""
    mode, access = text_at(file, "mode"), text_at(file, "file_access")
    return f"{file_line(file)} – {_REASONS.get(mode) or _REASONS.get(access) or 'not part of the export'}"


def file_line(file: Json) -> str:
    """Return name, kind, size and link of a file in one line."""
    title, name = text_at(file, "title"), text_at(file, "name")
    if name in _NAMELESS:
        title, name = "", title
    words = name or title or text_at(file, "id") or "without a name"
    url = _address(file)
    shown = link(escape_label(words), url) if url else escape_words(" ".join(words.split()))
    if title and title not in (name, words) and not name.startswith(title + "."):
        shown += f", {escape_words(' '.join(title.split()))}"
    known = [text for text in (_size(number_at(file, "size")), text_at(file, "external_type")) if text]
    about = f" ({escape_words(', '.join(known))})" if known else ""
    return f"{_kind(file).capitalize()}: {shown}{about}"


def _preview(file: Json) -> str:
    """Return the beginning of a snippet or post as Slack showed it below the message."""
    kind, preview = _kind(file), text_at(file, "preview", "plain_text").strip("\n")
    if kind not in _KINDS.values() or not preview.strip():
        return ""
    if kind == "post":
        lines = unescape(_TAGS.sub("\n", preview)).split("\n")
        return "\n" + quote(paragraph([Span("\n".join(line.strip() for line in lines if line.strip()))]))
    return "\n" + code_block(preview[:_PREVIEW_RUNES], text_at(file, "filetype"))


def _kind(file: Json) -> str:
    return _KINDS.get(text_at(file, "mode")) or _KINDS.get(text_at(file, "filetype")) or "file"


def _address(file: Json) -> str:
    """Return where people can look: an external file's own address, else Slack's page of it."""
    keys = ("url_private", "external_url") if file.get("is_external") or file.get("mode") == "external" else ()
    url = text_at(file, *keys, "permalink")
    return without_token(url) if url.startswith(("https://", "http://")) else ""


def _size(size: int) -> str:
    if size <= 0:
        return ""
    amount = float(size)
    for unit in _UNITS:
        if amount < 1000 or unit == _UNITS[-1]:
            return f"{amount:.0f} {unit}" if unit == "bytes" or amount >= 10 else f"{amount:.1f} {unit}"
        amount /= 1000
    return ""
