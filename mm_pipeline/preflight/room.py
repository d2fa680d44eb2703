"""Whether there is room for what comes: in the edition and the team, on this machine, on the server as far as anybody can tell.

Writes nothing.
"""

import shutil
from pathlib import Path

from mm_pipeline.finding import Finding, ok, stop, warning
from mm_pipeline.mattermost.api import NAMED_KINDS, Server
from mm_pipeline.model import ToCome
from mm_pipeline.plan.decisions_csv import Plan

#: Below this not even the database of the rows starts.
_LEAST_BYTES = 256 << 20
#: Archives that lie here at a time: one is built, one is on its way, one waits to be read back.
_ARCHIVES = 3
#: So much on the server is worth a look at its disk.
_WORTH_A_LOOK = 1 << 30
#: Bytes of a message in the server's database, with its reactions and indexes: 20,000 with 6,775 reactions grew 11.4's by 1,642 each.
_PER_MESSAGE = 1_650


def team_lines(plan: Plan, server: Server) -> list[Finding]:
    """Return how much room the edition and the team have for what is to come of a plan; whether it is enough, objections say."""
    people = sum(not one.matched_id for one in plan.people if not one.skip and not one.is_bot and not one.delete_at)
    channels = sum(one.kind in NAMED_KINDS and not one.skip and not one.matched_id for one in plan.channels)
    limit = f"the edition lets in {server.hard_user_limit:,}" if server.hard_user_limit else "the edition sets no limit"
    most = server.history_limit
    shown = (
        [ok("history", f"The licence shows the newest {most:,} posts: all that come are among them.")] if most else []
    )
    return [
        *shown,
        ok("user limit", f"{server.active_users:,} people are active on the server, {people:,} come; {limit}."),
        _in_team("MaxUsersPerTeam", "people", server.team_members, people, server.max_users_per_team),
        _in_team("MaxChannelsPerTeam", "channels", server.team_channels, channels, server.max_channels_per_team),
    ]


def disk_lines(state: Path, archive_bytes: int, to_come: ToCome) -> list[Finding]:
    """Return what both sides need on their disks. `archive_bytes`: of the largest archive."""
    posts = to_come.messages * _PER_MESSAGE
    work = min(archive_bytes, to_come.file_bytes + posts)
    return [
        _here(state, shutil.disk_usage(state).free, to_come.file_bytes + _ARCHIVES * work),
        _there(to_come.file_bytes + work + posts),
    ]


def _in_team(setting: str, what: str, there: int, coming: int, most: int) -> Finding:
    return ok(setting, f"{there:,} {what} are in the team, {coming:,} come; it takes {most:,}.")


def _here(state: Path, free: int, needed: int) -> Finding:
    subject, has = "disk here", f"{state} has {_gb(free)} free"
    if free < _LEAST_BYTES:
        return stop(subject, f"{has}: too little to begin.", "Make room, or name another folder in MM_PIPELINE_STATE.")
    if free < needed:
        return warning(
            subject,
            f"{has}, and about {_gb(needed)} will be needed: files, and archives on their way.",
            "Make room, or name another folder in MM_PIPELINE_STATE before the first run; a run that finds the disk full stops, "
            "and goes on when there is room.",
        )
    return ok(subject, f"{has}; about {_gb(needed)} will be needed.")


def _there(needed: int) -> Finding:
    said = f"Mattermost tells nobody how much room it has; about {_gb(needed)} will be needed there, in its files and its database."
    look = "Look at the disks of FileSettings.Directory and of its PostgreSQL (`df -h`), or at the bucket's quota."
    return (warning if needed > _WORTH_A_LOOK else ok)("disk of the server", said, look)


def _gb(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e8 else f"{size / 1e6:,.1f} MB"
