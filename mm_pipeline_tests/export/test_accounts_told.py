"""What the log says of new accounts: what came of them, not what was asked for."""

import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from mm_pipeline.errors import RowFailed
from mm_pipeline.export.user_exporter import UserExporter
from mm_pipeline.mattermost.outcome import Answer, Done, Refused
from mm_pipeline.plan.people import plan_people
from mm_pipeline.plan.settings import PlanSettings
from mm_pipeline_tests.plan.rows import user


def _answers(accounts: list[Any], channels: Any) -> Iterator[Done | Refused]:
    """The third is refused, the second was there; a real server cannot be made to refuse what was validated."""
    first, second, third, *others = (one.key for one in accounts)
    yield Done(key=first, answer=Answer.CREATED, id="a1")
    yield Done(key=second, answer=Answer.USERNAME_EXISTS)
    yield Refused(key=third, error=RowFailed("no"))
    yield from (Done(key=one, answer=Answer.CREATED, id=f"a{one}") for one in others)


def test_accounts_are_told_when_they_are_there_with_those_that_were_refused_or_there_before(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rows = [user(f"U{number}", f"fern{number}") for number in range(1, 6)]
    decided = plan_people(rows, [], PlanSettings(staged_at=1), {}, guests=False)
    directory = SimpleNamespace(
        person_decisions={one.slack_id: one for one in decided}, memberships={}, named_channels=list
    )
    run: Any = SimpleNamespace(
        store=SimpleNamespace(workspace="fern"),
        directory=directory,
        fetch_avatar=lambda row: None,
        api=SimpleNamespace(create_accounts=_answers),
        accounts_overwritten=(),
    )
    sent = UserExporter.send([UserExporter(row, None, run) for row in rows], run)  # type: ignore[arg-type]  # nothing is settled
    with caplog.at_level(logging.INFO, logger="mm_pipeline"):
        outcomes = [next(sent) for _ in rows]
        assert not caplog.messages
        assert next(sent, None) is None
    assert len(outcomes) == 5
    assert caplog.messages == ["3 new accounts, 0 of them with a picture; 1 was there already; 1 was refused"]
