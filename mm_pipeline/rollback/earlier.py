"""What earlier rollbacks could only put out of sight, and the server's settings let go for good by now. Removes nothing."""

from collections.abc import Iterable

import msgspec

from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.on_server import Account, Allowed
from mm_pipeline.model import Fate, Residue
from mm_pipeline.rollback.kind import Kind


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """What goes now, beside what the rows tell of."""

    accounts: tuple[Account, ...] = ()  #: bots, too
    channels: tuple[Residue, ...] = ()
    posts: tuple[Residue, ...] = ()  #: messages and notices


def out_of_sight(
    api: MattermostAPI, accounts: Iterable[Account], allowed: Allowed, residue: Iterable[Residue]
) -> Earlier:
    """Return it. accounts: all that the server has. residue: what is known to be left.

    What somebody has taken into use again since is theirs, and not in it: it is active, or has another name.
    """
    left = list(residue)
    closed = [one for one in left if one.fate == Fate.CLOSED]
    ids = {one.id for one in closed if one.kind in (Kind.ACCOUNT, Kind.BOT)} if allowed.accounts else set()
    channels = [one for one in closed if one.kind == Kind.CHANNEL] if allowed.channels else []
    posts = [one for one in left if one.fate == Fate.HIDDEN and one.kind in (Kind.POST, Kind.NOTICE)]
    return Earlier(
        accounts=tuple(one for one in accounts if one.id in ids and one.delete_at) if ids else (),
        channels=tuple(one for one in channels if _is_closed(api, one.id)),
        posts=tuple(posts) if allowed.posts else (),
    )


def _is_closed(api: MattermostAPI, channel_id: str) -> bool:
    there = api.channel_named(f"removed-{channel_id}")
    return bool(there and there.delete_at)
