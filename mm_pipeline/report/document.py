"""All that the report holds, put together from the rows, the plan and the server. Draws nothing, writes nothing.

The page, the JSON and the tables are made from this one thing, so they say the same; no secret is in it.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from mm_pipeline.backend_logger import masked
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.errors import PipelineError
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.on_server import Server
from mm_pipeline.model import EntityType, RolledBack, Status
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.plan.planner import stored_plan
from mm_pipeline.report.changed_names import Changed, changed_names
from mm_pipeline.report.counted import Month, Seen, asked_or_why, staged_and_seen
from mm_pipeline.report.losses import Loss, losses
from mm_pipeline.report.password_resets import Reset, password_resets
from mm_pipeline.report.plan_as_it_came import plan_as_it_came
from mm_pipeline.report.report import Report
from mm_pipeline.report.rows import NotThere, Rows
from mm_pipeline.report.sample_threads import SampleThread, sample_threads
from mm_pipeline.report.signature import Signature, signature

#: What is read beside the counts: they are on the thread that asks.
_AT_ONCE = 2


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why rows of a type failed or were skipped, and how many."""

    type: str
    status: str
    why: str
    rows: int


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """The report."""

    signature: Signature
    is_complete: bool
    counts: dict[str, dict[str, int]]  #: rows per type and status
    labels: dict[str, str]  #: Slack id of a conversation -> what people call it
    months: list[Month]
    seen: Seen | None
    not_asked: str  #: why the server could not be asked, "" if it was
    reasons: list[Reason]
    remedies: list[str]  #: what is missing and can still come, and what brings it
    not_there: list[NotThere]
    losses: list[Loss]
    changed: list[Changed]
    resets: list[Reset]
    threads: list[SampleThread]
    remarks: list[str]
    steps: list[tuple[str, float, int]]  #: step, seconds, rows
    pause: str = ""  #: who has the work rest, and since when; "" = it may go on
    rolled_back: RolledBack | None = None  #: since when nothing was sent


def document(
    store: EntityStore,
    api: MattermostAPI,
    told: Report,
    settings: dict[str, str],
    *,
    email_domain: str,
    earlier: Seen | None = None,
    read_all: bool = True,
    pause: str = "",
    as_counted: Callable[[list[Month], dict[str, str]], object] = lambda months, labels: None,
) -> Document:
    """Return the report as things stand now. `told`: what the rows say.

    `earlier`: what the server said before. It stands in for an answer where nothing has changed here since, if the server is
    not to be asked anew, or cannot be asked.
    `read_all` False: what was just sent is not read back once more (counted.ask_server).
    `pause`: who has the work rest; nothing begins before `mm-pipeline resume`.
    `as_counted`: is given the months and what people call their conversations, by Slack id, while the rest is still read.
    """
    rows = Rows(store)
    plan = plan_as_it_came(stored_plan(store), rows)
    server, not_asked = _server(api)
    # What looks through all rows, or asks the server much: each waits for PostgreSQL or for the server, the others meanwhile go on.
    with ThreadPoolExecutor(_AT_ONCE, "reading") as beside:
        reactions = told.result.counts[EntityType.REACTION][Status.SUCCESS]
        lost = beside.submit(losses, rows, server, reactions)
        threads = beside.submit(sample_threads, api, store, plan) if server else None
        resets = beside.submit(password_resets, rows, plan, email_domain, None if not_asked else api, ask_all=read_all)
        seen = earlier if earlier and earlier.settled_at == rows.settled_at() else None
        if (read_all or not seen) and not not_asked:
            answer, not_asked = asked_or_why(api, store, read_all=read_all)
            seen = answer or seen
        months, labels = staged_and_seen(rows, seen), {one.slack_id: masked(_label(one)) for one in plan.channels}
        as_counted(months, labels)
    made = Document(
        signature=signature(rows, server, settings, store.workspace, int(time.time() * 1000)),
        is_complete=told.result.is_complete,
        counts={
            entity_type.value: {status.value: count for status, count in counts.items()}
            for entity_type, counts in told.result.counts.items()
        },
        labels=labels,
        months=months,
        seen=seen,
        not_asked=not_asked,
        reasons=[
            Reason(type=entity_type, status=status, why=why, rows=count)
            for entity_type, found in told.result.reasons.items()
            for status, why, count in found
        ],
        remedies=told.result.remedies,
        not_there=rows.not_there(),
        losses=lost.result(),
        changed=changed_names(plan, {*store.left_out(EntityType.USER), *store.left_out(EntityType.CHANNEL)}),
        resets=resets.result(),
        threads=threads.result() if threads else [],
        remarks=told.remarks,
        steps=told.result.steps,
        pause=pause,
        rolled_back=told.result.rolled_back,
    )
    return without_secrets(made)


def without_secrets(document: Document) -> Document:
    """Return it with every secret masked: rows' reasons and texts of people are somebody else's words."""
    known: dict[str, str] = {}

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            if value not in known:
                known[value] = masked(value)
            return known[value]
        if isinstance(value, dict):
            return {clean(key): clean(one) for key, one in value.items()}
        if isinstance(value, list):
            return [clean(one) for one in value]
        return value

    return msgspec.convert(clean(msgspec.to_builtins(document, builtin_types=())), Document)


def earlier_seen(file: Path) -> Seen | None:
    """Return what an earlier report's JSON says of the server, None where there is none that can be read."""

    class Told(msgspec.Struct):
        seen: Seen | None = None

    try:
        return msgspec.json.decode(file.read_bytes(), type=Told).seen
    except (OSError, msgspec.DecodeError):
        return None


def _server(api: MattermostAPI) -> tuple[Server | None, str]:
    try:
        return api.server(), ""
    except PipelineError as error:
        return None, str(error)


def _label(one: ChannelDecision) -> str:
    """Return what people call a conversation: its name, or its people."""
    return one.slack_name if one.name and one.slack_name else ", ".join(one.members) or one.slack_name or one.slack_id
