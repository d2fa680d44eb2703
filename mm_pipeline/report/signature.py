"""By what, of what, with which settings and when: what tells one migration from another. Holds no secret."""

import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import PurePath

import msgspec

from mm_pipeline.mattermost.on_server import Server
from mm_pipeline.report.rows import Rows

#: "Tidewater Coop Slack export Apr 1 2024 - Apr 30 2024.zip"
_SLACKS_NAME = re.compile(r"(.+?)[ _]Slack[ _]export[ _]")


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """Who, what, when. Times in ms."""

    written_at: int
    workspace: str
    name: str = ""  #: what people call the workspace, as far as its export tells
    exports: list[str]  #: fingerprints of what was staged
    server: str
    team: str
    versions: dict[str, str]
    settings: dict[str, str]  #: by their names in the environment; of a secret only whether it is set
    began_at: int | None
    ended_at: int | None


def signature(rows: Rows, server: Server | None, settings: dict[str, str], workspace: str, now: int) -> Signature:
    """Return the signature of all runs so far. `server` None: it could not be asked. `now`: ms."""
    began_at, ended_at = rows.run_times()
    versions = {
        "mm_pipeline": _installed("mm_pipeline"),
        "Mattermost": ".".join(map(str, server.version)) if server else "not asked",
        "PostgreSQL": rows.postgres_version(),
        "Dagster": _installed("dagster"),
        "Python": platform.python_version(),
    }
    return Signature(
        written_at=now,
        workspace=workspace,
        name=_named(settings.get("SLACK_EXPORT", "")) or rows.slack_address(),
        exports=rows.exports(),
        server=server.url if server else settings.get("MM_URL", ""),
        team=server.team_name if server else settings.get("MM_TEAM", ""),
        versions=versions,
        settings=settings,
        began_at=began_at,
        ended_at=ended_at,
    )


def _named(export: str) -> str:
    """Return the workspace's name where a file has the name that Slack gives exports; "" where people have renamed it."""
    found = _SLACKS_NAME.match(PurePath(export).name)
    return found[1].replace("_", " ").strip() if found else ""


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
