"""Words: what of a text counts as one, and which words of a demand another text lacks.

Judges words alone, not how they are marked up. Knows neither Slack nor a database.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

#: Letters and digits only: `_` is part of \w, but it is Markdown too. A pictograph counts as the word SYMBOL, but for
#: those that Slack writes before the items of a list.
WORD = re.compile(r"[^\W_]+(?:\x1f+[^\W_]+)*|(?![◦▪●○■□])[©®™←-⯿⃣〰〽㊗㊙\U0001f000-\U0001faff]")
SYMBOL = "☺"
#: Between two runs of text that touch: "**foo**bar" and "foobar" are both right.
TOUCH = "\x1f"
#: Characters that no database takes; they are no words either.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


Options = tuple[tuple[str, ...], ...]


class Seen:
    """Words that must be there, each so often, and choices of which one must be there."""

    __slots__ = ("aliases", "choices", "into_slack", "words")

    def __init__(self, aliases: Mapping[str, str] | None = None) -> None:
        self.aliases = aliases or {}  #: emoji that are written under another one's name
        self.words: list[str] = []
        self.into_slack: list[str] = []  #: links into Slack, which are no words: they may lead elsewhere now
        self.choices: list[Options] = []

    @property
    def demands(self) -> int:
        """How much is demanded."""
        return len(self.words) + len(self.choices)

    def add(self, text: str) -> None:
        """Demand the words of a text that stands in the post as it is."""
        for word in words_of(text):
            if TOUCH in word:
                parts = tuple(part for part in word.split(TOUCH) if part)
                self.choices.append((("".join(parts),), parts))
            else:
                self.words.append(word)

    def add_any(self, spellings: Iterable[str]) -> None:
        """Demand one of these spellings."""
        options = tuple(dict.fromkeys(tuple(words_of(spelling)) for spelling in spellings))
        if options and () not in options:
            self.choices.append(options)

    def lacking(self, text: str) -> list[str]:
        """Return what is not in the text: words, and choices as `this|that`."""
        if not self.words and not self.choices:
            return []
        have = Counter(words_of(text))
        have.subtract(self.words)
        lacking = [word for word in dict.fromkeys(self.words) for _ in range(-have[word])]
        for options in self.choices:
            found = next((option for option in options if _holds(have, option)), None)
            if found is None:
                lacking.append("|".join(" ".join(option) for option in options))
            else:
                have.subtract(found)
        return lacking


def _holds(have: Counter[str], option: tuple[str, ...]) -> bool:
    return all(have[word] >= count for word, count in Counter(option).items())


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded, in order; `%41` is read as `A`, as a browser reads it."""
    if "%" in text:
        text = unquote(text, errors="ignore")
    found = WORD.findall(unicodedata.normalize("NFC", UNSTORABLE.sub("", text)).casefold())
    return [word if word[0].isalnum() else SYMBOL for word in found]
