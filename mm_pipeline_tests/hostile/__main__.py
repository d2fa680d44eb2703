"""Fuzz staging, rendering and what else takes input for some minutes; or draw docs/hostile-input.md from the table.

Exit code 0: every error was one that says what to do. Else the smallest input that was not foreseen is printed.
"""

import argparse
import logging
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

import psycopg
from hypothesis import HealthCheck, given, seed, settings

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.db.embedded import EmbeddedPostgres
from mm_pipeline.db.migrations import migrate
from mm_pipeline_tests.hostile.fuzzing import Target, targets
from mm_pipeline_tests.hostile.page import PAGE, page
from mm_pipeline_tests.hostile.table import CLASSES

_DATABASE = "fuzz"


def main() -> int:
    """Read the command line, run, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m mm_pipeline_tests.hostile", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, help="how long (default 30)")
    parser.add_argument("--seed", type=int, default=1, help="what the inputs depend on (default 1)")
    parser.add_argument("--page", action="store_true", help="only draw docs/hostile-input.md")
    wish = parser.parse_args()
    if wish.page:
        PAGE.write_text(page(CLASSES), encoding="utf-8")
        return 0
    backend_logger.setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="hostile-") as name:
        postgres = EmbeddedPostgres(Path(name) / "postgres", conf={"fsync": "off", "full_page_writes": "off"})
        postgres.start()
        try:
            postgres.create_database(_DATABASE)
            url = postgres.url(_DATABASE)
            with psycopg.connect(url, autocommit=True) as connection:
                migrate(connection)
            return fuzz(targets(url, Path(name)), wish.minutes, wish.seed)
        finally:
            postgres.stop()


def fuzz(all_of_them: list[Target], minutes: float, begin: int) -> int:
    """Give everything anything, round by round, each with a seed of its own. Returns the exit code."""
    tried: Counter[str] = Counter()
    ends = time.monotonic() + minutes * 60
    number = begin
    while time.monotonic() < ends:
        for target in all_of_them:
            try:
                _round(target, number, tried)
            except Exception:
                traceback.print_exc()
                print(f"uncaught in {target.name}, seed {number}, after {tried[target.name]:,} inputs")
                return 1
        number += 1
        if number % 10 == 0:
            print(_counted(tried), flush=True)
    print(f"{_counted(tried)}: 0 uncaught")
    return 0


def _round(target: Target, number: int, tried: Counter[str]) -> None:
    @seed(number)
    @settings(max_examples=target.examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(target.inputs)
    def anything(made: object) -> None:
        tried[target.name] += 1
        target.check(made)

    anything()


def _counted(tried: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in tried.items())


if __name__ == "__main__":
    sys.exit(main())
