"""Words of a post that nobody wrote: neither in the message, nor a name, nor one that a migration says of its own accord.

Finds what was added or garbled, as entities left over; what was lost is found by words.py.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mm_pipeline_tests.checker.export import Export
from mm_pipeline_tests.checker.findings import Finding
from mm_pipeline_tests.checker.markup import unescaped
from mm_pipeline_tests.checker.messages import Pair, finding
from mm_pipeline_tests.checker.names import Names
from mm_pipeline_tests.checker.people import People
from mm_pipeline_tests.checker.words import SYMBOL, words_of

#: All that may be said of what a post cannot hold: lost files, dates, calls, absent roots, where a message was shown.
OWN_WORDS = frozenset((Path(__file__).parent / "own_words.txt").read_text().split()) | {SYMBOL}


class Invented:
    """What may stand in any post of an export: names, emoji behind aliases, a migration's own words."""

    def __init__(self, export: Export, people: People, names: Names, team: str) -> None:
        known = [*export.emoji_aliases.values(), *_strings(export.users)]
        known += [spelling for spellings in names.channels.values() for spelling in spellings]
        for account in people.accounts.values():
            known += (account.username, account.first_name, account.last_name, account.nickname)
        self._known = OWN_WORDS.union(*map(words_of, known))
        self._address = re.compile(rf"https?://\S*?/{re.escape(team)}/(?:pl/\w+|channels/[\w-]+)")

    def findings(self, pair: Pair) -> Iterator[Finding]:
        """Yield the words of a message's posts that nobody wrote."""
        if pair.post.type.startswith("system_"):
            return  # nobody is shown what it says: Mattermost writes the sentence itself
        if strange := self.words("\n".join(post.message for post in pair.posts()), pair.wanted.raw):
            yield finding("invented", pair.wanted, f"Nobody wrote: {', '.join(strange[:12])}.")

    def words(self, shown: str, raw: Any) -> list[str]:
        """Return the words of a text that are not in Slack's. Numbers count for nothing: they are times and sizes."""
        strange = {word for word in words_of(self._address.sub(" ", shown)) if not word.isdecimal()} - self._known
        return sorted(strange.difference(*map(_words, _strings(raw)))) if strange else []


def _words(text: str) -> list[str]:
    """The words of a text, and those within names of emoji."""
    return words_of(f"{text} {text.replace('_', ' ')}")


def _strings(value: Any, *, is_literal: bool = False) -> Iterable[str]:
    """Every text in a JSON value. Slack escapes three signs, but not in rich text: what stands there is meant."""
    if isinstance(value, str):
        yield value if is_literal else unescaped(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(inner, is_literal=is_literal or key == "blocks")
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, is_literal=is_literal)
