"""Asset checks: what the UI shows green, yellow or red after each step. Decides nothing; report/comparison.py compares.

A row that failed blocks nothing: it costs itself. What would do damage blocks: going on into a server that is not the one
the rows know, or with private messages where everybody reads. What could not be asked is yellow and blocks nothing.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import dagster as dg

from mm_pipeline.assets.tables import table_of
from mm_pipeline.backend_logger import masked
from mm_pipeline.db.shown_rows import ShownRows
from mm_pipeline.errors import PipelineError
from mm_pipeline.migration import Migration
from mm_pipeline.model import EntityType, Status
from mm_pipeline.nouns import counted
from mm_pipeline.report.comparison import COMPARISONS, Comparison, Verdict
from mm_pipeline.report.frames import reasons_of
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource

#: Lines of a table in the UI.
_MOST = 500


class Question(NamedTuple):
    """A check as the UI shows it: its name, what it proves, who finds it out, whether it may stop a run."""

    name: str
    proves: str
    ask: Callable[[Migration], Verdict]
    blocking: bool = False


def _checks(asset: str, *questions: Question) -> dg.AssetChecksDefinition:
    """Return the checks of an asset: one step of a run for all of them, and each can be executed alone in the UI."""
    specs = [
        dg.AssetCheckSpec(one.name, asset=asset, description=one.proves, blocking=one.blocking) for one in questions
    ]

    @dg.multi_asset_check(name=f"{asset}_checks", specs=specs, can_subset=True)
    def check(
        context: dg.AssetCheckExecutionContext,
        mm: MMResource,
        postgres: PostgresResource,
        slack: SlackResource,
        plan_choices: PlanResource,
    ) -> Iterator[dg.AssetCheckResult]:
        migration = Migration(mm, postgres, slack, plan_choices)
        wanted = {key.name for key in context.selected_asset_check_keys}
        asked = [question for question in questions if question.name in wanted]
        # Each waits for PostgreSQL or for the server: together they take as long as the longest.
        with ThreadPoolExecutor(len(questions), "asking") as pool:
            found = list(pool.map(lambda question: _asked(question, migration), asked))
        for question, verdict in zip(asked, found, strict=True):
            yield _result(asset, question.name, verdict)

    return check


def _asked(question: Question, migration: Migration) -> Verdict:
    try:
        return question.ask(migration)
    except PipelineError as error:
        return Verdict(agrees=False, said=f"It could not be asked: {masked(str(error))}")


def _result(asset: str, name: str, found: Verdict) -> dg.AssetCheckResult:
    severity = dg.AssetCheckSeverity.ERROR if found.is_harmful else dg.AssetCheckSeverity.WARN
    lines = {found.lines_are: table_of(found.lines[:_MOST])} if found.lines else {}
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=name,
        passed=found.agrees,
        severity=severity,
        description=found.said,
        metadata={**found.numbers, **lines},
    )


def _of_type(entity_type: EntityType) -> dg.AssetChecksDefinition:
    """Return the checks of one of the six: that every row arrived, and what is asked of the server."""
    own = Question(
        "every_row_arrived",
        f"No {entity_type.value} row failed, and none is still to be exported. Skipped rows have a reason and count as done.",
        lambda migration: _every_row_arrived(migration, entity_type),
    )
    return _checks(entity_type.value, own, *(_of_server(compared) for compared in COMPARISONS[entity_type]))


def _of_server(compared: Comparison) -> Question:
    return Question(
        compared.name, compared.proves, lambda migration: compared.ask(migration.compared), compared.blocking
    )


def _every_row_arrived(migration: Migration, entity_type: EntityType) -> Verdict:
    counts, undone = migration.store.counts(entity_type)[entity_type], migration.store.undone(entity_type)
    total, failed = sum(counts.values()), counts[Status.FAILED]
    reasons = reasons_of(migration.store.reasons(entity_type), entity_type)
    return Verdict(
        agrees=not failed and not undone,
        said=f"{failed or 'None'} of {counted(total, 'row')} failed, "
        f"{undone or 'none'} {'is' if undone <= 1 else 'are'} still to be exported."
        + (f" Most often: {masked(reasons[0]['why'])}" if failed else ""),
        numbers={**{status.value: count for status, count in counts.items()}, "still to be exported": undone},
        lines=reasons,
        lines_are="reasons",
    )


def _every_row_is_staged(migration: Migration) -> Verdict:
    counts, told = migration.store.counts(), ShownRows(migration.store).staged_rows()
    lines: list[dict[str, Any]] = [
        {"type": one.value, "in the export": told.get(one, 0), "rows": sum(counts[one].values())} for one in EntityType
    ]
    fewer = [line["type"] for line in lines if line["rows"] < line["in the export"]]
    return Verdict(
        agrees=not fewer,
        said=f"There are fewer rows than things in the export ({', '.join(fewer)}): ids that it uses twice are one row."
        if fewer
        else f"{counted(sum(line['rows'] for line in lines), 'row')}: at least as many of each type as the export holds.",
        lines=lines,
    )


def _everything_is_decided(migration: Migration) -> Verdict:
    left = {
        one: migration.store.undecided(one) for one in (EntityType.USER, EntityType.CUSTOM_EMOJI, EntityType.CHANNEL)
    }
    undecided = [f"{count} {one.value}" for one, count in left.items() if count]
    return Verdict(
        agrees=not undecided,
        said=f"The plan has not decided on {', '.join(undecided)} rows: materialize plan again."
        if undecided
        else "Every person, emoji and conversation has a name on the server, or a reason to be left out.",
        numbers={f"{one.value} rows undecided": count for one, count in left.items()},
        is_harmful=bool(undecided),
    )


CHECKS = [
    _checks(
        "slack_export",
        Question(
            "every_row_is_staged",
            "The table holds at least as many rows of each type as the fullest export that was staged held things.",
            _every_row_is_staged,
        ),
    ),
    _checks(
        "plan",
        Question(
            "everything_is_decided",
            "The plan has decided on every person, emoji and conversation. Stops the run where it has not: what has no name "
            "on the server could only fail.",
            _everything_is_decided,
            blocking=True,
        ),
    ),
    *(_of_type(entity_type) for entity_type in EntityType),
]
