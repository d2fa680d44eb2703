"""How a line of spans is written in Markdown. Knows no Slack."""

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate, groupby

from mm_pipeline.render.markdown import code_span, escape_words, guarded_lines
from mm_pipeline.render.neighbours import before_another, stands_bare
from mm_pipeline.render.span import BOLD, CODE, ITALIC, NAME, READY, STRIKE, URL, WORDS, Span

_MARKS = {BOLD: "**", STRIKE: "~~"}
#: A style is dropped where code or an address holds what would end it: Mattermost looks into both.
_ENDS_STYLE = re.compile(r"[*_~]")
#: Characters that Mattermost lets stand after the `_` that closes, and "" for the end.
_AFTER_BAR = frozenset(" !\"#$%&'()*+,-./:;<=>?@[^{|}~") | {""}
_ESCAPED_BAR, _ESCAPED_STAR = "\\_", "\\*"
#: A character without width keeps marks apart that would mean something else together.
_NOTHING = "\u200b"
_NAME_GOES_ON = re.compile(r"[\w@]|[._-]+\w")
#: A line of nothing else is a rule to Mattermost.
_RULE = re.compile(r"[ ]*(?:[-*_][ ]*){3,}")


def paragraph(spans: Iterable[Span]) -> str:
    """Return the spans as Markdown, with the line breaks that stand in them."""
    lines = [(line_markdown(line), begins_with_words(line)) for line in split_lines(spans)]
    return "\n".join(guarded_lines(lines))


def split_lines(spans: Iterable[Span]) -> list[list[Span]]:
    """Return the spans line by line; a style goes on in the next line."""
    lines: list[list[Span]] = [[]]
    for span in spans:
        if "\n" not in span.text:
            if span.text:
                lines[-1].append(span)
            continue
        first, *others = span.text.split("\n")
        if first:
            lines[-1].append(Span(first, span.style, span.kind))
        lines.extend([Span(other, span.style, span.kind)] if other else [] for other in others)
    return lines


def begins_with_words(line: Sequence[Span]) -> bool:
    """Whether a line begins with what people wrote, which Mattermost could take for a mark."""
    if not line:
        return False
    first = line[0]
    return (first.kind == WORDS and (not first.style or first.text[0].isspace())) or first.text.isspace()


def line_markdown(spans: Sequence[Span]) -> str:
    """Return one line of spans as Markdown. Styles next to each other are merged, marks never stand beside blanks."""
    if len(spans) == 1 and not spans[0].style and spans[0].kind == WORDS:
        return escape_words(spans[0].text)
    line = _with_room(spans) if any(span.kind == NAME for span in spans) else spans
    out: list[str] = []
    if any(span.style for span in line):
        line = _settled(line)
        _write(line, 0, len(line), 0, _last_link_end(line), out)
    else:
        line = _merged(line)
        link_end = _last_link_end(line)
        for index in range(len(line)):
            _write_one(line, index, link_end, out)
    text = "".join(out)
    if text[:1] in ("*", "_") and _RULE.fullmatch(text):
        return "\\" + escape_words("".join(span.text for span in line).strip())  # dashes, whatever their style
    return text


def _with_room(spans: Sequence[Span]) -> list[Span]:
    """Put a blank beside a name that would otherwise become another one: `@bob` before `s` is not `@bobs`."""
    line: list[Span] = []
    for span in spans:
        if line:
            before, last = line[-1].kind, line[-1].text[-1:]
            if (span.kind == NAME and (last.isalnum() or last in ("_", "@"))) or (
                before == NAME and span.kind in (WORDS, URL) and _NAME_GOES_ON.match(span.text)
            ):
                line.append(Span(" "))
        line.append(span)
    return line


def _settled(spans: Sequence[Span]) -> list[Span]:
    """Cut blanks off styled runs, give them the style that both their sides share, and merge what is alike."""
    pieces: list[Span] = []
    for span in spans:
        text, style, kind = span.text, span.style, span.kind
        if not style or kind == NAME:
            pieces.append(span)
        elif kind != WORDS:
            plain = kind != READY and (_ENDS_STYLE.search(text) or text.isspace())
            pieces.append(Span(text, 0, kind) if plain else span)
        else:
            words = text.strip()
            start = text.find(words) if words else len(text)
            pieces += [Span(text[:start]), Span(words, style), Span(text[start + len(words) :])]
    pieces = [piece for piece in pieces if piece.text]
    styles_after = list(accumulate(reversed(pieces), _style_so_far, initial=0))[-2::-1]
    line: list[Span] = []
    for piece, after in zip(pieces, styles_after, strict=True):
        line.append(Span(piece.text, (line[-1].style if line else 0) & after) if _is_blank(piece) else piece)
    return _merged(line)


