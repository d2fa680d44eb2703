"""Turn what a person typed into Slack's `text` and `blocks`, which then agree as Slack makes them. Reads no Slack export.

The typed form: `*bold* _italic_ ~strike~ `code``, `<https://url|label>`, bare links and e-mails, `@rosa`, `@@ovens` (user
group), `#bakehouse`, `@here`, `:tada:`, `:wave::skin-tone-3:`, `#a0522d` (color), `{date 1712563200 {date_long}|fallback}`; lines that
begin with `• ` or `1. ` (four blanks per level) are lists, with `> ` quotes, and between ``` lines stands code.
"""

import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import groupby

from story.cast import BY_KEY, STRANGERS, USERGROUPS, Json, slack_id, user_id

#: The emoji that occur in texts. Custom ones have no code point.
UNICODE = {
    "tada": "1f389",
    "bread": "1f35e",
    "croissant": "1f950",
    "wave": "1f44b",
    "heart": "2764-fe0f",
    "slightly_smiling_face": "1f642",
    "sweat_smile": "1f605",
    "joy": "1f602",
    "bee": "1f41d",
    "bike": "1f6b2",
    "ocean": "1f30a",
    "warning": "26a0-fe0f",
    "white_check_mark": "2705",
    "muscle": "1f4aa",
    "pray": "1f64f",
    "melting_face": "1fae0",
    "saluting_face": "1fae1",
    "face_holding_back_tears": "1f979",
    "honey_pot": "1f36f",
    "cat": "1f431",
    "pretzel": "1f968",
    "eyes": "1f440",
    "ghost": "1f47b",
    "notes": "1f3b6",
    "smiling_imp": "1f608",
}
TONES = {2: "1f3fb", 3: "1f3fc", 4: "1f3fd", 5: "1f3fe", 6: "1f3ff"}

INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|(?<!\w)\*_(?P<bold_italic>[^_\n]+)_\*(?!\w)|(?<!\w)\*(?P<bold>[^*\n]+)\*(?!\w)"
    r"|(?<!\w)_(?P<italic>[^_\n]+)_(?!\w)|(?<!\w)~(?P<strike>[^~\n]+)~(?!\w)"
    r"|<(?P<url>(?:https?|tel|mailto):[^|>\s]+)(?:\|(?P<label>[^>]+))?>|(?P<bare>https?://[^\s<>]*[^\s<>.,!?)])"
    r"|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|@@(?P<group>\w+)|@(?P<range>here|channel|everyone)\b|@(?P<user>[a-z]+)\b"
    r"|(?<!\w)#(?P<color>[0-9a-f]{6})\b|(?<!\w)#(?P<channel>[\w-]+)"
    r"|:(?P<emoji>\+1|[^\W\d][\w'+-]*):(?::skin-tone-(?P<tone>[2-6]):)?"
    r"|\{date (?P<stamp>\d+) (?P<format>.+?)\|(?P<fallback>[^}]+)\}"
)
LIST_ITEM = re.compile(r"(?P<blanks> *)(?:(?P<bullet>•)|(?P<number>\d+)\.) (?P<words>.*)")
STYLES = {"bold": "*", "italic": "_", "strike": "~"}


