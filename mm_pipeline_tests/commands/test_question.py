"""What is asked where nobody can answer."""

import io

import click
import pytest

from mm_pipeline.commands.question import answered, confirmed
from mm_pipeline.errors import PipelineError


@pytest.mark.parametrize("ask", [confirmed, answered])
def test_where_nobody_can_be_asked_the_way_without_asking_is_named(
    ask: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(PipelineError, match=r"nothing was done\. With --yes it goes on without asking"):
        ask("Go on?")  # type: ignore[operator]


def test_a_no_is_a_no_wherever_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    with pytest.raises(click.Abort):
        confirmed("Go on?")
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    confirmed("Go on?")
