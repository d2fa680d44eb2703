"""Class: day files that are no JSON, or one that strict readers refuse."""

from mm_pipeline_tests.hostile.case import Case, Fate, HostileClass
from mm_pipeline_tests.hostile.road import Run, export

_ONE = '[{"type":"message","user":"U0ADA","ts":"1714550500.000100","text":"café%s"%s}]'


def _day(content: bytes) -> Run:
    return export(day=content)


def _text(text: str = "", more: str = "", encoding: str = "utf-8") -> Run:
    return _day((_ONE % (text, more)).encode(encoding))


CLASS = HostileClass(
    "Day files",
    "The bytes of a day's messages.",
    (
        Case(
            "nothing",
            Fate.TOLD,
            "garden/2024-05-02.json was not read: it is not JSON (Expecting value: line 1 column 1 (char 0)).",
            _day(b""),
        ),
        Case(
            "no JSON",
            Fate.TOLD,
            "garden/2024-05-02.json was not read: it is not JSON (Expecting value: line 1 column 1 (char 0)).",
            _day(b"not json"),
        ),
        Case(
            "cut off in the middle of a text",
            Fate.TOLD,
            "garden/2024-05-02.json was not read: it is not JSON (Unterminated string starting at: line 1 column",
            _day(b'[{"type": "message", "text": "cut o'),
        ),
        Case(
            "a text instead of a list",
            Fate.TOLD,
            "garden/2024-05-02.json was not read: it is no list. Its messages are missing.",
            _day(b'"text"'),
        ),
        Case(
            "a number instead of a list",
            Fate.TOLD,
            "garden/2024-05-02.json was not read: it is no list. Its messages are missing.",
            _day(b"7"),
        ),
        Case(
            "random bytes",
            Fate.TOLD,
            "garden/2024-05-02.json was not read: it is not JSON (Expecting value: line 1 column 1 (char 0)).",
            _day(bytes(range(256))),
        ),
        Case(
            "50,000 brackets",
            Fate.TOLD,
            "garden/2024-05-02.json was not read: it is nested too deep. Its messages are missing.",
            _day(b"[" * 50_000),
        ),
        Case(
            "a message that is nested 90,000 deep",
            Fate.FAILED,
            "This is no message that can be read. Look at garden/2024-05-02.json, entry 0 (from 0), or download",
            _day(b'[{"ts":"1714550500.0","x":' + b"[" * 90_000 + b"]" * 90_000 + b"}]"),
        ),
        Case("a message that is nested 700 deep", Fate.KEPT, "ada: café", _text("", ',"x":' + "[" * 700 + "]" * 700)),
        Case("a byte order mark", Fate.KEPT, "ada: café", _day(b"\xef\xbb\xbf" + (_ONE % ("", "")).encode())),
        Case("Latin-1", Fate.KEPT, "ada: café", _text(encoding="latin-1")),
        Case("UTF-16", Fate.KEPT, "ada: café", _text(encoding="utf-16")),
        Case("U+0000, which PostgreSQL refuses", Fate.KEPT, "ada: café", _text("\\u0000")),
        Case("half of a surrogate pair", Fate.KEPT, "ada: café", _text("\\ud83d")),
        Case("the halves of a pair in the wrong order", Fate.KEPT, "ada: café", _text("\\ude00\\ud83d")),
        Case("control characters inside a text", Fate.KEPT, "ada: caf\xe9\x02\x07", _text("\x01\x02\x07")),
        Case("NaN, infinity and 1e999", Fate.KEPT, "ada: café", _text("", ',"x":NaN,"y":-Infinity,"z":1e999')),
        Case(
            "a number of 5,000 digits",
            Fate.KEPT,
            "ada: café",
            _text("", ',"x":' + "9" * 5_000),
        ),
        Case("a key twice in one message", Fate.KEPT, "ada: the other text", _text("", ',"text":"the other text"')),
        Case(
            "an object around the list, as an API answers",
            Fate.KEPT,
            "ada: café",
            _day(b'{"ok":true,"messages":' + (_ONE % ("", "")).encode() + b"}"),
        ),
    ),
)
