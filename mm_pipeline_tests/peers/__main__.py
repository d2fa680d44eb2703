"""Run the tests that docs/peers.md names; then take features out and see their tests fail.

Exit code 0: every test passed, and every feature that was taken out was missed by its test. The checkout is not changed.
"""

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mm_pipeline_tests.peers.copy_of_tree import CopyOfTree
from mm_pipeline_tests.peers.mutation import ROOT, Mutation, declared
from mm_pipeline_tests.peers.page import ROWS, counted, rows

DRAWN = 20


def main() -> int:
    """Read the command line, run, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m mm_pipeline_tests.peers", description=__doc__)
    parser.add_argument("--no-tests", action="store_true", help="only take features out")
    parser.add_argument("--no-server", action="store_true", help="leave out the tests that start a Mattermost server")
    parser.add_argument("--seed", type=int, default=1, help="what the draw depends on (default 1)")
    parser.add_argument("--rows", type=int, default=DRAWN, help=f"how many features are taken out (default {DRAWN})")
    parser.add_argument("--all", action="store_true", help="take out every feature that has a mutation")
    parser.add_argument("--only", nargs="+", metavar="ROW", help="take out these rows' features, like 37 W3")
    wish = parser.parse_args()
    known = declared()
    print(f"docs/peers.md: {counted()}; {len(known)} of {len(ROWS)} rows have a mutation")
    if strange := [row for row in wish.only or () if row not in known]:
        parser.error(f"no mutation is declared for {', '.join(strange)}")
    chosen = wish.only or (list(known) if wish.all else drawn(list(known), wish.seed, wish.rows))
    passed = wish.no_tests or run_tests(without_server=wish.no_server)
    return 0 if take_out([known[row] for row in chosen]) and passed else 1


def drawn(known: Sequence[str], seed: int, count: int) -> list[str]:
    """Return as many rows as asked for, in the page's order; the same ones for the same seed."""
    ordered = sorted(known, key=ROWS.index)
    return sorted(random.Random(seed).sample(ordered, min(count, len(ordered))), key=ROWS.index)


def run_tests(*, without_server: bool) -> bool:
    """Run every test that the page names; returns whether all passed."""
    tests = list(dict.fromkeys(test for row in rows() for test in row.tests))
    plugin = ["-p", "mm_pipeline_tests.peers.without_server"] if without_server else []
    print(f"running {len(tests)} tests{' but for those that need a server' if without_server else ''}", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", *plugin, *tests]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def take_out(mutations: Sequence[Mutation]) -> bool:
    """Take each feature out of a copy of the tree; returns whether each was missed by its test."""
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        tree = CopyOfTree(Path(folder))
        whole = tree.run(*dict.fromkeys(mutation.test for mutation in mutations))
        if whole.code:
            print(f"the tests do not pass on the whole tree, so nothing can be shown:{whole.said}")
            return False
        missed = 0
        for mutation in mutations:
            outcome = tree.run_without(mutation)
            missed += outcome.is_red
            word = "red" if outcome.is_red else "STILL GREEN" if not outcome.code else "DID NOT RUN"
            print(f"{word:11}  row {mutation.row:4} {mutation.file}  {mutation.test}", flush=True)
            if outcome.code > 1 or not outcome.is_red:
                print(outcome.said)
    print(f"{missed} of {len(mutations)} features taken out turned their test red")
    return missed == len(mutations)


if __name__ == "__main__":
    sys.exit(main())
