"""What stands in the way of a plan, in lines that say how to mend it. Decides and changes nothing."""

from collections.abc import Iterable

from mm_pipeline.finding import Finding, stop, told
from mm_pipeline.mattermost.api import NAMED_KINDS, Server
from mm_pipeline.mattermost.hidden import REMEDY
from mm_pipeline.plan.channels import ChannelDecision, Lookup
from mm_pipeline.plan.people import PersonDecision
from mm_pipeline.plan.settings import PlanSettings


def plan_objections(
    people: Iterable[PersonDecision],
    channels: Iterable[ChannelDecision],
    lookup: Lookup,
    server: Server,
    settings: PlanSettings,
) -> list[Finding]:
    """Return one line for each reason why this plan must not start; an empty list means go.

    `people` and `channels` are those that are still to be exported; `lookup` finds a channel of the team by name.
    """
    going = [person for person in people if not person.skip and not person.is_bot and not person.delete_at]
    created = sum(not person.matched_id for person in going)
    faults = [told("settings", objection) for objection in settings.objections()]
    after = server.active_users + created
    if server.hard_user_limit and after > server.hard_user_limit and not settings.allow_over_limit:
        faults.append(
            stop(
                "user limit",
                f"{server.url} lets in {server.hard_user_limit} active people and has {server.active_users}; the plan adds "
                f"{created}. Beyond the limit the server refuses new accounts and tells everybody.",
                "Leave people out of the plan (mm-pipeline plan --csv), get a licence, or set MM_ALLOW_OVER_LIMIT=1 to go on "
                "all the same.",
            )
        )
    members = server.team_members + created
    if members > server.max_users_per_team:
        # Matched people may be in the team or not: the number named must do in both cases.
        enough = server.team_members + len(going)
        faults.append(
            stop(
                "MaxUsersPerTeam",
                f"Team {server.team_name} would have {members} members, and the server allows {server.max_users_per_team}.",
                f"Set TeamSettings.MaxUsersPerTeam (System Console > Site Configuration > Users and Teams) to at least "
                f"{enough}, then run the same command again.",
            )
        )
    faults += _too_many_channels(channels, lookup, server)
    without = [person.slack_id for person in going if not person.matched_id and not person.auth_service]
    if settings.auth_service and settings.auth_data and going and len(without) == created and created:
        faults.append(
            stop(
                "sign-in",
                f"MM_AUTH_DATA={settings.auth_data} gives nobody of the {created} new people a {settings.auth_service} sign-in.",
                "Check the file or the choice, or leave MM_AUTH_SERVICE out.",
            )
        )
    return faults


def history_objections(messages: int, oldest: int | None, server: Server) -> list[Finding]:
    """Return what is to be said where the licence would hide what comes. `oldest`: ms of the oldest pending message, or None."""
    if oldest is None or (messages <= server.history_limit and oldest >= server.hidden_before):
        return []
    return [
        stop(
            "history",
            f"{server.url} shows its newest {server.history_limit:,} posts only, because its licence limits the message history, and "
            f"{messages:,} messages are to come: nobody would see the older ones, nor could they be read back here.",
            f"{REMEDY}.",
        )
    ]


def _too_many_channels(channels: Iterable[ChannelDecision], lookup: Lookup, server: Server) -> list[Finding]:
    """Archived ones count: they are archived when everything is in."""
    names = [one.name for one in channels if one.kind in NAMED_KINDS and not one.skip and not one.matched_id]
    most = server.max_channels_per_team
    if not most or server.team_channels + len(names) <= most:
        return []
    # A run that was killed has made some of them already: only now is it worth asking for each.
    after = server.team_channels + sum(lookup(name) is None for name in names)
    if after <= most:
        return []
    return [
        stop(
            "MaxChannelsPerTeam",
            f"Team {server.team_name} would have {after} channels, and the server allows {most}.",
            f"Set TeamSettings.MaxChannelsPerTeam (System Console > Site Configuration > Users and Teams) to at least {after}, "
            "or leave channels out of the plan (mm-pipeline plan --csv), then run the same command again.",
        )
    ]
