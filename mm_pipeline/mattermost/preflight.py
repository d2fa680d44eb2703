"""Ask a Mattermost server who it is and what it allows, and refuse in a sentence what cannot work. Changes nothing."""

import re
from typing import Any

from mm_pipeline.errors import AbortRun
from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.api import Server
from mm_pipeline.mattermost.rest import Rest

#: The oldest server that the imports were proved on.
OLDEST = (9, 9)


def ask_server(rest: Rest, url: str) -> Server:
    """Return what the server says of itself. Raises AbortRun: wrong URL, token, rights, version or team."""
    said = _client_config(rest, url)
    version = _version(said["Version"])
    try:
        me = rest.http.get("/users/me")
    except AbortRun as refused:
        if ": 401" not in str(refused):
            raise
        raise AbortRun(
            f"{url} refuses MM_TOKEN (401): it is mistyped, revoked or expired. Give the personal access token of a "
            "system administrator; trying again will not help."
        ) from refused
    if "system_admin" not in me.get("roles", "").split():
        raise AbortRun(
            f"MM_TOKEN belongs to {me['username']}, who is no system administrator of {url}. Give the token of one, or "
            "give this account the role; trying again will not help."
        )
    if version < OLDEST:
        raise AbortRun(
            f"{url} runs Mattermost {version[0]}.{version[1]}, and {OLDEST[0]}.{OLDEST[1]} or newer is needed: "
            "update the server first."
        )
    team, config, limits = rest.team(), rest.config(), rest.http.get("/limits/server")
    # In a cluster the node that answers may be one that leaves jobs to others.
    if not config["JobSettings"]["RunJobs"] and not config["ClusterSettings"]["Enable"]:
        raise AbortRun(
            f"{url} runs no jobs, so no import would ever begin: switch JobSettings.RunJobs on (its environment may hold "
            "MM_JOBSETTINGS_RUNJOBS), restart it, then run the same command again."
        )
    licence = rest.http.get("/license/client", {"format": "old"})
    return Server(
        url=url,
        server_id=said["DiagnosticId"],
        version=version,
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
        retention_hours=_retention_hours(config["DataRetentionSettings"])
        if licence.get("DataRetention") == "true"
        else 0,
    )


def remarks(server: Server) -> list[str]:
    """Return what a server makes otherwise than people may wish, one sentence each. None of it stops anything."""
    said = []
    if not server.username_override:
        said.append(
            "ServiceSettings.EnablePostUsernameOverride is off: messages of bridges and webhooks say in their text who wrote "
            "them. For the names to stand where authors do, switch it on before the export (System Console > "
            "Integrations > Integration Management)."
        )
    if server.retention_hours:
        said.append(
            f"The server's data retention deletes messages older than {server.retention_hours / 24:.0f} days every night: those "
            "of the export come and are gone the next morning. For them to stay, switch it off before the export (System "
            "Console > Compliance > Data Retention Policy)."
        )
    return said


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


def _version(text: str) -> tuple[int, int]:
    hit = re.match(r"(\d+)\.(\d+)", text)
    return (int(hit[1]), int(hit[2])) if hit else (0, 0)
