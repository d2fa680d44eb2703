"""Class: times and ids that are none, or somebody else's."""

from typing import Any

from mm_pipeline_tests.hostile.case import Case, Fate, HostileClass
from mm_pipeline_tests.hostile.road import TS, Run, message, messages


def _at(ts: Any, **more: Any) -> Run:
    return messages(message(ts=ts, **more))


def _by(user: Any, **more: Any) -> Run:
    return messages(message(user=user, **more))


CLASS = HostileClass(
    "Times and ids",
    "`ts`, `thread_ts` and the ids of a message.",
    (
        Case(
            "no ts",
            Fate.FAILED,
            "Slack's export gives no time (ts) for this message, so it has no place in its channel. Look at",
            _at(None),
        ),
        Case(
            "a ts that says yesterday",
            Fate.FAILED,
            "Slack's export gives no time (ts) for this message, so it has no place in its channel. Look at",
            _at("yesterday"),
        ),
        Case(
            "a ts of 0",
            Fate.FAILED,
            "Slack's export gives no time (ts) for this message, so it has no place in its channel. Look at",
            _at("0.000000"),
        ),
        Case(
            "a ts before 1970",
            Fate.FAILED,
            "Slack's export gives no time (ts) for this message, so it has no place in its channel. Look at",
            _at("-5.000100"),
        ),
        Case("a ts in the year 5138", Fate.KEPT, "ada: seeds are here", _at("99999999999.000100")),
        Case(
            "a ts of 40 digits",
            Fate.FAILED,
            "Slack's export gives no time (ts) for this message, so it has no place in its channel. Look at",
            _at("9" * 40),
        ),
        Case(
            "a ts in Arabic digits",
            Fate.FAILED,
            "Slack's export gives no time (ts) for this message, so it has no place in its channel. Look at",
            _at("١٧١٤٥٥٠٥٠٠.000100"),
        ),
        Case("a ts that is a number", Fate.KEPT, "ada: seeds are here", _at(1714550500.25)),
        Case(
            "a ts that is true",
            Fate.FAILED,
            "Slack's export gives no time (ts) for this message, so it has no place in its channel. Look at",
            _at(True),
        ),
        Case(
            "a ts that is an object",
            Fate.FAILED,
            "Slack's export gives no time (ts) for this message, so it has no place in its channel. Look at",
            _at({"ts": "1714550500.000100"}),
        ),
        Case(
            "the ts of another message, with another text",
            Fate.TOLD,
            "garden: several messages have the ts 1714550400.000100; one of them was staged as",
            _at(TS),
        ),
        Case(
            "an answer to a message that nobody has",
            Fate.KEPT,
            "ada: *The message that began this thread is not in the Slack export.*; ada: seeds are here",
            _at("1714550500.000100", thread_ts="1600000000.000100"),
        ),
        Case(
            "an answer to a message that comes later",
            Fate.KEPT,
            "ada: *The message that began this thread is not in the Slack export.*; ada: seeds are here",
            _at("1714550500.000100", thread_ts="1714559999.000100"),
        ),
        Case(
            "an answer to `yesterday`",
            Fate.KEPT,
            "ada: seeds are here",
            _at("1714550500.000100", thread_ts="yesterday"),
        ),
        Case(
            "two messages that answer each other",
            Fate.KEPT,
            "ada: *The message that began this thread is not in the Slack export.*; ada: two; ada: *The message",
            messages(
                message("one", "1714550500.000100", thread_ts="1714550501.000100"),
                message("two", "1714550501.000100", thread_ts="1714550500.000100"),
            ),
        ),
        Case(
            "an author whom no list knows",
            Fate.KEPT,
            "user slack-u0ghost; slack-u0ghost: seeds are here",
            _by("U0GHOST"),
        ),
        Case(
            "an author whose id is a path",
            Fate.KEPT,
            "user slack-u0ada; slack-u0ada: seeds are here",
            _by("../../U0ADA"),
        ),
        Case(
            "an author whose id differs in case from another's",
            Fate.KEPT,
            "user slack-u0ada; slack-u0ada: seeds are here",
            _by("u0ada"),
        ),
        Case(
            "an edit at a time that is none",
            Fate.KEPT,
            "ada: seeds are here",
            _at("1714550500.000100", edited={"ts": "soon", "user": 5}),
        ),
        Case(
            "a file whose id is that of the message and a colon",
            Fate.KEPT,
            "ada: seeds are here\n\nFile: x \u2013 deleted in Slack",
            _at("1714550500.000100", files=[{"id": "F0:1714550500.000100:F0", "name": "x", "mode": "tombstone"}]),
        ),
    ),
)
