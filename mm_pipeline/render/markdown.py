"""Markdown as Mattermost reads it: escaping, code, links, quotes. Knows no Slack.

The rules are those of Mattermost's own library (github.com/mattermost/marked, lib/marked.js), where they differ from
CommonMark: `<` and `=` cannot be escaped, a backslash before a letter is a backslash, a list goes on over blank lines
whatever its bullets, `_` counts as inside a word only after an ASCII letter or digit.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

#: Texts without any of these need no look at all.
_SUSPECTS = re.compile(r"[\\`*_~&<\]]")

#: `<address>` is shown without its brackets. First it is seen whether it is closed at all.
_BRACKETED_ADDRESS = r"<(?=[^ >]{3,602}+>)(?:[^ >]{1,300}?(?:@|:/)|www\d{0,3}\.)[^ >]{1,300}+>"
#: What Mattermost takes whole, without looking for escapes inside: tags (shown as they stand), comments.
_TAG = r"""
    </?[a-zA-Z][\w:-]*(?:\s+[a-zA-Z:_][\w.:-]*(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*\s*/?>
    | <!--.{0,300}?--> | <\?.{0,300}?\?> | <![a-zA-Z]+\s[^>]{0,300}>
"""
_ESCAPES = rf"""
    | (?P<backslash> \\ (?=[\\`*{{}}\[\]()\#+\-.!_>|~]) )
    | (?P<address> {_BRACKETED_ADDRESS} )
    | (?P<as_it_is> (?<=[A-Za-z0-9])_+(?=[^\W_]) | (?<=\S[ ])\*(?=\s) | {_TAG} )
    | (?P<entity> & (?=\#?\w+;) )
    | [`*_] | ~(?=~) | (?<=~)~
"""
_WORDS = re.compile(
    # before 11.5, `\]` does not keep a bracket from ending a label; `\(` always keeps an address from beginning
    rf"(?P<url> (?:https?://|www\.)(?:[^\s`<>*~\]]|[*~](?=\w))+ ) {_ESCAPES} | (?<=\])\(",
    re.VERBOSE | re.DOTALL,
)
_LABEL = re.compile(rf"(?P<url> (?!) ) {_ESCAPES} | [\[\]]", re.VERBOSE | re.DOTALL)

_PAIRED = re.compile(r"(?:[^\[\]]|\[[^\[\]]*\](?!\())*")

#: What may follow an address in words without becoming a part of it.
_URL_ENDS = re.compile(r"[.,;:!?'\"]*(?:[\s)]|$)")

#: First characters of lines that may be more than words to Mattermost. To it, tabs and U+00A0 are blanks.
_LINE_SUSPECTS = frozenset("#>+-=|:[0123456789 \t\u00a0")
_BLANK = "[ \t\u00a0]"
_NUMBERED = re.compile(rf"{_BLANK}*(\d+)\.{_BLANK}", re.ASCII)
#: A list to the mobile apps only, so it stays words to both.
_BRACKETED = re.compile(rf"{_BLANK}*\d{{1,9}}(?=\)(?:{_BLANK}|$))", re.ASCII)
_BULLET = re.compile(rf"{_BLANK}*-{_BLANK}")
_HEADING_QUOTE_PLUS = re.compile(rf"{_BLANK}*(?:#{{1,6}}(?:{_BLANK}|$)|>|\+{_BLANK})")
_RULE = re.compile(rf"{_BLANK}*(?:-(?={_BLANK}*-)[- \t\u00a0]*+|-[=-]+{_BLANK}*)")
_UNDERLINE = re.compile(rf"{_BLANK}*=[=-]+{_BLANK}*")
_TABLE_RULE = re.compile(r"(?=[^-]*-)(?=[^|]*\|)[ \t\u00a0:|-]*+")
#: Its name may go on in the next lines.
_DEFINITION = re.compile(rf"{_BLANK}*\[(?:[^\]]+\]:|[^\]]*$)")

#: A line that takes the next one in, and one that needs an empty line before it.
_TAKES_IN = re.compile(r"[ ]*(?:>|[-+] |\d+\. |\|)|[ ]{4}")
_STANDS_ALONE = re.compile(r"\||-{3,}$")
_IS_BLOCK = re.compile(r"[>|#]|`{3}|-{3}|[-+] |\d+\. |[ ]{4}")
_BACKTICKS = re.compile(r"`+")
_URL_ENCODED = {ord(rune): f"%{ord(rune):02X}" for rune in ' "<>*\\`\n\t'} | {ord("\r"): ""}
_FENCE = re.compile(r"(`{3,})[^`]*")
_PIPED_CODE = re.compile(r"(?<!`)(`+)(?!`)([^`|]*\|[^`]*)\1(?!`)")
#: Cells up to which short rows of a table are filled up: a row of ten thousand must not make ten thousand of all others.
_PADDED = 100
_LANGUAGE = re.compile(r"[\w+#.-]{1,40}")


def escape_words(text: str) -> str:
    """Return words as they are to be read, with a backslash only where Mattermost would read something else."""
    return _WORDS.sub(_escaped, text) if _SUSPECTS.search(text) else text


def escape_label(text: str) -> str:
    """Return words that stand between the brackets of a link."""
    label = _LABEL.sub(_escaped, " ".join(text.split()))
    if "[" in label or "]" in label:
        # before 11.5, an escaped bracket counts as much as any other: only pairs do no harm in a label
        return label if _PAIRED.fullmatch(label) else label.replace("\\[", "&#91;").replace("\\]", "&#93;")
    return label


def _escaped(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind == "as_it_is":
        return match[0]
    if kind == "url":
        is_whole = match[0][-1] not in "*_~" and _URL_ENDS.match(match.string, match.end())
        before = match.string[match.start() - 1 : match.start()]
        return match[0] if is_whole else bare_address(match[0], before)
    if kind == "address":
        address = match[0][1:-1]
        return f"&lt;{bare_address(address) if '/' in address or address.startswith('www') else address}>"
    return "&amp;" if kind == "entity" else "\\" + match[0]


def bare_address(url: str, before: str = "") -> str:
    """Return an address that ends where it ends, whatever follows. The mobile apps take no `<www.fjord.example>`."""
    return f"<{url}>" if "://" in url or before in ("!", "\\") else link(escape_label(url), f"http://{url}")


def guarded_lines(lines: Iterable[tuple[str, bool]]) -> Iterator[str]:
    """Yield lines that cannot become a heading, quote, rule, table or wrong number.

    In: (line, whether it begins with words). Lines that people began with `- ` or `1. ` stay lists, as long as
    Mattermost counts as they did.
    """
    last: int | None = None  # the number of the list that goes on, 0 = bullets, None = no list
    for line, is_words in lines:
        if not line or line.isspace():
            yield ""
            continue
        if not is_words or line[0] not in _LINE_SUSPECTS:
            last = None
            yield line
            continue
        line = _unindented(line)
        mark = ""
        if match := _NUMBERED.match(line):
            number = int(match[1]) if len(match[1]) <= 9 else 0
            if number and (last is None or number == last + 1 > 1):
                mark, last = match[0], number
            else:
                line, last = f"{line[: match.end(1)]}\\{line[match.end(1) :]}", None
        elif (match := _BULLET.match(line)) and not _RULE.fullmatch(line):
            if last:
                line, last = line.replace("-", "\\-", 1), None
            else:
                mark, last = match[0], 0
        else:
            line, last = _guarded(line), None
        yield mark + guarded_item(line[len(mark) :]) if mark else line


def guarded_item(text: str) -> str:
    """Return the first line of a list's item, which must not begin with a mark of its own."""
    if not text or text[0] not in _LINE_SUSPECTS:
        return text
    if match := _NUMBERED.match(text):
        return f"{text[: match.end(1)]}\\{text[match.end(1) :]}"
    return text.replace("-", "\\-", 1) if _BULLET.match(text) else _guarded(text)


def _unindented(line: str) -> str:
    """Return the line without an indentation that makes it a block of code; an en space is as wide as two spaces."""
    words = line.lstrip(" \t\u00a0")
    width = len(line[: len(line) - len(words)].expandtabs(4))
    return line if width < 4 else "\u2002" * (width // 2) + words


def _guarded(line: str) -> str:
    if match := _BRACKETED.match(line):
        return f"{match[0]}\\{line[match.end() :]}"
    if _TABLE_RULE.fullmatch(line):
        return line.replace("|", "\\|")
    if _UNDERLINE.fullmatch(line):
        return "\n" + line  # `=` has no escape; without a line above it underlines nothing
    if _HEADING_QUOTE_PLUS.match(line) or _RULE.fullmatch(line) or _DEFINITION.match(line):
        indent = len(line) - len(line.lstrip(" \t\u00a0"))
        return f"{line[:indent]}\\{line[indent:]}"
    return line


def code_span(text: str) -> str:
    """Return one line of code. Blanks alone stay blanks."""
    if not text or text.isspace():
        return text
    if "`" not in text:
        return f"`{text}`"
    fence = "`" * (1 + max(len(run) for run in _BACKTICKS.findall(text)))
    pad = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def code_block(code: str, language: str = "") -> str:
    """Return a fenced block; its fence is longer than any in the code."""
    longest = max((len(run) for run in _BACKTICKS.findall(code)), default=0) if "```" in code else 2
    fence = "`" * (longest + 1)
    info = language if _LANGUAGE.fullmatch(language) else ""
    return f"{fence}{info}\n{code}\n{fence}"


def link(label: str, url: str) -> str:
    """Return a link; `label` is Markdown already."""
    url = url.translate(_URL_ENCODED)
    if "(" in url or ")" in url:
        url = _balanced(url)
    return f"[{label}]({url})" if label else url


def _balanced(url: str) -> str:
    depth = 0
    for rune in url:
        depth += (rune == "(") - (rune == ")")
        if depth not in (0, 1):
            break
    return url if depth == 0 else url.replace("(", "%28").replace(")", "%29")


def stacked(parts: Iterable[str]) -> str:
    """Return the parts line under line, with an empty line where one would take the next one in."""
    out = ""
    for part in parts:
        if not out or not part.strip():
            out = out or part
            continue
        swallows = _TAKES_IN.match(out[out.rfind("\n") + 1 :]) or _STANDS_ALONE.match(part.partition("\n")[0])
        out += ("\n\n" if swallows else "\n") + part
    return out


def paragraphs(*parts: str) -> str:
    """Return the parts with an empty line between them; those that say nothing leave none."""
    return "\n\n".join(filter(None, parts))


def led(mark: str, text: str) -> str:
    """Return the text with a mark before its first words; a list, table, quote, heading or code keeps its own line."""
    return stacked([mark, text]) if _IS_BLOCK.match(text) else f"{mark} {text}"


def heading(words: str) -> str:
    """Return one line as a heading. A `#` at its end would be taken for a mark."""
    words = " ".join(words.split())
    return f"#### {words[:-1]}&#35;" if words.endswith("#") else f"#### {words}" if words else ""


def quote(text: str) -> str:
    """Return the text as a quote. What follows must keep one blank line from it."""
    return "\n".join("> " + line if line else ">" for line in text.split("\n"))


def table(rows: list[list[str]]) -> str:
    """Return a table whose first row is its head. Cells are Markdown; a cell has one line, and no block of code."""
    width = max((len(row) for row in rows), default=0)
    if not width:
        return ""
    head, *others = ([_cell(cell) for cell in row] for row in rows)
    padded = [head + [""] * (width - len(head)), *(row + [""] * (min(width, _PADDED) - len(row)) for row in others)]
    lines = [f"| {' | '.join(row)} |" for row in padded]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def _cell(text: str) -> str:
    text = " ".join((_unfenced(text) if "```" in text else text).split())
    if "|" not in text:
        return text
    # code would show the backslash
    return _PIPED_CODE.sub(lambda match: escape_words(match[2].strip()), text).replace("|", "\\|")


def _unfenced(text: str) -> str:
    """Return the text with each block of code as code on a line."""
    lines = text.split("\n")
    ends: dict[str, list[int]] = {}
    for place, line in enumerate(lines):
        if line.startswith("```") and not line.strip("`"):
            ends.setdefault(line, []).append(place)
    out: list[str] = []
    place = 0
    while place < len(lines):
        opens = _FENCE.fullmatch(lines[place])
        closing = ends.get(opens[1], []) if opens else []
        nearest = bisect_left(closing, place + 2)
        if nearest < len(closing):
            out.append(code_span(" ".join(" ".join(lines[place + 1 : closing[nearest]]).split())))
            place = closing[nearest]
        else:
            out.append(lines[place])
        place += 1
    return "\n".join(out)
