"""Ask a Mattermost server who it is and what it allows, and say in a line each what cannot work. Changes nothing."""

import re
from typing import Any

from mm_pipeline.errors import AbortRun
from mm_pipeline.finding import Finding, Level, ok, require_no_stop, stop, told, warning
from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.on_server import Asked, Server
from mm_pipeline.mattermost.rest import Rest

#: The oldest and the newest server that the imports were proved on.
OLDEST, NEWEST = (9, 9), (11, 4)


def ask_server(rest: Rest, url: str) -> Server:
    """Return what the server says of itself. Raises AbortRun with all that stops: URL, token, rights, version, team, jobs."""
    asked = look_at_server(rest, url)
    require_no_stop(asked.findings)
    assert asked.server  # whoever finds no server says why
    return asked.server


def look_at_server(rest: Rest, url: str) -> Asked:
    """Ask the server who it is. What stops a migration comes as lines; nothing is raised."""
    try:
        said = _client_config(rest, url)
    except AbortRun as no_server:
        return Asked(findings=[told("server", str(no_server))])
    version = version_of(said["Version"])
    findings = [_of_version(url, version), *_of_token(rest, url)]
    if any(found.level is Level.STOP for found in findings):
        return Asked(findings=findings)  # whoever has no rights is shown but a part, an old server has less to show
    try:
        config, licence = rest.config(), rest.http.get("/license/client", {"format": "old"})
        findings += _of_jobs(url, config, licence)
        team = _team(rest, findings)
        server = _server(rest, url, said, config, licence, team) if team else None
    except (AbortRun, ApiError) as fault:
        return Asked(findings=[*findings, told("server", str(fault))])
    return Asked(server=server, findings=findings)


def _of_version(url: str, version: tuple[int, int]) -> Finding:
    runs = f"{url} runs Mattermost {version[0]}.{version[1]}"
    if version < OLDEST:
        return stop("server", f"{runs}, and {OLDEST[0]}.{OLDEST[1]} or newer is needed.", "Update the server first.")
    if version > NEWEST:
        return warning(
            "server",
            f"{runs}, and the imports were proved on {NEWEST[0]}.{NEWEST[1]} at the newest.",
            "Rehearse on a copy of it, and compare a few channels.",
        )
    return ok("server", f"{runs}.")


def _of_token(rest: Rest, url: str) -> list[Finding]:
    try:
        me = rest.http.get("/users/me")
    except (AbortRun, ApiError) as refused:
        if ": 401" not in str(refused):
            return [told("token", str(refused))]
        return [
            stop(
                "token",
                f"{url} refuses MM_TOKEN (401): it is mistyped, revoked or expired.",
                "Give the personal access token of a system administrator; trying again will not help.",
            )
        ]
    if "system_admin" not in me.get("roles", "").split():
        return [
            stop(
                "token",
                f"MM_TOKEN belongs to {me['username']}, who is no system administrator of {url}.",
                "Give the token of one, or give this account the role; trying again will not help.",
            )
        ]
    return [ok("token", f"MM_TOKEN is {me['username']}'s, a system administrator.")]


def _of_jobs(url: str, config: dict[str, Any], licence: dict[str, Any]) -> list[Finding]:
    """What an import job needs: nodes that run jobs, and an upload."""
    found = []
    # In a cluster the node that answers may be one that leaves jobs to others.
    if not config["JobSettings"]["RunJobs"] and not config["ClusterSettings"]["Enable"]:
        found.append(
            stop(
                "jobs",
                f"{url} runs no jobs, so no import would ever begin.",
                "Switch JobSettings.RunJobs on (its environment may hold MM_JOBSETTINGS_RUNJOBS), restart it, then run the "
                "same command again.",
            )
        )
    if not config["FileSettings"]["EnableFileAttachments"]:
        found.append(
            stop(
                "jobs",
                f"{url} takes no files, and so no import either.",
                "Switch FileSettings.EnableFileAttachments on (System Console > Site Configuration > File Sharing and "
                "Downloads) for the migration.",
            )
        )
    if licence.get("Cloud") == "true":
        found.append(
            stop(
                "jobs",
                f"{url} is Mattermost Cloud, which takes no imports from its customers.",
                "Write an archive (`mm-pipeline archive`) and have Mattermost's support import it.",
            )
        )
    return found or [ok("jobs", "The server runs import jobs.")]


