"""The throw-away server from a shell: start and stop. Of a start only the lines that a shell can source go to standard output."""

import argparse
import json
import shlex
import sys
from pathlib import Path
from typing import Any

from mm_pipeline.errors import PipelineError
from mm_pipeline_tests.mattermost_server.binary import VERSIONS
from mm_pipeline_tests.mattermost_server.server import MattermostServer

_STATE = Path(__file__).parent.parent.parent / ".state"


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments say and return the exit code; a failure is one sentence on standard error."""
    asked = _parser().parse_args(arguments)
    try:
        if asked.command == "start":
            state = asked.state or _STATE / f"server-{asked.version}"
            for name, value in MattermostServer(state, asked.version, asked.port, dict(asked.set)).start().items():
                print(f"{name}={shlex.quote(value)}")
        else:
            states = [asked.state] if asked.state else sorted(_STATE.glob("server-*"))
            for state in states:
                print(_stop(state, remove=asked.remove))
            if not states:
                print(f"There is no server under {_shown(_STATE)}: nothing was ended.")
    except PipelineError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _stop(state: Path, *, remove: bool) -> str:
    """Stop one; returns the sentence that says what was ended or removed."""
    was_there, ran = state.exists(), MattermostServer(state).stop(remove=remove)
    is_gone = was_there and not state.exists()
    if not ran:
        return f"No server runs in {_shown(state)}{': it is removed' if is_gone else ''}."
    rest = "all of it is removed" if is_gone else "what is in it stays for the next start"
    return f"Mattermost and its database in {_shown(state)} are ended; {rest}."


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mm_pipeline_tests.mattermost_server", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("start", help="start it (a second time: print the same lines)")
    start.add_argument("--version", choices=VERSIONS, default=VERSIONS[0])
    start.add_argument("--state", type=Path, help="its folder (default .state/server-VERSION)")
    start.add_argument("--port", type=int, help="where it listens on 127.0.0.1 (default: a free port)")
    start.add_argument(
        "--set",
        type=_setting,
        action="append",
        default=[],
        metavar="Section.Key=VALUE",
        help="a setting, VALUE in JSON",
    )
    stop = commands.add_parser("stop", help="stop it and its database")
    stop.add_argument("--state", type=Path, help="its folder (default: each .state/server-*)")
    stop.add_argument("--remove", action="store_true", help="delete the folder too")
    return parser


def _setting(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    if not name.partition(".")[2] or not value:
        raise argparse.ArgumentTypeError(f"{text} is no Section.Key=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


if __name__ == "__main__":
    sys.exit(main())