def _merged(spans: Sequence[Span]) -> list[Span]:
    """Merge words of one style that stand next to each other."""
    line: list[Span] = []
    for (is_words, style), run in groupby(spans, key=lambda span: (span.kind == WORDS, span.style)):
        alike = list(run)
        line += [Span("".join(span.text for span in alike), style)] if is_words and len(alike) > 1 else alike
    return line


def _last_link_end(line: Sequence[Span]) -> int:
    """Return the place of the last code in which a link could end that began in words before it; -1 for none."""
    return max((place for place, span in enumerate(line) if span.kind == CODE and "](" in span.text), default=-1)


def _is_blank(piece: Span) -> bool:
    return piece.kind == WORDS and not piece.style and piece.text.isspace()


def _style_so_far(style: int, piece: Span) -> int:
    return style if _is_blank(piece) else piece.style


def _write(line: Sequence[Span], start: int, end: int, done: int, link_end: int, out: list[str]) -> None:
    """Append the Markdown of line[start:end] to `out`; the styles in `done` stand around it already."""
    index = start
    while index < end:
        style, stop = _widest(line, index, end, done)
        if not style:
            _write_one(line, index, link_end, out)
            index += 1
            continue
        inner: list[str] = [_MARKS.get(style, "*")]
        _write(line, index, stop, done | style, link_end, inner)
        whole = "".join(inner)[len(inner[0]) :]
        words = whole.strip()
        start = whole.find(words)
        before = out[-1][-1:] if out and not start else ""
        after = _opening(line, stop, done) if stop < end else (_closing(done) or _opening(line, stop, 0))
        # the marks of a bold run around us do no harm
        touches = (before == "*" and (len(out) > 1 or not done)) or (after == "*" and stop < end)
        out.append(whole[:start] + _marked(style, words, before, after, touches) + whole[start + len(words) :])
        index = stop


def _widest(line: Sequence[Span], index: int, end: int, done: int) -> tuple[int, int]:
    """Return the open style of line[index] that goes on for longest, and where it ends."""
    best, best_stop = 0, index
    for style in (BOLD, ITALIC, STRIKE):
        if line[index].style & style & ~done:
            stop = index
            while stop < end and line[stop].style & style:
                stop += 1
            if stop > best_stop:
                best, best_stop = style, stop
    return best, best_stop


def _opening(line: Sequence[Span], index: int, done: int) -> str:
    """Return the first character of what will be written for line[index]."""
    if index >= len(line):
        return ""
    span = line[index]
    styles = span.style & ~done
    if styles:
        return "*" if styles & (BOLD | ITALIC) else "~"
    if span.kind == WORDS:
        return "\\" if span.text[0] in "\\`*_~" else span.text[0]
    return "`" if span.kind == CODE else span.text[0]


def _closing(done: int) -> str:
    return "*" if done & (BOLD | ITALIC) else "~" if done else ""


def _marked(style: int, inner: str, before: str, after: str, touches: bool) -> str:
    """Return a styled run. `touches`: whether stars that are not around it stand beside it."""
    if style == STRIKE:
        inner = inner.replace("\\~", "&#126;")
    if style != ITALIC:
        return f"{_MARKS[style]}{inner}{_MARKS[style]}"
    star_fits = not touches and "*" not in inner and inner[0] not in '"<'
    if star_fits and before != "*" and after != "*":
        return f"*{inner}*"
    # `_` only opens after, and closes before, what is no part of a word; ASCII is what Mattermost goes by.
    bar_fits = not (before.isascii() and before.isalnum()) and after in _AFTER_BAR and inner[1:2] != "_"
    if bar_fits and _ESCAPED_BAR not in inner:
        return f"_{inner}_"
    if star_fits:
        return f"*{inner}*"
    if bar_fits:
        return f"_{inner.replace(_ESCAPED_BAR, '&#95;')}_"
    inner = inner.replace(_ESCAPED_STAR, "&#42;")
    return f"{_NOTHING}*{_NOTHING}{inner}{_NOTHING}*{_NOTHING}"


def _write_one(line: Sequence[Span], index: int, link_end: int, out: list[str]) -> None:
    span = line[index]
    text, kind = span.text, span.kind
    after = line[index + 1] if index + 1 < len(line) else None
    if kind == WORDS:
        words = before_another(text, span.style, after) if after else escape_words(text)
        if index < link_end and "[" in words and "](" not in words:
            words = words.replace("[", "\\[")  # or it begins a link that ends in the code
        out.append(words)
        return
    before = out[-1][-1:] if out else ""
    if kind == CODE:
        out.append(code_span(text) if before != "`" else " " + code_span(text))
    elif kind == READY:
        if text[0] == "[" and before == "!":
            out[-1] = out[-1][:-1] + "\\!"
        out.append(text)
    elif kind == NAME:
        out.append(text)
    else:
        out.append(text if stands_bare(span, before, after) else f"<{text}>")
