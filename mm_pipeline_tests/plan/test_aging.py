"""A plan ages: what people did on the server since is seen when it is asked for again, and nothing of ours is taken for theirs."""

from collections.abc import Iterable, Iterator

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.mattermost.fresh_server import FreshServer
from mm_pipeline.mattermost.on_server import Account, ChannelKind, ExistingChannel
from mm_pipeline.model import EntityType
from mm_pipeline.plan.aging import Made, overtaken
from mm_pipeline.plan.planner import make_plan, stored_plan
from mm_pipeline.plan.settings import PlanSettings
from mm_pipeline_tests.rows import WORKSPACE, add_row

SETTINGS = PlanSettings(staged_at=1)
NOTHING = Made(accounts=(), channels=())


class Lived(FreshServer):
    """A server on which people signed up, and made private channels, since the plan."""

    def __init__(self, accounts: tuple[Account, ...] = (), channels: tuple[str, ...] = ()) -> None:
        super().__init__("team")
        self._accounts, self._channels = accounts, channels

    def accounts(self) -> Iterator[Account]:
        return iter(self._accounts)

    def channels_there(self, names: Iterable[str]) -> set[str]:
        return set(names) & set(self._channels)

    def channel_named(self, name: str) -> ExistingChannel | None:
        return ExistingChannel(id=name, name=name, kind=ChannelKind.PRIVATE) if name in self._channels else None


def _planned(database: str) -> EntityStore:
    store = EntityStore(Database(database), WORKSPACE)
    moss = {"id": "U1", "name": "moss", "profile": {"email": "moss@example.org"}}
    add_row(database, EntityType.USER, "U1", moss)
    fern = {"id": "U2", "name": "fern", "profile": {"email": "fern@example.org"}}
    add_row(database, EntityType.USER, "U2", fern)
    channel = {"id": "C1", "name": "boardroom", "members": ["U1", "U2"], "is_private": False}
    add_row(database, EntityType.CHANNEL, "C1", channel)
    make_plan(store, FreshServer("team"), SETTINGS)
    return store


def test_a_name_that_somebody_took_is_given_up_and_a_private_channel_is_not_joined(database: str) -> None:
    store = _planned(database)
    stranger = Account(id="s", username="fern", email="stranger@example.org")
    server = Lived((stranger,), ("boardroom",))
    anew = overtaken(stored_plan(store), server, NOTHING)
    assert {kind: set(ones) for kind, ones in anew.items()} == {EntityType.USER: {"U2"}, EntityType.CHANNEL: {"C1"}}
    plan = make_plan(store, server, SETTINGS, anew=anew)
    assert [(one.username, one.matched_id) for one in plan.people] == [("moss", ""), ("fern-2", "")]
    (channel,) = plan.channels
    assert (channel.name, channel.matched_id, channel.members) == ("boardroom-2", "", ("fern-2", "moss"))
    assert overtaken(stored_plan(store), server, NOTHING) == {}


def test_who_came_by_themselves_is_matched(database: str) -> None:
    store = _planned(database)
    server = Lived((Account(id="m", username="moss.of.old", email="Moss@example.org"),))
    plan = make_plan(store, server, SETTINGS, anew=overtaken(stored_plan(store), server, NOTHING))
    assert (plan.people[0].username, plan.people[0].matched_id) == ("moss.of.old", "m")
    assert plan.channels[0].members == ("fern", "moss.of.old")


def test_what_a_killed_run_made_is_nobody_elses(database: str) -> None:
    server = Lived((Account(id="m", username="moss", email="moss@example.org"),), ("boardroom",))
    made = Made(accounts={"moss"}, channels={"boardroom"})
    assert overtaken(stored_plan(_planned(database)), server, made) == {}
