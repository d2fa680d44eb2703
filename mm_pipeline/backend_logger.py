"""The one logger of the project. Masks secrets in everything that passes; configures no other logger.

Dagster captures `mm_pipeline` and its children through python_logs; a terminal adds a handler of its own.
"""

import logging
import re
from urllib.parse import quote

#: Shapes of secrets that must not reach a log, an error, a report or the UI. Each keeps its first group.
_SECRETS = (
    re.compile(r"()\b(?:xox[a-z]|xapp)[-.][\w-]+(?:\.[\w-]+)*", re.ASCII),
    re.compile(r"([?&](?:t|token)=)[A-Za-z0-9_%.~-]+"),
    re.compile(r"(\bBearer\s+)[^\s\"']+", re.IGNORECASE),
    re.compile(r"(\b\w+://[^/\s:@]*:)[^@\s/]+(?=@)"),
)
_known: set[str] = set()


def keep_secret(value: str) -> None:
    """Mask this very value (a token, a password), also as URLs write it, wherever it would be written from now on."""
    if len(value) >= 6:
        _known.update((value, quote(value), quote(value, safe="")))


def masked(text: str) -> str:
    """Return the text with every secret in it replaced by ***."""
    for value in sorted(_known, key=len, reverse=True):
        text = text.replace(value, "***")
    for pattern in _SECRETS:
        text = pattern.sub(r"\1***", text)
    return text


class _MaskingFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = masked(record.getMessage()), None
        return True


backend_logger = logging.getLogger("mm_pipeline")
backend_logger.addFilter(_MaskingFilter())
