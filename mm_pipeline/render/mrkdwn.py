"""Slack's mrkdwn (`*bold*`, `<@U1>`, `&gt;`) -> Markdown. Knows nothing of messages or blocks."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

import msgspec

from mm_pipeline.render.emoji import emoji_text, is_other
from mm_pipeline.render.emphasis import emphases
from mm_pipeline.render.line import begins_with_words, line_markdown, paragraph
from mm_pipeline.render.lookups import Lookups
from mm_pipeline.render.markdown import code_block, guarded_item, guarded_lines, quote
from mm_pipeline.render.references import reference, without_token
from mm_pipeline.render.span import BOLD, CODE, ITALIC, READY, STRIKE, Span

#: What is neither words nor emphasis. Found in one pass, so that no rule looks into code or an address.
_TOKEN = re.compile(
    r"```(?P<fence>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|<(?P<reference>[^<>]+)>"
    r"|:(?P<emoji>[^\s:<>`*~]{1,100}):(?::skin-tone-(?P<tone>[2-6]):)?",
    re.DOTALL,
)
_EMOJI = re.compile(r":(?P<emoji>[^\s:<>`*~]{1,100}):(?::skin-tone-(?P<tone>[2-6]):)?")
_STYLES = {"*": BOLD, "_": ITALIC, "~": STRIKE}
_REFERENCE = re.compile(r"<([^<>\n]+)>")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9.+-]*:\S")
_MARKUP = re.compile(r"[<`*_~:&•◦▪\x00\x01\r]")

#: Stand for a token until emphasis is found. Slack's texts hold no control characters; where they do, they go.
_INLINE, _FENCE = "\x00", "\x01"
_PLACES = re.compile("[\x00\x01]")

#: How Slack writes the lists of its editor into `text`: four blanks per level.
_NUMBERED = re.compile(r"[ \t]{0,3}\d{1,9}\.[ \t]")
_LIST_ITEM = re.compile(r"([ \t]*)[•◦▪]\ufe0e?[ \t]+")


def mrkdwn(text: str, lookups: Lookups) -> str:
    """Return Slack's `text` as Markdown. Entities are undone once, after `<...>` was read; code is left alone."""
    if not _MARKUP.search(text):
        return paragraph([Span(text)])
    text = _PLACES.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    spans: list[Span] = []
    fences: list[str] = []
    marked = _TOKEN.sub(lambda match: _place(match, lookups, spans, fences), text)
    return _joined(_lines(marked, iter(spans), iter(fences)))


def plain_text(text: str, lookups: Lookups) -> str:
    """Return Slack's plain text, in which nothing but emoji means more than it says, as Markdown."""
    spans: list[Span] = []
    marked = _EMOJI.sub(lambda match: _place(match, lookups, spans, []), _PLACES.sub("", unescaped(text)))
    return paragraph(_with_tokens(marked, 0, iter(spans)))


def plain(text: str, lookups: Lookups) -> str:
    """Return Slack's `text` as it reads inside code: references by their names, entities undone, no Markdown."""
    return unescaped(_REFERENCE.sub(lambda match: _named(match, lookups), text) if "<" in text else text)


def _named(match: re.Match[str], lookups: Lookups) -> str:
    target, _, label = match[1].partition("|")
    if target[:1] in "@#!":
        span = reference(match[1], lookups)
        return span.text if span else match[0]
    if not _SCHEME.match(target):
        return match[0]
    target = without_token(target)
    if not label:
        return target.removeprefix("mailto:")
    return label if target.endswith(label) else f"{label} ({target})"


