"""Class: the plan's table, as spreadsheets and people hand it back."""

import io
from collections.abc import Callable

from mm_pipeline.errors import AbortRun
from mm_pipeline.mattermost.on_server import ExistingChannel
from mm_pipeline.plan.channels import plan_channels
from mm_pipeline.plan.decisions_csv import COLUMNS, Plan, plan_rows, read_edits
from mm_pipeline.plan.edits import apply_edits
from mm_pipeline.plan.people import plan_people
from mm_pipeline_tests.hostile.case import Case, Desk, Ended, Fate, HostileClass
from mm_pipeline_tests.plan.rows import account, channel, existing, settings, user

_HEAD = ",".join(COLUMNS)
_ACCOUNTS = [account("boss", "boss@meadow.example", roles="system_user system_admin")]


def _plan() -> Plan:
    people = plan_people(
        [user("U1", "fern", "fern@orchard.example"), user("U2", "moss", "moss@orchard.example")], _ACCOUNTS, settings()
    )
    rows = [channel("C1", "seeds", members=["U1", "U2"])]
    return Plan(people=people, channels=plan_channels(rows, _lookup, {"U1": "fern", "U2": "moss"}, settings()))


def _lookup(name: str) -> ExistingChannel | None:
    return existing("town-square") if name == "town-square" else None


def applied(content: bytes) -> Ended:
    """Read a table and apply it to a plan of two people and a channel."""
    plan = _plan()
    try:
        edits = read_edits(io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline=""))
    except AbortRun as stop:
        return Ended(Fate.REFUSED, (str(stop),))
    after, objections = apply_edits(plan, edits, _ACCOUNTS, _lookup)
    changed = [row for row in plan_rows(after) if row not in plan_rows(plan)]
    if objections:
        return Ended(Fate.TOLD, tuple(objections))
    return Ended(Fate.KEPT, (f"{len(changed)} decisions changed",))


def _bytes(content: bytes) -> Callable[[Desk], Ended]:
    return lambda _: applied(content)


def _table(*lines: str) -> Callable[[Desk], Ended]:
    return _bytes("\n".join([_HEAD, *lines, ""]).encode())


CLASS = HostileClass(
    "Plan tables",
    "`mm-pipeline plan --read`: a line that cannot be followed is told, and the others are.",
    (
        Case(
            "nothing",
            Fate.REFUSED,
            "the table lacks the column 'type': its first line must be type,slack_id,slack name,mattermost",
            _bytes(b""),
        ),
        Case(
            "a spreadsheet's own file instead of a CSV",
            Fate.REFUSED,
            "the table cannot be read as CSV in UTF-8: 'utf-8' codec can't decode byte 0xff in position 4:",
            _bytes(b"PK\x03\x04\xff\xfe\x80" + bytes(200)),
        ),
        Case(
            "another table",
            Fate.REFUSED,
            "the table lacks the column 'type': its first line must be type,slack_id,slack name,mattermost",
            _bytes(b"a,b,c\n1,2,3\n"),
        ),
        Case(
            "Latin-1 instead of UTF-8",
            Fate.REFUSED,
            "the table cannot be read as CSV in UTF-8: 'utf-8' codec can't decode byte 0xe9 in position 83:",
            _bytes((_HEAD + "\nuser,U1,fern,f\xe9rn,,create,\n").encode("latin-1")),
        ),
        Case(
            "UTF-16, as some spreadsheets save",
            Fate.REFUSED,
            "the table cannot be read as CSV in UTF-8: 'utf-8' codec can't decode byte 0xff in position 0:",
            _bytes((_HEAD + "\nuser,U1,fern,fern,,create,\n").encode("utf-16")),
        ),
        Case(
            "a quote that is never closed",
            Fate.TOLD,
            "line 7: action '' is unknown: write create, match or skip.",
            _table('user,U1,"fern,fern,,create,' + "\n" * 5),
        ),
        Case(
            "a cell of 200,000 characters",
            Fate.REFUSED,
            "the table cannot be read as CSV in UTF-8: field larger than field limit (131072).",
            _table(f"user,U1,fern,{'f' * 200_000},,create,"),
        ),
        Case(
            "U+0000 in a name",
            Fate.TOLD,
            "line 2: fe\x00rn is no username: 1-64 of a-z 0-9 . _ -, and none of the reserved ones.",
            _table("user,U1,fern,fe\0rn,,create,"),
        ),
        Case(
            "a line with too few cells",
            Fate.TOLD,
            "line 2: action '' is unknown: write create, match or skip.",
            _table("user,U1"),
        ),
        Case(
            "a line with too many cells",
            Fate.KEPT,
            "0 decisions changed",
            _table("user,U1,fern,fern,fern@orchard.example,create,,,,,x,y"),
        ),
        Case(
            "an action that is none",
            Fate.TOLD,
            "line 2: action 'delete' is unknown: write create, match or skip.",
            _table("user,U1,fern,fern,,delete,"),
        ),
        Case(
            "an id that the plan has not",
            Fate.TOLD,
            "line 2: the plan has no user U99' OR '1'='1: leave type and slack_id as they are.",
            _table("user,U99' OR '1'='1,x,x,,create,"),
        ),
        Case(
            "a type that is none",
            Fate.TOLD,
            "line 2: the plan has no entities; DROP TABLE U1: leave type and slack_id as they are.",
            _table("entities; DROP TABLE,U1,fern,fern,,create,"),
        ),
        Case(
            "the administrator's name for somebody new",
            Fate.TOLD,
            "line 2: boss is taken on the server: give fern another name, or write match if they are the same.",
            _table("user,U1,fern,boss,,create,"),
        ),
        Case(
            "the administrator's e-mail for somebody new",
            Fate.TOLD,
            "line 2: the e-mail of fern is an account's on the server: write match with its name, or another",
            _table("user,U1,fern,fern,boss@meadow.example,create,"),
        ),
        Case(
            "one name for two",
            Fate.TOLD,
            "line 2: fern and moss would have the same username moss: change one of them.",
            _table("user,U1,fern,moss,,create,"),
        ),
        Case(
            "a name that is a path",
            Fate.TOLD,
            "line 2: ../../admin is no username: 1-64 of a-z 0-9 . _ -, and none of the reserved ones.",
            _table("user,U1,fern,../../admin,,create,"),
        ),
        Case(
            "a name that is a formula",
            Fate.TOLD,
            'line 2: =hyperlink("https://evil.example") is no username: 1-64 of a-z 0-9 . _ -, and none of the',
            _table('user,U1,fern,"=HYPERLINK(""https://evil.example"")",,create,'),
        ),
        Case(
            "a channel into a closed one, by a path",
            Fate.TOLD,
            "line 2: ../vault is no channel name: write it as in the channel's address (1-64 of a-z 0-9 _ -).",
            _table("channel,C1,seeds,../vault,,match,"),
        ),
        Case(
            "one line twice, first renamed, then as it was",
            Fate.KEPT,
            "1 decisions changed",
            _table("user,U1,fern,fern2,,create,", "user,U1,fern,fern,,create,"),
        ),
    ),
)
