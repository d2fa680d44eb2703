"""The accounts and bots that we made, and which of them people have taken into use: those stay. Changes nothing."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from mm_pipeline.db.rollback_store import RollbackStore
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.on_server import Account, Allowed
from mm_pipeline.mattermost.ours import MADE_ACCOUNT
from mm_pipeline.model import Entity, Fate
from mm_pipeline.rollback.things import HELD, WROTE, AccountThing, ChannelThing

#: Accounts that are looked at at the same time.
_THREADS = 4
_SIGNED_IN = "somebody has signed in with it"
_MESSAGES_STAY = "some of their messages stay, because people answered, reacted to or edited them"


def own_accounts(
    api: MattermostAPI,
    journal: Journal,
    store: RollbackStore,
    users: Sequence[Entity],
    people: Sequence[Account],
    channels: Sequence[ChannelThing],
    writers: frozenset[tuple[str, str]],
    allowed: Allowed,
) -> list[AccountThing]:
    """Return the accounts of the rows (users) that we made, among all people of the server. writers: (channel id, user id)."""
    made, me = set(journal.owed(MADE_ACCOUNT)), api.me().id
    by_id, by_name = {one.id: one for one in people}, {one.username: one for one in people}
    ours: dict[str, tuple[Account, list[int]]] = {}
    for row in users:
        # Without an id it was sent by a run that was killed. One that had an id and is gone is nobody's of that name now.
        account = by_id.get(row.mattermost_id) if row.mattermost_id else by_name.get(row.target_name or "")
        if account and account.id != me and row.target_name in made:
            ours.setdefault(account.id, (account, []))[1].append(row.id)
    reasons = dict.fromkeys(store.held_by_others(ours), HELD)
    reasons |= reasons_to_stay(channels, writers)
    unsure = [user_id for user_id in ours if user_id not in reasons]
    with ThreadPoolExecutor(_THREADS) as pool:
        used = pool.map(api.has_signed_in, unsure)
        reasons |= {user_id: _SIGNED_IN for user_id, is_used in zip(unsure, used, strict=True) if is_used}
    goes = Fate.REMOVED if allowed.accounts else Fate.CLOSED
    return [
        AccountThing(
            id=account.id,
            name=account.username,
            fate=Fate.KEPT if account.id in reasons else goes,
            why=reasons.get(account.id, ""),
            rows=tuple(rows),
            account=account,
        )
        for account, rows in ours.values()
    ]


def reasons_to_stay(channels: Iterable[ChannelThing], writers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return user id -> why the account stays, as far as channels tell."""
    authors = {post.user_id for one in channels for post in one.room.posts if one.room.is_kept(post)}
    return dict.fromkeys(authors, _MESSAGES_STAY) | dict.fromkeys((user_id for _, user_id in writers), WROTE)
