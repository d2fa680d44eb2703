"""What Slack's ids, addresses and dates are called in a text: people, channels, groups, links. Looks up, asks nobody."""

import re
from datetime import UTC, datetime
from urllib.parse import unquote

from mm_pipeline.render.lookups import Lookups
from mm_pipeline.render.markdown import code_span, escape_label, link
from mm_pipeline.render.span import CODE, NAME, READY, URL, WORDS, Span

#: Slack's words for everybody -> Mattermost's. `group` is what `channel` was called in old private channels.
_BROADCASTS = {"here": "@here", "channel": "@channel", "group": "@channel", "everyone": "@all"}

#: To a message, or (without `p...`) to a conversation.
_PERMALINK = re.compile(r"https?://[\w.-]+\.slack\.com/archives/([A-Za-z0-9]+)(?:/p(\d{10,})(\d{6})\b\S*|/?)")
#: Slack's files carry the export's own token in their addresses (facts: 17,166 in ten exports).
_TOKEN = re.compile(r"([?&])(?:t|token)=xox[^&#\s]*&?")

_HANDLE = re.compile(r"[A-Za-z0-9][\w.-]*")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9.+-]*:\S|www\.\S|/\w")

#: Slack's date tokens -> strftime (https://docs.slack.dev/messaging/formatting-message-text#date-formatting).
_DATE_TOKENS = {
    "date_num": "%Y-%m-%d",
    "date_slash": "%m/%d/%Y",
    "date_long": "%A, %B %d, %Y",
    "date_long_full": "%A, %B %d, %Y",
    "date_long_pretty": "%A, %B %d, %Y",
    "date": "%B %d, %Y",
    "date_full": "%B %d, %Y",
    "date_pretty": "%B %d, %Y",
    "date_short": "%b %d, %Y",
    "date_short_pretty": "%b %d, %Y",
    "day_divider_pretty": "%A, %B %d",
    "time": "%H:%M UTC",
    "time_secs": "%H:%M:%S UTC",
    "ago": "%Y-%m-%d %H:%M UTC",  # it was so long ago then
}
_DATE_TOKEN = re.compile(r"\{(\w+)\}")
_SECONDS = re.compile(r"[0-9]{1,15}")
_LAST_SECOND = 253_402_300_799  # of the year 9999


def user_span(slack_id: str, label: str, lookups: Lookups, style: int = 0) -> Span:
    """Return `@username`, or the name of somebody without an account: without `@`, which could mean somebody else."""
    for spelling in (slack_id, slack_id.upper()):
        if username := lookups.users.get(spelling):
            return Span(f"@{username}", style, NAME)
        if name := lookups.names.get(spelling):
            return Span(name, style)
    return Span(label.lstrip("@") or slack_id, style)


def channel_span(slack_id: str, label: str, lookups: Lookups, style: int = 0) -> Span:
    """Return `~name`, or `#name` as it was in Slack where Mattermost has no such channel."""
    for spelling in (slack_id, slack_id.upper()):
        if name := lookups.channels.get(spelling):
            return Span(f"~{name}", style, NAME)
        if known := lookups.channel_labels.get(spelling):
            return Span(f"#{known}", style)
    return Span(f"#{label.lstrip('#') or slack_id}", style)


def usergroup_span(slack_id: str, label: str, lookups: Lookups, style: int = 0) -> Span:
    """Return `@handle` of a user group, or its id."""
    handle = (label or lookups.usergroups.get(slack_id) or slack_id).lstrip("@")
    return Span(f"@{handle}", style, NAME if _HANDLE.fullmatch(handle) else WORDS)


def broadcast_span(range_: str, style: int = 0) -> Span | None:
    """Return `@here`, `@channel` or `@all`, or None for a word that means no such thing."""
    name = _BROADCASTS.get(range_)
    return Span(name, style, NAME) if name else None


def link_span(url: str, label: str, lookups: Lookups, style: int = 0, *, is_code: bool = False) -> Span:
    """Return an address, with its label where that says something else. Links to messages lead to the imported post."""
    shown = label
    if "xox" in url:
        url = without_token(url)
    if "/archives/" in url and (moved := _moved(url, lookups)):
        shown = "" if label == url else label
        url = moved
    scheme, _, rest = url.partition(":")
    if is_code:
        return Span(link(code_span(shown or url), url), style, READY) if shown else Span(url, style, CODE)
    if scheme == "mailto" and (not shown or shown == rest or unquote(rest) == shown):
        return Span(rest, style)
    if not shown or shown == url:
        return Span(url, style, URL if "://" in url else WORDS)
    if shown.isspace():
        return Span(url, style, URL)
    return Span(link(escape_label(shown), url), style, READY)


def date_span(timestamp: int, pattern: str, url: str, fallback: str, lookups: Lookups, style: int = 0) -> Span:
    """Return a date as its writer's fallback says it, else in UTC by Slack's pattern (`{date_num} {time}`)."""
    said = fallback or date_text(timestamp, pattern)
    return link_span(url, said, lookups, style) if url else Span(said, style)


def date_text(timestamp: int, pattern: str = "{date_num} {time}") -> str:
    """Return seconds since the epoch in UTC, by Slack's pattern."""
    if not 0 <= timestamp <= _LAST_SECOND:
        return str(timestamp)
    moment = datetime.fromtimestamp(timestamp, UTC)

    def token(match: re.Match[str]) -> str:
        known = _DATE_TOKENS.get(match[1])
        return moment.strftime(known) if known else match[0]

    return _DATE_TOKEN.sub(token, pattern or "{date_num} {time}")


def without_token(url: str) -> str:
    """Return the address without Slack's token."""
    return _TOKEN.sub(r"\1", url).rstrip("?&") if "xox" in url else url


def _moved(url: str, lookups: Lookups) -> str | None:
    match = _PERMALINK.fullmatch(url)
    if not match or not lookups.permalink:
        return None
    return lookups.permalink(match[1], f"{match[2]}.{match[3]}" if match[2] else "")


def reference(token: str, lookups: Lookups, style: int = 0) -> Span | None:
    """Return what stands between `<` and `>` in Slack's text, entities undone; None for what is no reference."""
    target, _, label = token.partition("|")
    kind, name = target[:1], target[1:]
    if kind == "@" and name:
        return user_span(name, label, lookups, style)
    if kind == "#" and name:
        return channel_span(name, label, lookups, style)
    if kind == "!":
        return _command(name, label, lookups, style)
    if _ADDRESS.match(target) and (label or target[0] != "/"):  # `</b>` is no address
        return link_span(target, label, lookups, style)
    return None


def _command(name: str, label: str, lookups: Lookups, style: int) -> Span | None:
    command, *arguments = name.split("^")
    if command == "subteam" and arguments:
        return usergroup_span(arguments[0], label, lookups, style)
    if command == "date" and arguments:
        timestamp = int(arguments[0]) if _SECONDS.fullmatch(arguments[0]) else 0
        pattern, url = (*arguments[1:], "", "")[:2]
        return date_span(timestamp, pattern, url, label, lookups, style)
    if (everybody := broadcast_span(command, style)) is not None:
        return everybody
    return Span(label, style) if label else None
