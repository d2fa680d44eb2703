"""Slack's text objects (`mrkdwn`, `plain_text`, or a bare string) -> Markdown. Knows no block around them."""

from typing import Any

from mm_pipeline.render.lookups import Lookups
from mm_pipeline.render.mrkdwn import mrkdwn, plain_text, unescaped
from mm_pipeline.values import text_at


def text_object(value: Any, lookups: Lookups) -> str:
    """Return a text object: mrkdwn, or plain text, in which only emoji mean more than what they say."""
    if isinstance(value, str):
        return mrkdwn(value, lookups)
    if not isinstance(value, dict):
        return ""
    write = plain_text if value.get("type") == "plain_text" else mrkdwn
    return write(text_at(value, "text"), lookups)


def said(value: Any) -> str:
    """Return the bare words of a text object or string, for a label."""
    return unescaped(value if isinstance(value, str) else text_at(value, "text") if isinstance(value, dict) else "")


def titled(value: Any, lookups: Lookups) -> str:
    """Return a text object in bold on one line, unless its writer marked it up himself."""
    words = " ".join(text_object(value, lookups).split())
    return f"**{words}**" if words and words == " ".join(said(value).split()) else words
