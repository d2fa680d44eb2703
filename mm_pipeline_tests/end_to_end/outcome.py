"""What a command said, and what it left of the rows. Judges only what every command owes: no traceback, no token."""

import re
import subprocess
from collections.abc import Sequence

from mm_pipeline_tests.end_to_end.migrated import ROOT, Pipeline
from mm_pipeline_tests.end_to_end.warm import run_warm

EXPORT = ("mm-pipeline", "export")
_LOG = re.compile(r"\d\d:\d\d:\d\d [A-Z]+ ")
_PROGRESS = re.compile(r"(user|custom_emoji|attachment|channel|message|reaction) .*(\d/|━)")


def run_with(run: Pipeline, words: Sequence[str], **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end with some settings changed."""
    return run_warm(words, run.environment | settings, ROOT, 300)


def said(stderr: str) -> list[str]:
    """Return what stderr says beside the log and the progress."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    return [line for line in lines if not _LOG.match(line) and not _PROGRESS.match(line)]


def the_sentence(run: Pipeline, code: int, stdout: str, stderr: str) -> str:
    """Return the one sentence with which a command failed."""
    assert code == 1
    assert "Traceback" not in stdout + stderr
    assert run.server.token not in stdout + stderr
    (sentence,) = said(stderr)
    assert sentence.endswith(".")
    return sentence


def statuses(run: Pipeline) -> dict[str, dict[str, int]]:
    """Return how many rows of each type are in each status."""
    return {
        entity_type: {status: count for status, count in counts.items() if isinstance(count, int)}
        for entity_type, counts in run.status().items()
    }


def pending(counts: dict[str, dict[str, int]]) -> int:
    """Return how many rows of all types are pending."""
    return sum(of_type["pending"] for of_type in counts.values())
