"""Slack's own markup as words that a post must hold: <tokens>, :emoji:, entities. Knows no blocks and no Markdown."""

import re
import unicodedata
from collections import Counter
from typing import Any

from mm_pipeline_tests.checker.emoji import mattermost_names
from mm_pipeline_tests.checker.names import Names
from mm_pipeline_tests.checker.words import SYMBOL, Seen, words_of

TOKEN = re.compile(r"<([^<>]+)>")
EMOJI = re.compile(r":((?:[^\s:]*[^\W\d_][^\s:]*|[+-]1|100|1234)(?:::skin-tone-[2-6])?):")
URL = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
#: Links into Slack are judged by links.py: they become links to the post, or stay.
INTO_SLACK = re.compile(r"https?://([\w-]+\.)*slack\.com/", re.IGNORECASE)
BROADCASTS = {
    "here": ("here",),
    "channel": ("channel", "all"),
    "everyone": ("everyone", "all", "channel"),
    "group": ("group", "channel", "all", "here"),
}


def add_markup(text: Any, seen: Seen, names: Names) -> None:
    """Demand what a reader saw of a text; entities are unescaped after the tokens are found."""
    if not isinstance(text, str):
        return
    rest = 0
    for token in TOKEN.finditer(text):
        add_words(unescaped(text[rest : token.start()]), seen)
        _add_token(token[1], seen, names)
        rest = token.end()
    add_words(unescaped(text[rest:]), seen)


def add_words(text: str, seen: Seen) -> None:
    """Demand the words and emoji of a text without tokens."""
    rest = 0
    for emoji in EMOJI.finditer(text):
        seen.add(text[rest : emoji.start()])
        add_emoji(emoji[1], seen)
        rest = emoji.end()
    seen.add(text[rest:])


def add_emoji(name: str, seen: Seen) -> None:
    """Demand an emoji under one of its names, or as a picture."""
    names = [name]
    while (target := seen.aliases.get(names[-1])) and target not in names:
        names.append(target)
    seen.add_any((*(spelling for name in names for spelling in mattermost_names(name)), SYMBOL))


def add_mention(slack_id: str, label: str, seen: Seen, names: Names) -> None:
    """Demand a mention by the account's name; of somebody unknown the label, if there is one."""
    spellings = names.people.get(slack_id)
    if spellings:
        seen.add_any(spellings)
    elif label:
        seen.add_any((label, unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode(), slack_id))


def add_link(url: str, label: str, seen: Seen) -> None:
    """Demand a link's label and its target; the target alone where the label only repeats it."""
    scheme, _, target = unescaped(url).partition(":")
    label_words = Counter(words_of(label))
    target = target if scheme.lower() in {"http", "https", "mailto", "tel"} else f"{scheme} {target}"
    if not label_words <= Counter(words_of(unescaped(url))):
        seen.add(label)
    if INTO_SLACK.match(url):
        seen.into_slack.append(unescaped(url))
    else:
        seen.add(target)


def unescaped(text: str) -> str:
    """Undo Slack's three entities."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") if "&" in text else text


def _add_token(content: str, seen: Seen, names: Names) -> None:
    target, _, label = content.partition("|")
    label = unescaped(label)
    if re.fullmatch(r"@[UWBuwb]\w+", target):
        add_mention(target[1:].upper(), label, seen, names)
    elif re.fullmatch(r"#[CGDcgd]\w+", target):
        seen.add_any((*names.channels.get(target[1:].upper(), ()), *filter(None, [label])))
    elif target.startswith(("!subteam^", "!date^")):
        seen.add(label)
    elif target.startswith("!") and target[1:] in BROADCASTS:
        seen.add_any(BROADCASTS[target[1:]])
    elif URL.match(target):
        add_link(target, label, seen)
    else:
        seen.add(unescaped(content))