def unescaped(text: str) -> str:
    """Undo Slack's three entities, once."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") if "&" in text else text


def _place(match: re.Match[str], lookups: Lookups, spans: list[Span], fences: list[str]) -> str:
    """Put a token aside and return what stands for it; what turns out to be none stays."""
    kind = match.lastgroup
    if kind == "fence":
        code = plain(match["fence"], lookups)
        if not code.strip():
            return match[0]
        fences.append(code.strip("\n").rstrip())
        return _FENCE
    if kind == "code":
        if match["code"].isspace():
            return match[0]
        spans.append(Span(plain(match["code"], lookups), 0, CODE))
        return _INLINE
    if kind == "reference":
        found = reference(unescaped(match["reference"]), lookups)
        spans.append(found or Span(unescaped(match[0])))
        return _INLINE
    name, tone = match["emoji"], match["tone"] or ""
    if not is_other(name, tone, lookups.emoji):
        return match[0]
    spans.append(Span(emoji_text(name, tone, lookups.emoji), 0, READY))
    return _INLINE


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    is_quote: bool
    is_words: bool  #: begins with what people wrote, not with a mark of ours
    is_item: bool = False


def _lines(marked: str, spans: Iterator[Span], fences: Iterator[str]) -> Iterator[_Line]:
    """Yield the lines of a text in which tokens are put aside. `>>>` quotes all that follows, `>` its own line."""
    all_quoted, levels = False, _Levels()
    for line in marked.split("\n"):
        is_quote = all_quoted
        if not all_quoted and line.startswith("&gt;"):
            is_quote, all_quoted = True, line.startswith("&gt;&gt;&gt;")
            line = line.removeprefix("&gt;&gt;&gt;" if all_quoted else "&gt;").removeprefix(" ")
        if item := _LIST_ITEM.match(line):
            indent = "    " * levels.depth_of(len(item[1].expandtabs(4)) // 4)
            for text in _item(line[item.end() :], spans, fences):
                yield _Line(text=indent + text, is_quote=is_quote, is_words=False, is_item=True)
            continue
        levels = _Levels(parent=bool(_NUMBERED.match(line)))
        for index, part in enumerate(line.split(_FENCE)):
            if index:
                yield _Line(text=code_block(next(fences)), is_quote=is_quote, is_words=False)
            if part.strip() or part == line:
                pieces = list(_emphasised(part.strip() if part != line else part, 0, spans))
                yield _Line(text=line_markdown(pieces), is_quote=is_quote, is_words=begins_with_words(pieces))


class _Levels:
    """How deep the items of a list stand: none more than one level below the one before it, or it would be code."""

    def __init__(self, *, parent: bool = False) -> None:
        self._depth = 0 if parent else -1  # a numbered line above is a list of its own
        self._first: int | None = 0 if parent else None

    def depth_of(self, level: int) -> int:
        if self._first is None:
            self._first = level
        self._depth = min(max(level - self._first, 0), self._depth + 1)
        return self._depth


def _item(text: str, spans: Iterator[Span], fences: Iterator[str]) -> Iterator[str]:
    """Yield the lines of a list's item; code in it stands on lines of its own."""
    for index, part in enumerate(text.split(_FENCE)):
        if index:
            yield from ("  " + line for line in code_block(next(fences)).split("\n"))
        if part.strip() or not index:
            words = line_markdown(list(_emphasised(part.strip() if index else part, 0, spans)))
            yield f"  {words}" if index else f"- {guarded_item(words)}"


def _emphasised(text: str, style: int, spans: Iterator[Span]) -> Iterator[Span]:
    position = 0
    for mark, start, end in emphases(text):
        yield from _with_tokens(text[position:start], style, spans)
        if style & _STYLES[mark]:
            yield from _with_tokens(text[start + 1 : end], style, spans)
        else:
            yield from _emphasised(text[start + 1 : end], style | _STYLES[mark], spans)
        position = end + 1
    yield from _with_tokens(text[position:], style, spans)


def _with_tokens(text: str, style: int, spans: Iterator[Span]) -> Iterator[Span]:
    for index, part in enumerate(text.split(_INLINE)):
        if index:
            span = next(spans)
            yield Span(span.text, style | span.style, span.kind)
        if part:
            yield Span(unescaped(part), style)


def _joined(lines: Iterable[_Line]) -> str:
    """Join lines; one blank line ends a quote or a list, which would swallow the next line otherwise."""
    parts: list[str] = []
    ended = ""
    for is_quote, group in groupby(lines, key=lambda line: line.is_quote):
        pairs: list[tuple[str, bool]] = []
        was_item = False
        for line in group:
            if was_item and not line.is_item and line.text:
                pairs.append(("", False))
            pairs.append((line.text, line.is_words))
            was_item = line.is_item
        text = "\n".join(guarded_lines(pairs))
        parts.append(quote(text) if is_quote else (ended and text.strip("\n")) or text)
        ended = "\n" if is_quote else ""
        parts.append("\n" + ended)
    return "".join(parts).strip("\n")
