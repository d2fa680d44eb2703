"""What kinds of things a rollback lists as left. Knows nothing of what becomes of them."""

from enum import StrEnum


class Kind(StrEnum):
    """What a thing is."""

    ACCOUNT = "account"
    BOT = "bot"
    CHANNEL = "channel"
    DIRECT = "direct channel"
    POST = "post"
    FILE = "file"
    EMOJI = "emoji"
    MEMBERSHIP = "membership"
    COUNTERS = "counters"
    NOTICE = "notice"
    LOG = "log"
    TABLES = "tables"
