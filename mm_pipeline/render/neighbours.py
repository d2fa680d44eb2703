"""What keeps words and addresses apart from the span that follows them. Writes no style."""

import re

from mm_pipeline.render.markdown import bare_address, escape_words
from mm_pipeline.render.span import READY, WORDS, Span

_URL_ENDS = re.compile(r"[.,;:!?'\"\]>]*(?:[\s)]|$)")
#: What Mattermost links whole when it stands bare: no last character or unpaired bracket that it would leave out.
_WHOLE_URL = re.compile(
    r"(?:[^\s`!()\[\]{;:'\",<>?«»“”‘’|\\\uff01-\uffee]|[!\[\];:'\",?](?=[^\s()<>])|\([^\s()<>]*\))+"
)
_URL_AT_END = re.compile(
    r"((?:https?://|www\d{0,3}\.)(?:[^\s<>]*[^\s<>.,;:!?'\"()\[\]*_~])?)((?:[<>.,;:!?'\"()\[\]*_~]\S*)?)$"
)
_URL_LAST = frozenset("?!.,:*_~'\"")
_ENTITIES = {"<": "&lt;", "\\": "&#92;"}


def before_another(text: str, style: int, after: Span) -> str:
    """Return words that another span follows: no `<`, backslash or address at their end may take it in."""
    if entity := _ENTITIES.get(text[-1]):
        return (before_another(text[:-1], style, Span(entity, kind=READY)) if text[:-1] else "") + entity
    goes_on = after.kind == WORDS and (after.style == style or after.text[0].isspace())
    if not goes_on and ("://" in text or "www" in text) and (match := _URL_AT_END.search(text)):
        before = text[: match.start()]
        return f"{escape_words(before)}{bare_address(match[1], before[-1:])}{escape_words(match[2])}"
    return escape_words(text)


def stands_bare(span: Span, before: str, after: Span | None) -> bool:
    """Whether an address needs no brackets: Mattermost links just what it is."""
    if "://" not in span.text or "<" in span.text or ">" in span.text or " " in span.text:
        return True
    if before.isalnum() or not _WHOLE_URL.fullmatch(span.text) or span.text[-1] in _URL_LAST:
        return False
    if after is None:
        return True
    return after.kind == WORDS and not after.style & ~span.style and bool(_URL_ENDS.match(after.text))
