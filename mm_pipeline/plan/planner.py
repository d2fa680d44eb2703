"""Makes the plan and stores it: reads rows, asks the server what it has, lets the pure rules decide. Sends nothing."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol, TypeVar

import msgspec

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.errors import AbortRun
from mm_pipeline.finding import Finding
from mm_pipeline.mattermost.on_server import NAMED_KINDS, Server
from mm_pipeline.model import Entity, EntityType, Status
from mm_pipeline.nouns import counted
from mm_pipeline.plan import aging
from mm_pipeline.plan.aging import Anew
from mm_pipeline.plan.channels import ChannelDecision, plan_channels
from mm_pipeline.plan.choosing import with_names_only
from mm_pipeline.plan.decisions_csv import Plan, names_of_lines
from mm_pipeline.plan.emoji import EmojiDecision, plan_emoji
from mm_pipeline.plan.objections import clash_objections, history_objections, plan_objections
from mm_pipeline.plan.people import PersonDecision, plan_people
from mm_pipeline.plan.seats import Seats, seats, to_be_added
from mm_pipeline.plan.settings import PlanSettings
from mm_pipeline.render.emoji import MATTERMOST_EMOJI
from mm_pipeline.render.lookups import Lookups
from mm_pipeline.render.message import render_message

Decision = TypeVar("Decision", PersonDecision, ChannelDecision, EmojiDecision)

#: The types that the plan decides on, in the order in which their decisions need each other.
PLANNED = (EntityType.USER, EntityType.CUSTOM_EMOJI, EntityType.CHANNEL)


class Asked(aging.Asked, Protocol):
    """What a plan asks of a server."""

    def server(self) -> Server:
        """Who it is and what it allows."""

    def emoji_names(self) -> set[str]:
        """The names of its custom emoji."""

    def members_of_team(self, user_ids: Sequence[str]) -> set[str]:
        """Those of some people (ids) who are in the team."""


class PlanStops(AbortRun):
    """The plan was made and stored, and must not start as it is: `plan` can be shown and edited."""

    def __init__(self, objections: Sequence[Finding], plan: Plan) -> None:
        super().__init__("\n".join(objection.text for objection in objections))
        self.plan = plan


def make_plan(
    store: EntityStore,
    api: Asked,
    settings: PlanSettings,
    names_only: Mapping[str, str] | None = None,
    *,
    activated: int = 0,
    anew: Anew = MappingProxyType({}),
) -> Plan:
    """Decide what is undecided, store it on the rows, and return the whole plan.

    What was exported keeps its decision, but a channel that a newer export tells otherwise is seen anew. A plan of which
    nothing was exported yet is made anew when the choices behind it have changed; edits of it are then lost, and that is
    said. names_only: Slack ids of people whose accounts are there for their messages alone, and why. activated: how many
    accounts of that kind become people. anew: what is decided once more, as if it had never been. Raises PlanStops with all
    objections where the plan must not start, each time it is asked for; AbortRun where a setting cannot be followed.
    """
    choices = settings.choices()
    before = store.plan_choices()
    changed = before is not None and before != choices and not any(_is_exported(store, kind) for kind in PLANNED)
    if changed:
        backend_logger.info("the choices behind the plan have changed: it is made anew, edits of it are lost")
    told_anew = EntityType.CHANNEL in store.changed_since_sent()
    undecided = any(store.undecided(entity_type) for entity_type in PLANNED)
    if changed or before is None or told_anew or anew or undecided:
        plan = decide(store, api, settings, afresh=changed, anew=anew)
        store_plan(store, plan)
        store.remember_plan_choices(choices)
    else:
        plan = stored_plan(store)
    plan = _as_chosen(store, settings, plan, names_only or {})
    _require_room(store, api, settings, plan, activated)
    return plan


def _as_chosen(store: EntityStore, settings: PlanSettings, plan: Plan, names_only: Mapping[str, str]) -> Plan:
    """Return the plan as it is chosen now; another one than before is stored."""
    exported = {row.slack_id for row in store.rows(EntityType.USER, [Status.SUCCESS])}
    chosen = with_names_only(plan, names_only, exported, settings.staged_at)
    if chosen != plan:
        store_plan(store, chosen)
    return chosen


def require_plan(
    store: EntityStore, api: Asked, settings: PlanSettings, names_only: Mapping[str, str], *, activated: int = 0
) -> None:
    """Raise AbortRun where rows are staged that no plan has decided on, PlanStops where the plan must not start.

    names_only, activated: as for `make_plan`; who they are may have been chosen since.
    """
    for entity_type in PLANNED:
        if undecided := store.undecided(entity_type):
            raise AbortRun(
                f"The plan has not decided on {counted(undecided, f'{entity_type.value} row')} yet: materialize plan first "
                "(or `mm-pipeline plan`), or launch the whole job slack_to_mattermost."
            )
    _require_room(store, api, settings, _as_chosen(store, settings, stored_plan(store), names_only), activated)


def _require_room(store: EntityStore, api: Asked, settings: PlanSettings, plan: Plan, activated: int) -> None:
    if objections := objections_to(store, api, settings, plan, activated):
        raise PlanStops(objections, plan)


def objections_to(
    store: EntityStore, api: Asked, settings: PlanSettings, plan: Plan, activated: int = 0
) -> list[Finding]:
    """Return a line for each reason why a plan must not start, as far as it is still to come true."""
    waiting = still_to_come(store, plan)
    server = api.server()
    objections = history_objections(*store.messages_to_come(), server) if server.history_limit else []
    if waiting.people or waiting.channels or activated:
        needed = seats_to_come(api, plan, waiting, activated)
        objections += plan_objections(waiting.people, waiting.channels, api.channel_named, server, settings, needed)
    return objections + clash_objections(waiting, names_of_lines(plan))


def seats_to_come(api: Asked, plan: Plan, waiting: Plan, activated: int) -> Seats:
    """Return the seats that a plan still takes. `waiting`: the part of it that is still to come true."""
    added = to_be_added(plan.people, waiting.channels)
    outside = set(added) - api.members_of_team(added) if added else set()
    return seats(waiting.people, waiting.channels, activated=activated, joining=len(outside))


def still_to_come(store: EntityStore, plan: Plan) -> Plan:
    """Return the part of a plan that is still to come true."""
    return Plan(
        people=_waiting(store, EntityType.USER, plan.people),
        emoji=_waiting(store, EntityType.CUSTOM_EMOJI, plan.emoji),
        channels=_waiting(store, EntityType.CHANNEL, plan.channels),
    )


def _waiting(store: EntityStore, entity_type: EntityType, decisions: Sequence[Decision]) -> list[Decision]:
    settled = {row.slack_id for row in store.rows(entity_type, [Status.SUCCESS, Status.SKIPPED])}
    return [decision for decision in decisions if decision.slack_id not in settled]


def _is_exported(store: EntityStore, entity_type: EntityType) -> bool:
    return any(True for _ in store.rows(entity_type, [Status.SUCCESS]))


def decide(
    store: EntityStore,
    api: Asked,
    settings: PlanSettings,
    *,
    afresh: bool = False,
    anew: Anew = MappingProxyType({}),
) -> Plan:
    """Return the plan for a server as it is now, without storing it; `afresh` forgets what was decided before, `anew` of some.

    Raises AbortRun where a setting cannot be followed.
    """
    if faults := settings.objections():
        raise AbortRun("\n".join(faults))
    earlier = Plan() if afresh else _without(stored_plan(store), anew)
    users, emoji, channels = (_undecided(store.rows(one), anew.get(one, ())) for one in PLANNED)
    accounts = list(api.accounts())
    people = plan_people(users, accounts, settings, _by_id(earlier.people), guests=api.server().guests)
    people = _kept(people, earlier.people, users)
    of_emoji = _kept(
        plan_emoji(emoji, api.emoji_names(), MATTERMOST_EMOJI, _by_id(earlier.emoji)), earlier.emoji, emoji
    )
    plan = Plan(people=people, emoji=of_emoji)
    of_channels = _plan_channels(store, channels, api, settings, plan, _by_id(earlier.channels))
    return msgspec.structs.replace(plan, channels=_kept(of_channels, earlier.channels, channels))


def _without(plan: Plan, anew: Anew) -> Plan:
    people, channels = anew.get(EntityType.USER, ()), anew.get(EntityType.CHANNEL, ())
    return msgspec.structs.replace(
        plan,
        people=[one for one in plan.people if one.slack_id not in people],
        channels=[one for one in plan.channels if one.slack_id not in channels],
    )


def _undecided(rows: Iterable[Entity], anew: Container[str]) -> list[Entity]:
    """Return the rows, without the planned name of those that are decided anew."""
    return [msgspec.structs.replace(row, target_name=None) if row.slack_id in anew else row for row in rows]


def with_people_anew(store: EntityStore, api: Asked, settings: PlanSettings, plan: Plan) -> Plan:
    """Return an edited plan whose conversations know of its people: who is left out, or is another, is in none of them.

    What somebody decided about a channel itself stays; a direct channel whose people are not all there becomes a private one.
    """
    rows = list(store.rows(EntityType.CHANNEL))
    anew = _plan_channels(store, rows, api, settings, plan, _by_id(plan.channels))
    before = _by_id(plan.channels)
    kept = [_with_members_of(one, before[one.slack_id]) if one.slack_id in before else one for one in anew]
    return msgspec.structs.replace(plan, channels=_kept(kept, plan.channels, rows))


def _with_members_of(anew: ChannelDecision, before: ChannelDecision) -> ChannelDecision:
    if (anew.kind, anew.name, anew.matched_id, anew.skip) != (before.kind, before.name, before.matched_id, before.skip):
        return anew
    if before.kind not in NAMED_KINDS and anew.members != before.members:
        return anew
    return msgspec.structs.replace(before, members=anew.members, header=anew.header, purpose=anew.purpose)


def _plan_channels(
    store: EntityStore,
    rows: Sequence[Entity],
    api: Asked,
    settings: PlanSettings,
    plan: Plan,
    decided: dict[str, ChannelDecision],
) -> list[ChannelDecision]:
    """Decide on conversations for the people and emoji of a plan."""
    usernames = {person.slack_id: person.username for person in plan.people if not person.skip}
    return plan_channels(
        rows,
        api.channel_named,
        usernames,
        settings,
        _markdown_of(usernames, rows, plan.emoji),
        {person.slack_name: person.slack_id for person in plan.people},
        decided,
        {person.slack_id for person in plan.people if person.skip},
        store.channels_planned_elsewhere(api.server().team_id),
    )


def plan_as_it_would_be(
    store: EntityStore, api: Asked, settings: PlanSettings, anew: Anew = MappingProxyType({})
) -> Plan:
    """Return the stored plan, or where rows are undecided, or to be decided `anew`, the one that would be made now. Stores nothing."""
    if anew or any(store.undecided(entity_type) for entity_type in PLANNED):
        return decide(store, api, settings, anew=anew)
    return stored_plan(store)


def stored_plan(store: EntityStore) -> Plan:
    """Return the plan as it stands on the rows."""
    return Plan(
        people=_decoded(store, EntityType.USER, PersonDecision),
        emoji=_decoded(store, EntityType.CUSTOM_EMOJI, EmojiDecision),
        channels=_decoded(store, EntityType.CHANNEL, ChannelDecision),
    )


def store_plan(store: EntityStore, plan: Plan) -> None:
    """Write a plan, as it was decided or edited, on the rows."""
    store.decide(EntityType.USER, _encoded(plan.people, lambda person: person.username))
    store.decide(EntityType.CUSTOM_EMOJI, _encoded(plan.emoji, lambda emoji: emoji.name))
    store.decide(EntityType.CHANNEL, _encoded(plan.channels, lambda channel: channel.name))


def _kept(made: Sequence[Decision], earlier: Sequence[Decision], rows: Iterable[Entity]) -> list[Decision]:
    """Return the new decisions, but the earlier ones for rows that are on the server already, as they were sent."""
    exported = {row.slack_id for row in rows if row.status == Status.SUCCESS and not _is_seen_anew(row)}
    before = {decision.slack_id: decision for decision in earlier if decision.slack_id in exported}
    return [before.get(decision.slack_id, decision) for decision in made]


def _is_seen_anew(row: Entity) -> bool:
    return row.is_changed and row.entity_type == EntityType.CHANNEL


def _by_id(decisions: Iterable[Decision]) -> dict[str, Decision]:
    return {decision.slack_id: decision for decision in decisions}


def _encoded(decisions: Iterable[Decision], name: Callable[[Decision], str]) -> list[tuple[str, str, bytes]]:
    return [(decision.slack_id, name(decision), msgspec.json.encode(decision)) for decision in decisions]


def _decoded(store: EntityStore, entity_type: EntityType, kind: type[Decision]) -> list[Decision]:
    return [msgspec.json.decode(text, type=kind) for _, text in store.decisions(entity_type)]


def _markdown_of(
    usernames: dict[str, str], channels: Sequence[Entity], emoji: Sequence[EmojiDecision]
) -> Callable[[str], str]:
    """Return what makes Markdown of a topic or purpose, with the plan's names in it."""
    lookups = Lookups(
        users=usernames,
        names={},
        channels={row.slack_id: row.target_name for row in channels if row.target_name},
        channel_labels={row.slack_id: str(row.raw_data.get("name") or "") for row in channels},
        usergroups={},
        emoji={decision.slack_id: decision.name for decision in emoji},
        permalink=None,
    )
    return lambda text: render_message({"text": text}, lookups).text
