"""What a migration left, in the pipeline's rows and on the server, row by row; and how two of them differ. Judges by equality alone."""

from collections import Counter
from typing import Any

from mm_pipeline_tests.chaos.watched import Watched
from mm_pipeline_tests.end_to_end.content import content_of

EndState = dict[str, list[tuple[Any, ...]]]

_ROWS = "SELECT entity_type, slack_id, status, error_message, content_sha256 FROM entities ORDER BY 1, 2"
#: Emoji without a picture are remembered for the report, what is ours for a rollback: no work that is due.
_DUE = """SELECT task, object_id FROM finishing
          WHERE task NOT IN ('emoji_without_picture', 'edited_post') AND task !~ '^(made|given)_'
          UNION ALL SELECT 'put back', name FROM server_settings"""
#: As many as it took; what they left is compared.
_OF_THE_ROAD = "import jobs"
#: A server that dies between taking a file and writing its post leaves the file, which nobody sees and no request removes.
LEFT_BY_A_DEAD_SERVER = "files of no post"
#: The server makes it by itself whenever it first has something to tell its admins.
_SERVERS_OWN = "system-bot"


def end_state(watched: Watched) -> EndState:
    """Return everything that must not depend on what happened on the way."""
    seen = content_of(watched.run.server)
    del seen[_OF_THE_ROAD]
    seen["accounts"] = [row for row in seen["accounts"] if row[0] != _SERVERS_OWN]
    return {"rows": watched.rows(_ROWS), "what is still due": watched.rows(_DUE), **seen}


def differences(calm: EndState, other: EndState) -> list[str]:
    """Return a line for each row that the other one lost or has too many. Row by row, as often as each is there."""
    lines = []
    for what in calm:
        there, here = Counter(map(repr, calm[what])), Counter(map(repr, other[what]))
        lines += [f"{what}: lost {row}" for row in (there - here).elements()]
        lines += [f"{what}: too many {row}" for row in (here - there).elements()]
    return lines
