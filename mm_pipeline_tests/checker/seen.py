"""What a reader saw of a message in Slack, as words that its post must hold: text, blocks, attachments.

Knows Slack's markup and no Markdown; knows no database.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from mm_pipeline_tests.checker.emoji import mattermost_names
from mm_pipeline_tests.checker.export import Json
from mm_pipeline_tests.checker.words import SYMBOL, TOUCH, Seen, words_of

TOKEN = re.compile(r"<([^<>]+)>")
EMOJI = re.compile(r":((?:[^\s:]*[^\W\d_][^\s:]*|[+-]1|100|1234)(?:::skin-tone-[2-6])?):")
URL = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
#: Links into Slack become links to the post, or say nothing any more.
INTO_SLACK = re.compile(r"https?://([\w-]+\.)*slack\.com/", re.IGNORECASE)
BROADCASTS = {
    "here": ("here",),
    "channel": ("channel", "all"),
    "everyone": ("everyone", "all", "channel"),
    "group": ("group", "channel", "all", "here"),
}
#: Notices of which only the new value is somebody's words. Every notice of these subtypes may become a system post.
NOTICES = {
    **dict.fromkeys(("channel_join", "channel_leave", "group_join", "group_leave", "bot_add", "bot_remove"), ()),
    **dict.fromkeys(("channel_archive", "channel_unarchive", "group_archive", "group_unarchive"), ()),
    **dict.fromkeys(("channel_topic", "group_topic"), ("topic",)),
    **dict.fromkeys(("channel_purpose", "group_purpose"), ("purpose",)),
    **dict.fromkeys(("channel_name", "group_name"), ("name",)),
}
#: Parts of blocks that are menus, not text.
MENUS = {"accessory", "confirm", "placeholder", "options", "option_groups", "initial_option", "alt_text", "value"}
#: Text objects without markup.
PLAIN = {"plain_text", "raw_text"}


class Names:
    """What people and channels are called where the post is: each id has the spellings of which one must be there.

    An id that has none may be called anything.
    """

    def __init__(
        self,
        people: Mapping[str, tuple[str, ...]],
        channels: Mapping[str, tuple[str, ...]],
        emoji_aliases: Mapping[str, str] | None = None,
    ) -> None:
        self.people = people
        self.channels = channels
        self.emoji_aliases = emoji_aliases or {}


def seen_in(message: Json, names: Names) -> Seen:
    """Return what a reader saw of a message but for its files' names, its reactions and who wrote it."""
    seen = Seen(names.emoji_aliases)
    subtype = message.get("subtype") or ""
    if subtype == "tombstone":
        return seen
    if subtype in NOTICES:
        for field in NOTICES[subtype]:
            _mrkdwn(message.get(field), seen, names)
        return seen
    if subtype == "file_comment":
        comment = message.get("comment")
        _mrkdwn(comment.get("comment") if isinstance(comment, dict) else None, seen, names)
        return seen
    blocks = _objects(message.get("blocks"))
    for block in blocks:
        _block(block, seen, names)
    if not seen.words and not seen.choices:
        _mrkdwn(message.get("text"), seen, names)
    shown_links = _links(message)
    for attachment in _objects(message.get("attachments")):
        if not _only_repeats(attachment, shown_links):
            _attachment(attachment, seen, names)
    return seen


def text_seen(text: str, names: Names) -> Seen:
    """Return what a reader saw of a topic or purpose."""
    seen = Seen(names.emoji_aliases)
    _mrkdwn(text, seen, names)
    return seen


def _mrkdwn(text: Any, seen: Seen, names: Names) -> None:
    """Slack's own markup: <tokens>, :emoji:, and three entities, which are unescaped after the tokens are found."""
    if not isinstance(text, str):
        return
    rest = 0
    for token in TOKEN.finditer(text):
        _with_emoji(_unescaped(text[rest : token.start()]), seen)
        _token(token[1], seen, names)
        rest = token.end()
    _with_emoji(_unescaped(text[rest:]), seen)


def _token(content: str, seen: Seen, names: Names) -> None:
    target, _, label = content.partition("|")
    label = _unescaped(label)
    if re.fullmatch(r"@[UWBuwb]\w+", target):
        _mention(target[1:].upper(), label, seen, names)
    elif re.fullmatch(r"#[CGDcgd]\w+", target):
        seen.add_any((*names.channels.get(target[1:].upper(), ()), *filter(None, [label])))
    elif target.startswith(("!subteam^", "!date^")):
        seen.add(label)
    elif target.startswith("!") and target[1:] in BROADCASTS:
        seen.add_any(BROADCASTS[target[1:]])
    elif URL.match(target):
        _link(target, label, seen)
    else:
        seen.add(_unescaped(content))


def _mention(slack_id: str, label: str, seen: Seen, names: Names) -> None:
    spellings = names.people.get(slack_id)
    if spellings:
        seen.add_any(spellings)
    elif label:
        seen.add_any((label, unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode(), slack_id))


def _link(url: str, label: str, seen: Seen) -> None:
    """A link's label and its target; the target alone where the label only repeats it, and never a dead target."""
    scheme, _, target = _unescaped(url).partition(":")
    label_words = Counter(words_of(label))
    target = target if scheme.lower() in {"http", "https", "mailto", "tel"} else f"{scheme} {target}"
    if not label_words <= Counter(words_of(_unescaped(url))):
        seen.add(label)
    if not INTO_SLACK.match(url):
        seen.add(target)


