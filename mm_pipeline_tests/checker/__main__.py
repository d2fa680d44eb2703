"""The checker at a terminal: `python -m mm_pipeline_tests.checker --export F --database URL --team NAME`.

Exit code 0 when nothing differs but what is explained, 1 otherwise, 2 when it cannot be compared. Judges nothing itself.
"""

import argparse
import sys
import zipfile
from pathlib import Path

import msgspec
import psycopg

from mm_pipeline_tests.checker.compare import check
from mm_pipeline_tests.checker.findings import as_json, explained, read_causes, table


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="checker", description="Compare a Slack export with a Mattermost server.")
    parser.add_argument("--export", type=Path, required=True, help="the raw export: a zip or its folder")
    parser.add_argument("--database", required=True, help="URL of the Mattermost server's own PostgreSQL")
    parser.add_argument("--team", required=True, help="name of the team that the export went into")
    parser.add_argument("--files", type=Path, help="the server's file store: compare bytes too")
    parser.add_argument("--since-ms", type=int, help="when the migration began: what was there before is not judged")
    parser.add_argument(
        "--exceptions", type=Path, help="JSON list of {channel, ts, kind?, about?, cause}: known and explained"
    )
    parser.add_argument("--show", type=int, default=20, help="how many findings to print (20)")
    parser.add_argument("--json", action="store_true", help="everything as JSON")
    return parser.parse_args()


def main() -> int:
    """Compare, print, and return the exit code."""
    asked = arguments()
    try:
        causes = read_causes(asked.exceptions) if asked.exceptions else []
        found = check(asked.export, asked.database, asked.team, files=asked.files, since_ms=asked.since_ms)
    except (OSError, LookupError, ValueError, zipfile.BadZipFile, psycopg.Error, msgspec.MsgspecError) as error:
        print(f"It cannot be compared: {error}", file=sys.stderr)
        return 2
    still_open, closed, unused = explained(found, causes)
    if asked.json:
        print(as_json(still_open, explained=len(closed), unused_exceptions=msgspec.to_builtins(unused)))
        return bool(still_open)
    if still_open:
        print(table(still_open, shown=asked.show))
    for cause in unused:
        print(f"The exception {cause.channel} {cause.ts} ({cause.cause}) explains nothing any more.")
    print(f"{len(still_open)} findings, {len(closed)} explained by {len(causes) - len(unused)} exceptions.")
    return bool(still_open)


if __name__ == "__main__":
    sys.exit(main())
