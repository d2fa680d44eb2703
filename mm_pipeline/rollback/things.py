"""What a rollback meets on the server: things of ours, each with what is to become of it and why. Looks at no server."""

import msgspec

from mm_pipeline.mattermost.on_server import Account
from mm_pipeline.model import Fate
from mm_pipeline.rollback.room import Room

#: Why things stay that several kinds of them stay for.
WROTE = "they wrote or reacted since"
HELD = "another workspace of this database stands on it"


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """Something on the server and what is to become of it; `rows` are the ids of those that it was made from."""

    id: str
    name: str
    fate: Fate
    why: str = ""
    rows: tuple[int, ...] = ()


class AccountThing(Thing, frozen=True, kw_only=True):
    """An account or a bot of ours."""

    account: Account


class ChannelThing(Thing, frozen=True, kw_only=True):
    """A channel that something of ours is in. `is_ours` says that it was made by us."""

    is_named: bool  #: public or private: others cannot be removed
    is_ours: bool
    slack_ids: tuple[str, ...]
    held: bool = False  #: another workspace goes into it, too
    room: Room = Room()


class Membership(Thing, frozen=True, kw_only=True):
    """Somebody from before in a channel that we put them into (`channel_id` "": in the team). The id is the person's."""

    channel_id: str
