"""What stands in the way of a plan, in lines that say how to mend it. Decides and changes nothing."""

from collections.abc import Iterable, Mapping

from mm_pipeline.finding import Finding, stop, told
from mm_pipeline.mattermost.hidden import REMEDY
from mm_pipeline.mattermost.on_server import NAMED_KINDS, Server
from mm_pipeline.nouns import counted, listed
from mm_pipeline.plan.channels import ChannelDecision, Lookup
from mm_pipeline.plan.clashes import Clash, clashes
from mm_pipeline.plan.decisions_csv import Plan
from mm_pipeline.plan.people import PersonDecision
from mm_pipeline.plan.seats import Seats
from mm_pipeline.plan.settings import PlanSettings


def plan_objections(
    people: Iterable[PersonDecision],
    channels: Iterable[ChannelDecision],
    lookup: Lookup,
    server: Server,
    settings: PlanSettings,
    seats: Seats,
) -> list[Finding]:
    """Return one line for each reason why this plan must not start; an empty list means go.

    `people` and `channels` are those that are still to be exported; `lookup` finds a channel of the team by name.
    """
    going = [person for person in people if not person.skip and not person.is_bot and not person.delete_at]
    faults = [told("settings", objection) for objection in settings.objections()]
    faults += _too_many_people(seats, server, settings) + _too_many_in_team(seats, server)
    faults += _too_many_channels(channels, lookup, server)
    without = [person.slack_id for person in going if not person.matched_id and not person.auth_service]
    if settings.auth_service and settings.auth_data and len(without) == seats.new and seats.new:
        faults.append(
            stop(
                "sign-in",
                f"MM_AUTH_DATA={settings.auth_data} gives nobody of the {seats.new} new people a {settings.auth_service} sign-in.",
                "Check the file or the choice, or leave MM_AUTH_SERVICE out.",
            )
        )
    return faults


def clash_objections(waiting: Plan, names: Mapping[int, str]) -> list[Finding]:
    """Return one line for each account, name or address that several of those who are to come would have.

    names: by what people find them in the plan's table, by the id of the row. Sent like this, two would become one, and each
    would have written what the other wrote.
    """
    first: dict[tuple[int, ...], Clash] = {}  # one account has one name and one address: that is said once
    for clash in clashes(waiting.decisions):
        first.setdefault(tuple(one.key for one in clash.decisions), clash)
    return [
        stop(
            clash.claim.what,
            f"{listed([names[one.key] for one in clash.decisions])} have the same {clash.claim.told} in the plan, and would become one.",
            "Give each its own (or `skip`) in the plan's table: `mm-pipeline plan --csv plan.csv`, edit it, and `mm-pipeline plan "
            "--read plan.csv`.",
        )
        for clash in first.values()
    ]


def _too_many_people(seats: Seats, server: Server, settings: PlanSettings) -> list[Finding]:
    most = server.hard_user_limit
    # An import goes beyond the limit; that a deactivated account be let in the server refuses (app/user.go, UpdateActive).
    is_refused = bool(seats.activated) and server.active_users + seats.activated > most
    is_over = bool(seats.new or seats.activated) and seats.active(server) > most
    if not most or not (is_refused or (is_over and not settings.allow_over_limit)):
        return []
    activated = f" and activates {seats.activated:,}" if seats.activated else ""
    all_the_same = "" if is_refused else ", or set MM_ALLOW_OVER_LIMIT=1 to go on all the same"
    return [
        stop(
            "user limit",
            f"{server.url} lets in {most:,} active people and has {server.active_users:,}; the plan adds {seats.new:,}{activated}. "
            "Beyond the limit the server refuses new accounts and tells everybody.",
            f"Leave people out of the plan (mm-pipeline plan --csv), or get a licence{all_the_same}.",
        )
    ]


def _too_many_in_team(seats: Seats, server: Server) -> list[Finding]:
    needed = seats.members(server)
    if needed <= server.max_users_per_team or seats == Seats():
        return []
    return [
        stop(
            "MaxUsersPerTeam",
            f"Team {server.team_name} would have {counted(needed, 'member')}, and the server allows {server.max_users_per_team:,}: "
            f"{in_team(seats, server)}.",
            "Set TeamSettings.MaxUsersPerTeam (System Console > Site Configuration > Users and Teams) to at least "
            f"{needed:,}, then run the same command again.",
        )
    ]


def in_team(seats: Seats, server: Server) -> str:
    """Return how the number of the team's members comes about: a sum, of whose parts none is zero."""
    parts = (
        (seats.new, counted(seats.new, "new person", "new people")),
        (seats.activated, f"{seats.activated:,} activated"),
        (seats.bots, counted(seats.bots, "new bot in channels", "new bots in channels")),
        (seats.joining, f"{seats.joining:,} matched and not in it yet"),
        (seats.passing, "1 free while the deactivated join"),
    )
    return " + ".join([f"{server.team_members:,} in it now", *(said for count, said in parts if count)])


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
