"""Turns a Slack object into what `raw_data` and `raw_hash` hold, and takes the tokens out of its URLs. Interprets nothing else."""

import hashlib
import re
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder()

#: `?t=xoxe-...` in file URLs, `?token=xoxe-...` in canvases and newer day files; `&amp;` in texts, %3F inside other URLs.
_PARAMETER = rb"(?P<before>[?&](?:amp;)?|%3[Ff]|%26)(?:t|token)(?:=|%3[Dd])"
_TOKEN = re.compile(_PARAMETER + rb"(?P<token>xox[a-z][-.][\w.-]+)(?P<after>&(?:amp;)?|%26)?")
#: On Slack's own hosts such a parameter is a secret whatever it looks like.
_SLACK_URL = re.compile(rb"https?://(?:[\w-]+\.)*slack(?:-files|-edge)?\.com/[^\s\"<>|\\]*")
_SLACK_TOKEN = re.compile(_PARAMETER + rb"(?P<token>[\w.%-]+)(?P<after>&(?:amp;)?|%26)?")


#: Levels of objects and lists in each other; Slack's have ten. What could be read here must be readable to whoever reads
#: the row, also a hundred calls further down.
_DEEPEST = 100


class Raw(msgspec.Struct, frozen=True):
    """A Slack object as it is stored."""

    value: dict[str, Any]  #: the object, without tokens
    data: bytes  #: its JSON: sorted keys, no token
    hash: str  #: of data


class RawWriter:
    """Makes Raw objects and keeps the tokens it found on the way."""

    def __init__(self) -> None:
        self.tokens: set[str] = set()

    def of(self, value: dict[str, Any]) -> Raw:
        """Return a clean object as it is stored: without what is nested too deep to be read by everybody."""
        try:
            data = _encoder.encode(value)
            may_be_deep = data.count(b"{") + data.count(b"[") > _DEEPEST
        except RecursionError:
            may_be_deep = True
        if may_be_deep:
            value = _pruned(value, _DEEPEST)
            data = _encoder.encode(value)
        # one byte is found in 0.2 us, each of the words below in 0.8: that would be a tenth of staging
        if b"=" in data or b"%" in data:
            cut = self._without_tokens(data)
            if cut is not data:
                value, data = _decoder.decode(cut), cut
        return Raw(value, data, raw_hash(data))

    def _without_tokens(self, data: bytes) -> bytes:
        # the patterns are slow, few messages need them
        cut = _TOKEN.sub(self._cut, data) if b"xox" in data else data
        if b"slack" in cut and (b"?t=" in cut or b"&t=" in cut or b";t=" in cut or b"token=" in cut):
            cut = _SLACK_URL.sub(self._cut_slack_url, cut)
        return data if cut == data else cut

    def _cut(self, found: re.Match[bytes]) -> bytes:
        self.tokens.add(found["token"].decode("ascii", "replace"))
        # "?t=x&a=b" keeps its question mark, "?t=x" does not
        return found["before"] if found["after"] else b""

    def _cut_slack_url(self, url: re.Match[bytes]) -> bytes:
        return _SLACK_TOKEN.sub(self._cut, url[0])


def _pruned(value: Any, levels: int) -> Any:
    if isinstance(value, dict):
        return {key: _pruned(inner, levels - 1) for key, inner in value.items()} if levels else None
    if isinstance(value, list):
        return [_pruned(inner, levels - 1) for inner in value] if levels else None
    return value


def raw_hash(data: bytes) -> str:
    """Return the hash of an object's stored JSON. It tells changes, it protects nothing."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def raw_part(value: dict[str, Any]) -> Raw:
    """Return a part of an object that went through a RawWriter, as it is stored by itself."""
    data = _encoder.encode(value)
    return Raw(value, data, raw_hash(data))
