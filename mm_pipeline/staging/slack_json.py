"""Reads JSON as exports really hold it: fast where it is well-formed, patiently where not. Knows no files and no messages.

Fast is msgspec, element by element; patient is the standard library (BOM, latin-1, NaN, lone surrogates, control characters);
files too large for memory go through ijson.
"""

import codecs
import json
import math
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, BinaryIO

import ijson
import msgspec

#: Bytes of a file that is read as a whole; larger ones are streamed.
WHOLE = 32 << 20
#: Bytes of a list whose objects are made all at once: a fifth quicker than one by one, and ten times its size in memory.
_AT_ONCE = 1 << 20
#: Bytes read at a time then. ijson begins a text anew with each buffer: with 64 KiB a text of 12 MB took a minute.
_STREAM_BUFFER = 4 << 20
#: Digits of a whole number that Python reads.
_DIGITS = 4300
#: Levels of brackets that a large file may have, and bytes in which they are counted at a time.
_DEEPEST, _SLICE = 100, 1 << 16
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+([\[\]{}])', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
#: What is kept of an element that cannot be read, so that a person can look for it.
_EXCERPT = 1000

_elements = msgspec.json.Decoder(list[msgspec.Raw])
_element = msgspec.json.Decoder()
_dicts = msgspec.json.Decoder(list[dict[str, Any]])
_REFUSALS = (ValueError, RecursionError)  # msgspec's and json's errors are ValueErrors; too deep is a RecursionError


class NotJson(Exception):
    """A file is no JSON, or none of the kind that is looked for. Its text says why, as the end of a sentence."""


class Unreadable(msgspec.Struct, frozen=True):
    """An element of a list that is no readable object: the beginning of its text."""

    text: str


#: None stands for an empty element: lists of something else hold one empty text.
Element = dict[str, Any] | Unreadable | None


class _Stamped(msgspec.Struct):
    ts: Any = None


_stamped = msgspec.json.Decoder(list[_Stamped])


def document(data: bytes) -> Any:
    """Return what a JSON file says, cleaned. Raises NotJson."""
    try:
        return clean(_parsed(data))
    except RecursionError:
        raise NotJson("it is nested too deep") from None


def elements(data: bytes) -> Iterator[Element]:
    """Yield the objects of a list (or of an object's `messages`), cleaned, in order. Raises NotJson."""
    if len(data) <= _AT_ONCE and (objects := _objects(data)):
        yield from objects
        return
    try:
        raws = _elements.decode(data)
    except RecursionError:
        yield from map(_object, _cut(data))  # one object that is nested too deep costs no other
        return
    except ValueError:
        yield from _readable(_listed(_parsed(data)))
        return
    for raw in raws:
        yield _object(bytes(raw))


def stamps(data: bytes) -> list[Any]:
    """Return the `ts` of each object of a list, whatever they are, as fast as can be. Raises NotJson."""
    try:
        return [message.ts for message in _stamped.decode(data)]
    except _REFUSALS:
        return [element.get("ts") for element in elements(data) if isinstance(element, dict)]


def streamed(stream: BinaryIO) -> Iterator[Element]:
    """Yield the objects of a list of any size. Raises NotJson where it breaks, after what came before."""
    head = stream.read(3)
    source = _Shallow(b"" if head == codecs.BOM_UTF8 else head, stream)
    try:
        yield from _readable(ijson.items(source, "item", buf_size=_STREAM_BUFFER))
    except (ijson.JSONError, *_REFUSALS) as error:
        raise NotJson(f"it is not JSON from some place on ({error})") from None


def clean(value: Any) -> Any:
    """Return a JSON value without what jsonb refuses: U+0000, lone surrogates, NaN. Raises RecursionError."""
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean_text(str(key)): clean(item) for key, item in value.items()}
    if isinstance(value, Decimal):
        value = float(value)  # ijson's; told to make floats itself, it takes no number of twenty digits
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _clean_text(text: str) -> str:
    text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        # pairs that were written as two escapes become the character, halves without a partner go
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return text


def _parsed(data: bytes) -> Any:
    try:
        return _element.decode(data)
    except _REFUSALS:
        pass
    try:
        return _patiently(data)
    except RecursionError:
        raise NotJson("it is nested too deep") from None
    except ValueError as error:
        raise NotJson(f"it is not JSON ({error})") from None


def _patiently(data: bytes) -> Any:
    return json.loads(_text(data), strict=False, parse_int=_number)


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) <= _DIGITS else float(digits)


def _objects(data: bytes) -> list[dict[str, Any]]:
    """Return the objects of a list that is flawless, or nothing."""
    try:
        found = _dicts.decode(data)
    except _REFUSALS:
        return []
    return found if all(found) and b"\\u0000" not in data else []


def _object(raw: bytes) -> Element:
    try:
        element = _element.decode(raw)
        if b"\\u0000" in raw:
            element = clean(element)
    except _REFUSALS:
        try:
            element = clean(_patiently(raw))
        except _REFUSALS:
            return Unreadable(_excerpt(raw))
    return element if isinstance(element, dict) and element else _known(element, _excerpt(raw))


def _readable(items: Iterable[Any]) -> Iterator[Element]:
    for item in items:
        try:
            element = clean(item)
        except RecursionError:
            element = "nested too deep"
        yield _known(element, str(element)[:_EXCERPT])


def _known(element: Any, text: str) -> Element:
    if not element:
        return None
    return element if isinstance(element, dict) else Unreadable(text)


def _listed(value: Any) -> list[Any]:
    if isinstance(value, dict) and isinstance(value.get("messages"), list):
        value = value["messages"]
    if not isinstance(value, list):
        raise NotJson("it is no list")
    return value


def _text(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _excerpt(raw: bytes) -> str:
    return _clean_text(raw[:_EXCERPT].decode("utf-8", "replace"))


def _cut(data: bytes) -> Iterator[bytes]:
    """Yield the objects (and lists) of a list as they are written, however deep they are nested. Raises NotJson."""
    depth = start = 0
    for found in _BRACKET.finditer(data):
        if found[1] in b"[{":
            depth += 1
            start = found.end() - 1 if depth == 2 else start
        elif (depth := depth - 1) == 1:
            yield data[start : found.end()]
    if depth or data.lstrip()[:1] != b"[":
        raise NotJson("it is nested too deep")


class _Shallow:
    """A stream with its first bytes put back. Raises NotJson where it is nested absurdly deep: ijson keeps the way to where
    it is, and needs hours for it."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head, self._stream = head, stream
        self._open = self._text = b""  # brackets, and a text, that are not closed yet

    def read(self, size: int = -1) -> bytes:
        if self._head and size != 0:
            read, self._head = self._head, b""
        else:
            read = self._stream.read(size)
        for at in range(0, len(read), _SLICE):
            self._look(read[at : at + _SLICE])
        return read

    def _look(self, read: bytes) -> None:
        between, quote, text = _TEXT.sub(b"", self._text + read).partition(b'"')
        escapes = len(text) - len(text.rstrip(b"\\"))
        self._text = quote + b"\\" * (escapes % 2)  # of a text that goes on, whether its next character is escaped
        brackets = self._open + between.translate(None, _NO_BRACKETS)
        for _ in range(_DEEPEST):
            if not (b"{}" in brackets or b"[]" in brackets):
                break
            brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if len(brackets) > _DEEPEST:
            raise NotJson("it is nested too deep")
        self._open = brackets
