"""Whether there is room for what comes: in the edition and the team, on this machine, on the server as far as anybody can tell.

Writes nothing.
"""

import shutil
from pathlib import Path

from mm_pipeline.finding import Finding, ok, stop, warning
from mm_pipeline.mattermost.on_server import Server
from mm_pipeline.model import ToCome
from mm_pipeline.nouns import counted
from mm_pipeline.plan.objections import in_team
from mm_pipeline.plan.seats import Seats

#: Below this not even the database of the rows starts.
_LEAST_BYTES = 256 << 20
#: Archives that lie here at a time: one is built, one is on its way, one waits to be read back.
_ARCHIVES = 3
#: So much on the server is worth a look at its disk.
_WORTH_A_LOOK = 1 << 30
#: Bytes of a message in the server's database, with its reactions and indexes: 20,000 with 6,775 reactions grew 11.4's by 1,642 each.
_PER_MESSAGE = 1_650


def team_lines(seats: Seats, channels: int, server: Server) -> list[Finding]:
    """Return how much room the edition and the team have for what is to come; whether it is enough, objections say.

    `channels`: how many are to be made in the team.
    """
    most = server.history_limit
    shown = (
        [ok("history", f"The licence shows the newest {most:,} posts: all that come are among them.")] if most else []
    )
    return [
        *shown,
        _on_server(seats, server),
        ok(
            "MaxUsersPerTeam",
            f"{in_team(seats, server)}{f' = {seats.members(server):,}' if seats != Seats() else ''}; the team takes "
            f"{server.max_users_per_team:,}.",
        ),
        ok(
            "MaxChannelsPerTeam",
            f"{server.team_channels:,} in it now + {channels:,} new = {server.team_channels + channels:,}; the team takes "
            f"{server.max_channels_per_team:,}.",
        ),
    ]


def _on_server(seats: Seats, server: Server) -> Finding:
    activated = f" + {seats.activated:,} activated" if seats.activated else ""
    coming, most = counted(seats.new, "new person", "new people"), server.hard_user_limit
    limit = f"the edition lets in {most:,}" if most else "the edition sets no limit"
    said = (
        f"{server.active_users:,} active now + {coming}{activated} = {seats.active(server):,}; {limit}. Bots and deactivated "
        "accounts take no seat."
    )
    if most and seats.active(server) > most:  # MM_ALLOW_OVER_LIMIT: else the plan stops
        mend = (
            "The server tells everybody, and refuses accounts that people ask for: get a licence, or leave people out."
        )
        return warning("user limit", said, mend)
    return ok("user limit", said)


def disk_lines(state: Path, archive_bytes: int, to_come: ToCome | None) -> list[Finding]:
    """Return what both sides need on their disks. `archive_bytes`: of the largest archive; `to_come` None: nobody knows."""
    free = shutil.disk_usage(state).free
    if to_come is None:
        return [_too_little(state, free)] if free < _LEAST_BYTES else []
    posts = to_come.messages * _PER_MESSAGE
    work = min(archive_bytes, to_come.file_bytes + posts)
    return [
        _here(state, free, to_come.file_bytes + _ARCHIVES * work),
        _there(to_come.file_bytes + work + posts),
    ]


def _here(state: Path, free: int, needed: int) -> Finding:
    subject, has = "disk here", f"{state} has {_gb(free)} free"
    if free < _LEAST_BYTES:
        return _too_little(state, free)
    if free < needed:
        return warning(
            subject,
            f"{has}, and about {_gb(needed)} will be needed: files, and archives on their way.",
            "Make room, or name another folder in MM_PIPELINE_STATE before the first run; a run that finds the disk full stops, "
            "and goes on when there is room.",
        )
    return ok(subject, f"{has}; {f'about {_gb(needed)} will be needed' if needed else 'no more is needed'}.")


def _too_little(state: Path, free: int) -> Finding:
    said = f"{state} has {_gb(free)} free: too little to begin."
    return stop("disk here", said, "Make room, or name another folder in MM_PIPELINE_STATE.")


def _there(needed: int) -> Finding:
    if not needed:
        return ok("disk of the server", "Nothing that needs room there is to come.")
    said = f"Mattermost tells nobody how much room it has; about {_gb(needed)} will be needed there, in its files and its database."
    look = "Look at the disks of FileSettings.Directory and of its PostgreSQL (`df -h`), or at the bucket's quota."
    return (warning if needed > _WORTH_A_LOOK else ok)("disk of the server", said, look)


def _gb(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e8 else f"{size / 1e6:,.1f} MB"
