"""Asks govulncheck whether the plugin calls anything with a known hole; exit code 1 if so. Mends nothing.

python -m plugin.known_holes [ADDRESS]      ADDRESS: of the vulnerability database, where the public one cannot be reached
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from mm_pipeline_tests.mattermost_server.toolchain import find_go, go_environment
from plugin.build import SOURCE

_GOVULNCHECK = "golang.org/x/vuln/cmd/govulncheck@v1.9.0"
#: Of the whole server the plugin's interface links two packages that know password hashes. What is known of the server is told
#: of all its packages, and of no version that Go could compare, so every hole it ever had would be told here.
_NOT_OURS = "github.com/mattermost/mattermost/server/v8"

_SPACE = re.compile(r"\s*")


def main(arguments: list[str]) -> int:
    """Tell each hole on a line: its name, the module, the version that mends it. Returns the exit code."""
    database = [f"-db={arguments[0]}"] if arguments else []
    command = [str(find_go(SOURCE)), "run", _GOVULNCHECK, "-format", "json", *database, "./..."]
    ran = subprocess.run(command, cwd=SOURCE, env=go_environment(), stdout=subprocess.PIPE, text=True, check=False)
    if ran.returncode:
        print("govulncheck did not run to its end.", file=sys.stderr)
        return ran.returncode
    holes = sorted({_told(finding) for finding in _findings(ran.stdout) if _is_called(finding)})
    print("\n".join(holes) or "The plugin calls nothing with a known hole.")
    return min(len(holes), 1)


def _findings(stream: str) -> Iterator[dict[str, Any]]:
    """Yield the findings of govulncheck's stream of JSON objects."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(stream):
        message, at = decoder.raw_decode(stream, at)
        at = _SPACE.match(stream, at).end()
        if "finding" in message:
            yield message["finding"]


def _is_called(finding: dict[str, Any]) -> bool:
    hole = finding["trace"][0]
    return "function" in hole and hole["module"] != _NOT_OURS


def _told(finding: dict[str, Any]) -> str:
    hole = finding["trace"][0]
    return f"{finding['osv']}: {hole['module']} {hole.get('version', '')}, mended in {finding.get('fixed_version') or 'no version'}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
