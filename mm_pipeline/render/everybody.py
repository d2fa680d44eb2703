"""Whether a message calls everybody, in Slack and in Mattermost. Renders nothing."""

import re
from typing import Any

from mm_pipeline.values import Json

#: What Mattermost reads as a call to everybody (its web client's SPECIAL_MENTIONS_REGEX).
_CALL = re.compile(r"(?<![^\W_])@(?:here|channel|all)(?![._-]*[^\W_])", re.IGNORECASE)
_SLACK_CALL = re.compile(r"<!(?:here|channel|everyone|group)\b")


def only_typed(text: str, raw: Json) -> bool:
    """Whether the rendered text looks like a call to everybody that the Slack message was not: somebody typed `@all`."""
    return "@" in text and bool(_CALL.search(text)) and not _calls(raw)


def _calls(raw: Json) -> bool:
    rest: list[Any] = [raw]
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            if value.get("type") == "broadcast":
                return True
            rest += value.values()
        elif isinstance(value, list):
            rest += value
        elif isinstance(value, str) and _SLACK_CALL.search(value):
            return True
    return False