def _with_emoji(text: str, seen: Seen) -> None:
    rest = 0
    for emoji in EMOJI.finditer(text):
        seen.add(text[rest : emoji.start()])
        _emoji(emoji[1], seen)
        rest = emoji.end()
    seen.add(text[rest:])


def _emoji(name: str, seen: Seen) -> None:
    names = [name]
    while (target := seen.aliases.get(names[-1])) and target not in names:
        names.append(target)
    seen.add_any((*(spelling for name in names for spelling in mattermost_names(name)), SYMBOL))


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") if "&" in text else text


def _block(block: Json, seen: Seen, names: Names) -> None:
    if block.get("type") == "rich_text":
        _rich(_objects(block.get("elements")), seen, names)
    elif block.get("type") == "markdown":
        _with_emoji(str(block.get("text") or ""), seen)
    elif block.get("type") == "mrkdwn":
        _mrkdwn(block.get("text"), seen, names)
    elif block.get("type") in PLAIN and isinstance(block.get("text"), str):
        _with_emoji(_unescaped(block["text"]), seen)
    else:
        for key, value in block.items():
            if key not in MENUS:
                for part in _nested(value):
                    _block(part, seen, names)


def _nested(value: Any) -> Iterable[Json]:
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for entry in value:
            yield from _nested(entry)


def _rich(elements: list[Json], seen: Seen, names: Names) -> None:
    run: list[str] = []
    for element in elements:
        if element.get("type") == "text":
            run.append(str(element.get("text") or ""))
            continue
        seen.add(TOUCH.join(run))
        run = []
        _rich_element(element, seen, names)
    seen.add(TOUCH.join(run))


def _rich_element(element: Json, seen: Seen, names: Names) -> None:
    match element.get("type"):
        case "user":
            _mention(str(element.get("user_id")), "", seen, names)
        case "channel":
            seen.add_any(names.channels.get(str(element.get("channel_id")), ()))
        case "link":
            _link(str(element.get("url") or ""), str(element.get("text") or ""), seen)
        case "emoji":
            tone = element.get("skin_tone")
            _emoji(f"{element.get('name')}::skin-tone-{tone}" if tone else str(element.get("name")), seen)
        case "broadcast":
            seen.add_any(BROADCASTS.get(str(element.get("range")), ("",)))
        case "date":
            seen.add(str(element.get("fallback") or ""))
        case "color":
            seen.add(str(element.get("value") or ""))
        case "usergroup" | "team":
            pass
        case _:
            seen.add(element["text"] if isinstance(element.get("text"), str) else "")
            _rich(_objects(element.get("elements")), seen, names)


def _attachment(attachment: Json, seen: Seen, names: Names) -> None:
    """A classic attachment; its fallback is seen only where nothing else is."""
    before = len(seen.words) + len(seen.choices)
    for key in ("pretext", "title"):
        _mrkdwn(attachment.get(key), seen, names)
    author, accounts = attachment.get("author_name"), names.people.get(str(attachment.get("author_id")), ())
    if accounts and isinstance(author, str):  # somebody who is known may be called by the name or the account
        seen.add_any((*accounts, author))
    else:
        _mrkdwn(author, seen, names)
    blocks = [*_objects(attachment.get("blocks")), *_message_blocks(attachment)]
    for block in blocks:
        _block(block, seen, names)
    if not blocks:
        _mrkdwn(attachment.get("text"), seen, names)
        for field in _objects(attachment.get("fields")):
            _mrkdwn(field.get("title"), seen, names)
            _mrkdwn(field.get("value"), seen, names)
    if len(seen.words) + len(seen.choices) == before:
        _mrkdwn(attachment.get("fallback"), seen, names)


def _message_blocks(attachment: Json) -> list[Json]:
    messages = (entry.get("message") for entry in _objects(attachment.get("message_blocks")))
    return [block for message in messages if isinstance(message, dict) for block in _objects(message.get("blocks"))]


def _only_repeats(attachment: Json, links: set[str]) -> bool:
    """Whether it is the preview of a link that stands in the text. A message shared on purpose is more than that."""
    sources = {attachment.get(key) for key in ("from_url", "original_url", "title_link")}
    previews = {_bare(source) for source in sources if isinstance(source, str)}
    return not attachment.get("is_share") and bool(previews & links)


def _links(message: Json) -> set[str]:
    """Every link of the text and of the rich text, without scheme and trailing slash."""
    text = message.get("text")
    links = {token.partition("|")[0] for token in TOKEN.findall(text)} if isinstance(text, str) else set()
    queue: list[Any] = [message.get("blocks")]
    while queue:
        part = queue.pop()
        if isinstance(part, dict):
            if isinstance(part.get("url"), str):
                links.add(part["url"])
            queue.extend(part.values())
        elif isinstance(part, list):
            queue.extend(part)
    return {_bare(link) for link in links}


def _bare(url: str) -> str:
    # Slack asks a page for its preview without the fragment, which no server ever sees.
    return _unescaped(url).partition("#")[0].partition("://")[2].rstrip("/").casefold()


def _objects(value: Any) -> list[Json]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
