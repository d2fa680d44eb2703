"""A run of text with a style. Knows neither Slack nor Markdown."""

from typing import Final

import msgspec

BOLD: Final = 1
ITALIC: Final = 2
STRIKE: Final = 4

WORDS: Final = 0  #: to be read as it stands: is escaped
CODE: Final = 1  #: to be read as it stands, as code
READY: Final = 2  #: Markdown
NAME: Final = 3  #: a mention of a person, channel or group: needs room on both sides
URL: Final = 4  #: a bare address: what follows must not become a part of it


class Span(msgspec.Struct, frozen=True):
    """A run of text. `style` is a sum of BOLD, ITALIC and STRIKE."""

    text: str
    style: int = 0
    kind: int = WORDS