def escaped(words: str) -> str:
    """Escape as Slack does in `text`: only & < >."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _styled(words: str, *styles: str) -> tuple[Json, str]:
    marks = "".join(STYLES.get(style, "`") for style in styles)
    element = {"type": "text", "text": words, "style": dict.fromkeys(styles, True)}
    return element, f"{marks}{escaped(words)}{marks[::-1]}"


def _link(url: str, label: str | None) -> tuple[Json, str]:
    element = {"type": "link", "url": url} | ({"text": label} if label else {})
    return element, f"<{escaped(url)}|{escaped(label)}>" if label else f"<{escaped(url)}>"


def _emoji(name: str, tone: str | None) -> tuple[Json, str]:
    element: Json = {"type": "emoji", "name": name}
    if name in UNICODE:
        element["unicode"] = UNICODE[name] + (f"-{TONES[int(tone)]}" if tone else "")
    if tone:
        return element | {"skin_tone": int(tone)}, f":{name}::skin-tone-{tone}:"
    return element, f":{name}:"


def _date(stamp: str, form: str, fallback: str) -> tuple[Json, str]:
    element = {"type": "date", "timestamp": int(stamp), "format": form, "fallback": fallback}
    return element, f"<!date^{stamp}^{form}|{escaped(fallback)}>"


def _person(key: str) -> tuple[Json, str]:
    if key not in BY_KEY and key not in STRANGERS:
        return {"type": "text", "text": f"@{key}"}, f"@{key}"
    return {"type": "user", "user_id": user_id(key)}, f"<@{user_id(key)}>"


def _channel(name: str) -> tuple[Json, str]:
    from story.scene import SCENES  # the scenes are told with this markup

    if name not in SCENES and name != "nowhere":
        return {"type": "text", "text": f"#{name}"}, f"#{name}"
    channel = SCENES[name].id if name in SCENES else slack_id("C", name)
    return {"type": "channel", "channel_id": channel}, f"<#{channel}|>"


#: Which element and which text a match becomes; the first group that matched decides.
ELEMENTS: dict[str, Callable[[re.Match[str]], tuple[Json, str]]] = {
    "code": lambda m: _styled(m["code"], "code"),
    "bold_italic": lambda m: _styled(m["bold_italic"], "bold", "italic"),
    "bold": lambda m: _styled(m["bold"], "bold"),
    "italic": lambda m: _styled(m["italic"], "italic"),
    "strike": lambda m: _styled(m["strike"], "strike"),
    "url": lambda m: _link(m["url"], m["label"]),
    "bare": lambda m: _link(m["bare"], None),
    "mail": lambda m: _link(f"mailto:{m['mail']}", m["mail"]),
    "group": lambda m: (
        {"type": "usergroup", "usergroup_id": USERGROUPS[m["group"]]},
        f"<!subteam^{USERGROUPS[m['group']]}>",
    ),
    "range": lambda m: ({"type": "broadcast", "range": m["range"]}, f"<!{m['range']}>"),
    "user": lambda m: _person(m["user"]),
    "color": lambda m: ({"type": "color", "value": f"#{m['color']}"}, f"#{m['color']}"),
    "channel": lambda m: _channel(m["channel"]),
    "emoji": lambda m: _emoji(m["emoji"], m["tone"]),
    "stamp": lambda m: _date(m["stamp"], m["format"], m["fallback"]),
}


def inline(words: str) -> tuple[list[Json], str]:
    """Return the rich_text elements of one run of words, and the same as `text`."""
    elements: list[Json] = []
    text, end = "", 0

    def plain(piece: str) -> str:
        if piece and elements and elements[-1]["type"] == "text" and "style" not in elements[-1]:
            elements[-1]["text"] += piece
        elif piece:
            elements.append({"type": "text", "text": piece})
        return escaped(piece)

    for match in INLINE.finditer(words):
        text += plain(words[end : match.start()])
        kind = next(name for name in ELEMENTS if match[name] is not None)
        element, shown = ELEMENTS[kind](match)
        if element["type"] == "text" and "style" not in element:
            plain(element["text"])
        else:
            elements.append(element)
        text, end = text + shown, match.end()
    return elements, text + plain(words[end:])


def _kinds(typed: str) -> Iterator[tuple[str, str]]:
    """Yield (kind of block, line)."""
    fenced = False
    for line in typed.split("\n"):
        if line == "```":
            fenced = not fenced
        elif fenced:
            yield "preformatted", line
        elif line.startswith("> "):
            yield "quote", line[2:]
        elif item := LIST_ITEM.fullmatch(line):
            yield f"list {'bullet' if item['bullet'] else 'ordered'} {len(item['blanks']) // 4}", line
        else:
            yield "section", line
    assert not fenced, "an open ``` in the story"


BULLETS = "•◦▪"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _list(style: str, indent: int, lines: list[str]) -> tuple[Json, str]:
    parsed = [match for line in lines if (match := LIST_ITEM.fullmatch(line))]
    offset = int(parsed[0]["number"] or 1) - 1  # a list that goes on after a deeper one or after a break
    items, shown = [], []
    for number, item in enumerate(parsed, offset):
        elements, text = inline(item["words"])
        items.append({"type": "rich_text_section", "elements": elements})
        sign = BULLETS[indent % 3] if style == "bullet" else f"{LETTERS[number] if indent % 3 == 1 else number + 1}."
        shown.append(f"{'    ' * indent}{sign} {text}")
    block = {"type": "rich_text_list", "elements": items, "style": style, "indent": indent, "border": 0}
    return block | ({"offset": offset} if offset else {}), "\n".join(shown)


def _block(kind: str, lines: list[str]) -> tuple[Json, str]:
    words = "\n".join(lines)
    if kind.startswith("list"):
        _, style, indent = kind.split()
        return _list(style, int(indent), lines)
    if kind == "preformatted":
        # Slack leaves a doctype unescaped inside a code fence (nine messages of one real export).
        fenced = escaped(words).replace("&lt;!DOCTYPE html&gt;", "<!DOCTYPE html>")
        block = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": words}], "border": 0}
        return block, f"```{fenced}```"
    elements, text = inline(words)
    if kind == "quote":
        return {"type": "rich_text_quote", "elements": elements}, "\n".join(f"&gt; {line}" for line in text.split("\n"))
    return {"type": "rich_text_section", "elements": elements}, text


def rich(typed: str) -> tuple[str, list[Json]]:
    """Return (`text`, `blocks`) of a message as Slack writes it for what a person typed."""
    if not typed:
        return "", []
    runs = groupby(_kinds(typed), key=lambda pair: pair[0])
    made = [_block(kind, [line for _, line in lines]) for kind, lines in runs]
    block_id = sha256(typed.encode()).hexdigest()[:5]
    blocks = [{"type": "rich_text", "block_id": block_id, "elements": [block for block, _ in made]}]
    return "\n".join(text for _, text in made), blocks
