"""What keeps words and addresses apart from the span that follows them. Writes no style."""

import re

from mm_pipeline.render.markdown import bare_address, escape_words
from mm_pipeline.render.span import WORDS, Span

_URL_ENDS = re.compile(r"[.,;:!?'\"\]>]*(?:[\s)]|$)")
#: What Mattermost links whole when it stands bare: no last character or unpaired bracket that it would leave out.
_WHOLE_URL = re.compile(
    r"(?:[^\s`!()\[\]{;:'\",<>?«»“”‘’|\\\uff01-\uffee]|[!\[\];:'\",?](?=[^\s()<>])|\([^\s()<>]*\))+"
)
_URL_BEGINS = re.compile(r"https?://|www\d{0,3}\.")
#: From there on: what Mattermost would take for the address, and what stands behind it up to the end.
_URL_AT_END = re.compile(
    r"((?:https?://|www\d{0,3}\.)(?:[^\s<>]*[^\s<>.,;:!?'\"()\[\]*_~])?)((?:[<>.,;:!?'\"()\[\]*_~]\S*)?)$"
)
_URL_LAST = frozenset("?!.,:*_~'\"")
_ENTITIES = {"<": "&lt;", "\\": "&#92;"}


def before_another(text: str, style: int, after: Span) -> str:
    """Return words that another span follows: no `<`, backslash or address at their end may take it in."""
    words = text.rstrip("<\\")
    entities = "".join(_ENTITIES[rune] for rune in text[len(words) :])
    goes_on = not entities and after.kind == WORDS and (after.style == style or after.text[0].isspace())
    if not goes_on and ("://" in words or "www" in words) and (match := _url_at_end(words)):
        before = words[: match.start()]
        return f"{escape_words(before)}{bare_address(match[1], before[-1:])}{escape_words(match[2])}{entities}"
    return escape_words(words) + entities


def _url_at_end(words: str) -> re.Match[str] | None:
    last = "" if words[-1:].isspace() else words.rsplit(None, 1)[-1]
    begins = _URL_BEGINS.search(words, len(words) - len(last)) if last else None
    return _URL_AT_END.match(words, begins.start()) if begins else None


def stands_bare(span: Span, before: str, after: Span | None) -> bool:
    """Whether an address needs no brackets: Mattermost links just what it is."""
    if "://" not in span.text or "<" in span.text or ">" in span.text or " " in span.text:
        return True
    if before.isalnum() or not _WHOLE_URL.fullmatch(span.text) or span.text[-1] in _URL_LAST:
        return False
    if after is None:
        return True
    return after.kind == WORDS and not after.style & ~span.style and bool(_URL_ENDS.match(after.text))