def _team(rest: Rest, findings: list[Finding]) -> dict[str, Any] | None:
    try:
        team = rest.team()
    except AbortRun as missing:
        findings.append(told("team", str(missing)))
        return None
    findings.append(ok("team", f"Everything goes to the team {team['name']}."))
    return team


def _server(
    rest: Rest, url: str, said: dict[str, Any], config: dict[str, Any], licence: dict[str, Any], team: dict[str, Any]
) -> Server:
    limits = rest.http.get("/limits/server")
    return Server(
        url=url,
        server_id=said["DiagnosticId"],
        version=version_of(said["Version"]),
        team_id=team["id"],
        team_name=team["name"],
        max_post_runes=int(said.get("MaxPostSize", 0)) or 4000,
        max_file_bytes=config["FileSettings"]["MaxFileSize"],
        max_users_per_team=config["TeamSettings"]["MaxUsersPerTeam"],
        team_members=rest.http.get(f"/teams/{team['id']}/stats")["active_member_count"],
        hard_user_limit=limits.get("maxUsersHardLimit", 0),
        active_users=limits.get("activeUserCount", 0),
        username_override=config["ServiceSettings"]["EnablePostUsernameOverride"],
        bot_accounts=config["ServiceSettings"]["EnableBotAccountCreation"],
        guests=licence.get("GuestAccounts") == "true" and bool(config["GuestAccountsSettings"]["Enable"]),
        max_channels_per_team=config["TeamSettings"]["MaxChannelsPerTeam"],
        team_channels=_channels_of(rest, team["id"]),
        history_limit=limits.get("postHistoryLimit", 0),
        hidden_before=limits.get("lastAccessiblePostTime", 0),
        custom_emoji=bool(config["ServiceSettings"]["EnableCustomEmoji"]),
        retention_hours=_retention_hours(config["DataRetentionSettings"])
        if licence.get("DataRetention") == "true"
        else 0,
    )


def _retention_hours(settings: dict[str, Any]) -> int:
    """Return the age at which posts are deleted, as the server reckons it: hours go before days."""
    if not settings["EnableMessageDeletion"]:
        return 0
    return int(settings.get("MessageRetentionHours") or 24 * (settings.get("MessageRetentionDays") or 365))


def _channels_of(rest: Rest, team_id: str) -> int:
    """Return how many live public and private channels the team has; a search that asks for a page is told the total."""
    everything = {"term": "", "team_ids": [team_id], "page": 0, "per_page": 1}
    return int(rest.http.post("/channels/search", everything, idempotent=True)["total_count"])


def _client_config(rest: Rest, url: str) -> dict[str, Any]:
    """Return what the server tells to every client; only a Mattermost names Version and DiagnosticId there."""
    try:
        said = rest.http.get("/config/client", {"format": "old"})
    except ApiError as other:
        raise AbortRun(_no_mattermost(url, f"it answers {other.status}")) from other
    except AbortRun as stopped:
        if "came back instead of JSON" not in str(stopped):
            raise
        raise AbortRun(_no_mattermost(url, "a web page comes back")) from stopped
    if not isinstance(said, dict) or not {"Version", "DiagnosticId"} <= said.keys():
        raise AbortRun(_no_mattermost(url, "the answer is none of its own"))
    return said


def _no_mattermost(url: str, what: str) -> str:
    return (
        f"There is no Mattermost server at {url} ({what}). MM_URL is the address that people open in the browser, "
        "without team or channel."
    )


def version_of(text: str) -> tuple[int, int]:
    """Return the first two numbers of a server's version, (0, 0) where there are none."""
    hit = re.match(r"(\d+)\.(\d+)", text)
    return (int(hit[1]), int(hit[2])) if hit else (0, 0)
