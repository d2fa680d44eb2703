"""Which workspace an export is of: the name that its rows lie under. Stages nothing."""

from collections import Counter
from functools import lru_cache
from pathlib import Path
from threading import Lock

from mm_pipeline.staging import slack_json
from mm_pipeline.staging.conversation import CONVERSATION_FILES
from mm_pipeline.staging.export_reader import USERS, ExportReader
from mm_pipeline.staging.slack_id import slack_id

#: Who asks while another thread looks waits for what it finds, instead of looking, too.
_looking = Lock()


def export_workspace(export: Path | str | ExportReader) -> str:
    """Return the name under which an export's rows lie: the most common team_id of its people, the same for each export of it.

    Without any: the id of its general channel, else the export's file name. Raises AbortRun.
    """
    if isinstance(export, ExportReader):
        return _workspace_of(export)
    # Each of a run's sixteen steps asks: 0.35 s, each time, for a zip of 13,000 day files.
    marks = _marks(Path(export))
    if not marks:
        return _workspace_of(ExportReader(export))
    with _looking:
        return _workspace_at(Path(export), marks)


@lru_cache(maxsize=8)
def _workspace_at(export: Path, _marks: tuple[int, ...]) -> str:
    return _workspace_of(ExportReader(export))


def _workspace_of(reader: ExportReader) -> str:
    teams = Counter(team for user in reader.users() if (team := slack_id(user.get("team_id"))))
    if teams:
        return max(teams, key=lambda team: (teams[team], team))
    general = sorted(c.slack_id for c in reader.channels() if c.listed and c.entry.get("is_general") is True)
    return general[0] if general else slack_id(slack_json.clean(reader.path.resolve().stem)) or "slack"


def _marks(export: Path) -> tuple[int, ...]:
    """Return what changes when the files do that tell the workspace; () where they lie deeper, or nothing is there."""
    files = [export / name for name in (USERS, *CONVERSATION_FILES)] if export.is_dir() else [export]
    told = [file.stat() for file in files if file.is_file()]
    is_told = export.is_file() or (export / USERS).is_file()
    return tuple(mark for one in told for mark in (one.st_ino, one.st_size, one.st_mtime_ns)) if is_told else ()
