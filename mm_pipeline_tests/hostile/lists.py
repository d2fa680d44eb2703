"""Class: lists of people and conversations that are none."""

from typing import Any

from mm_pipeline_tests.hostile.case import Case, Fate, HostileClass
from mm_pipeline_tests.hostile.road import Run, export


def _users(content: Any) -> Run:
    return export({"users.json": content})


def _groups(content: Any) -> Run:
    return export({"groups.json": content})


def _person(entry: Any) -> Run:
    return export(people=[entry])


def _channel(entry: Any) -> Run:
    return export(channels=[entry])


CLASS = HostileClass(
    "Lists",
    "users.json, and the lists of conversations.",
    (
        Case(
            "no users.json",
            Fate.REFUSED,
            "export.zip has no users.json: it is no Slack export, or not all of one. Without it nobody can tell",
            _users(None),
        ),
        Case(
            "half of users.json",
            Fate.REFUSED,
            "users.json in export.zip cannot be read: it is not JSON (Unterminated string starting at: line 1",
            _users(b'[{"id": "U0ADA", "na'),
        ),
        Case(
            "users.json is an object",
            Fate.REFUSED,
            "users.json in export.zip cannot be read: it is no list. Download the export from Slack again.",
            _users({"ok": False, "error": "not_authed"}),
        ),
        Case(
            "users.json is a text",
            Fate.REFUSED,
            "users.json in export.zip cannot be read: it is no list. Download the export from Slack again.",
            _users('"people"'),
        ),
        Case(
            "users.json of 100,000 brackets",
            Fate.REFUSED,
            "users.json in export.zip cannot be read: it is nested too deep. Download the export from Slack",
            _users(b"[" * 100_000),
        ),
        Case(
            "users.json is a web page",
            Fate.REFUSED,
            "users.json in export.zip cannot be read: it is not JSON (Expecting value: line 1 column 1 (char",
            _users(b"<!doctype html><p>Sign in"),
        ),
        Case(
            "somebody without an id",
            Fate.TOLD,
            "users.json lists somebody without an id; left out.",
            _person({"name": "nameless"}),
        ),
        Case(
            "somebody whose id is a number",
            Fate.TOLD,
            "users.json lists somebody without an id; left out.",
            _person({"id": 5, "name": "five"}),
        ),
        Case("somebody who is a text", Fate.KEPT, "nothing", _person("nobody")),
        Case(
            "somebody listed twice",
            Fate.TOLD,
            "users.json lists U0ADA twice; the first was taken.",
            _person({"id": "U0ADA", "name": "impostor"}),
        ),
        Case(
            "somebody whose every field is of a wrong type",
            Fate.KEPT,
            "user slack-u0odd",
            _person(
                {
                    "id": "U0ODD",
                    "name": 5,
                    "profile": "none",
                    "deleted": "no",
                    "is_bot": [],
                    "updated": {},
                    "tz": 3,
                    "locale": [],
                }
            ),
        ),
        Case(
            "somebody with half of users.json inside the profile",
            Fate.KEPT,
            "user odd",
            _person(
                {
                    "id": "U0ODD",
                    "name": "odd",
                    "profile": {"email": ["a@b.example"], "real_name": {"first": "x"}, "title": 7, "fields": "x"},
                }
            ),
        ),
        Case(
            "groups.json is no JSON",
            Fate.TOLD,
            "groups.json was not read: it is not JSON (Expecting value: line 1 column 1 (char 0)).",
            _groups(b"\x00\x01\x02"),
        ),
        Case("groups.json is a number", Fate.TOLD, "groups.json was not read: it is no list.", _groups(b"7")),
        Case("groups.json is a list of lists", Fate.KEPT, "nothing", _groups([[{"id": "G0"}], None, 3])),
        Case(
            "a channel without an id",
            Fate.TOLD,
            "channels.json lists 'nowhere' without an id; its folder is taken as it is.",
            _channel({"name": "nowhere"}),
        ),
        Case(
            "a channel listed twice, open and closed",
            Fate.TOLD,
            "C0SECRET is listed twice, the second time in channels.json; the first was taken.",
            export(
                {"groups.json": [{"id": "C0SECRET", "name": "secret"}]}, channels=[{"id": "C0SECRET", "name": "secret"}]
            ),
        ),
        Case(
            "a channel whose every field is of a wrong type",
            Fate.TOLD,
            "1 channel is archived in Slack and open in the file. When all is in: mmctl channel archive",
            _channel(
                {
                    "id": "C0ODD",
                    "name": ["odd"],
                    "members": "all",
                    "topic": 1,
                    "purpose": None,
                    "is_archived": "no",
                    "creator": {},
                    "pins": 3,
                    "previous_names": 9,
                }
            ),
        ),
        Case(
            "a channel whose members are numbers, lists and people that nobody knows",
            Fate.KEPT,
            "channel odd",
            _channel({"id": "C0ODD", "name": "odd", "members": [1, None, ["U0ADA"], "U0ADA", "U0ADA", "U0NOBODY"]}),
        ),
    ),
)
