"""Class: names and addresses that are somebody else's, or that the server refuses."""

from typing import Any

from mm_pipeline_tests.end_to_end.small_export import person
from mm_pipeline_tests.hostile.case import Case, Fate, HostileClass
from mm_pipeline_tests.hostile.road import Run, export


def _person(name: str, **more: Any) -> Run:
    return export(people=[person("U0NEW", name, **more)])


def _email(email: Any) -> Run:
    return _person("new", profile={"email": email})


def _channel(name: str) -> Run:
    return export(channels=[{"id": "C0NEW", "name": name}])


CLASS = HostileClass(
    "Names",
    "Names of people and channels, and addresses, on their way through the plan.",
    (
        Case(
            "a person who is called like another",
            Fate.KEPT,
            "user ada-2",
            _person("ada", profile={"email": "other@people.example"}),
        ),
        Case("a person with another's e-mail", Fate.KEPT, "user new", _email("ada@people.example")),
        Case("a person with another's e-mail in capitals", Fate.KEPT, "user new", _email("ADA@People.Example")),
        Case("a person who is called `system`", Fate.KEPT, "user system-2", _person("system")),
        Case("a person who is called `all`", Fate.KEPT, "user all-2", _person("all")),
        Case("a person who is called `@here`", Fate.KEPT, "user here-2", _person("@here")),
        Case("a person who is called `../admin`", Fate.KEPT, "user admin", _person("../admin")),
        Case("a person whose name is blank", Fate.KEPT, "user slack-u0new", _person("   ")),
        Case(
            "a person whose name has no letter that Mattermost takes",
            Fate.KEPT,
            "user slack-u0new",
            _person("\u202e\u200b\ufeff"),
        ),
        Case(
            "a person in letters that look like another's (Cyrillic а)", Fate.KEPT, "user slack-u0new", _person("аda")
        ),
        Case("a person with a line break in the name", Fate.KEPT, "user ada-admin", _person("ada\nadmin")),
        Case(
            "an e-mail with a second address behind it",
            Fate.KEPT,
            "user new",
            _email("a@people.example, ada@people.example"),
        ),
        Case(
            "an e-mail with a header behind a line break",
            Fate.KEPT,
            "user new",
            _email("a@people.example\r\nBcc: all@people.example"),
        ),
        Case(
            "an e-mail with a dot before the @, which ends a whole job",
            Fate.KEPT,
            "user new",
            _email("dot.@people.example"),
        ),
        Case("an e-mail that is none", Fate.KEPT, "user new", _email("nowhere")),
        Case("a channel that is called like another", Fate.KEPT, "channel garden-2", _channel("garden")),
        Case(
            "a channel that is called like a direct channel",
            Fate.KEPT,
            "channel aaaaaaaaaaaaaaaaaaaaaaaaaa__bbbbbbbbbbbbbbbbbbbbbbbbbb-2",
            _channel(f"{'a' * 26}__{'b' * 26}"),
        ),
        Case(
            "a channel that is called like a group channel",
            Fate.KEPT,
            "channel 0123456789012345678901234567890123456789-2",
            _channel("0123456789" * 4),
        ),
        Case("a channel that is called `../town-square`", Fate.KEPT, "channel town-square", _channel("../town-square")),
        Case("a channel that is called `town-square`", Fate.KEPT, "channel town-square", _channel("town-square")),
    ),
)
