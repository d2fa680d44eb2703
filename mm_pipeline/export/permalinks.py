"""Links to Slack's messages and channels -> links to what they became. Sends nothing; says what is still to come.

Mattermost links to a post by its id, which the import job gives: a link can only be written when its target is there.
"""

from functools import cached_property

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.export.directory import Directory
from mm_pipeline.export.reasons import is_left_out
from mm_pipeline.mattermost.on_server import NAMED_KINDS, Server
from mm_pipeline.model import Entity, EntityType, Status


class Permalinks:
    """Where messages and channels are on the server, as far as the export has come."""

    def __init__(self, store: EntityStore, directory: Directory, server: Server) -> None:
        self._store = store
        self._directory = directory
        self._team = f"{server.url}/{server.team_name}"
        self._known: dict[str, str] = {}

    def channel(self, slack_id: str) -> str | None:
        """Return the address of a public or private channel, or None where there is none."""
        channel = self._directory.channels.get(self._rows.get(slack_id, slack_id))
        named = channel is not None and channel.kind in NAMED_KINDS
        return f"{self._team}/channels/{channel.name}" if channel and named else None

    def message(self, slack_id: str, ts: str) -> "str | Entity | None":
        """Return the address of a message's post; the message where it is still to be sent, now or when more is chosen; or None."""
        key = f"{self._rows.get(slack_id, slack_id)}:{ts}"
        if key not in self._known:
            found = self._store.rows_by_slack_id(EntityType.MESSAGE, [key])
            if not found or (found[0].status in (Status.FAILED, Status.SKIPPED) and not is_left_out(found[0])):
                return None
            if not found[0].mattermost_id:
                return found[0]
            self._known[key] = f"{self._team}/pl/{found[0].mattermost_id}"
        return self._known[key]

    def comes_later(self, slack_id: str) -> bool:
        """Whether a setting leaves a channel out: it has an address when more is chosen."""
        return self._rows.get(slack_id, slack_id) in self._directory.left_out_channels

    @cached_property
    def _rows(self) -> dict[str, str]:
        """Slack id of a conversation -> the id of its row, where a folder was staged before its index entry was known."""
        rows = self._store.rows(EntityType.CHANNEL)
        return {
            slack_id: row.slack_id for row in rows if (slack_id := row.raw_data.get("id")) != row.slack_id and slack_id
        }


class Links:
    """Answers for one message as Lookups.permalink does, and notes which targets have no address yet.

    Without `permalinks` nothing has one, nor will have.
    """

    def __init__(self, permalinks: Permalinks | None, message: Entity) -> None:
        self._permalinks = permalinks
        self._message = message
        self.awaited: set[str] = set()  #: Slack ids of earlier messages that are still to be sent
        self.later: set[str] = (
            set()
        )  #: and of what nobody waits for: later ones, as an edited message links to, and what is left out

    @property
    def are_open(self) -> bool:
        """Whether something that was asked for is still to be sent."""
        return bool(self.awaited or self.later)

    def __call__(self, channel_id: str, ts: str) -> str | None:
        """Return the address of what a Slack link leads to, or None: then it stays what it is. `ts` "" is the channel's."""
        if self._permalinks is None:
            return None
        for slack_id in dict.fromkeys((channel_id, channel_id.upper())):
            target = self._permalinks.message(slack_id, ts) if ts else self._permalinks.channel(slack_id)
            if isinstance(target, Entity):
                is_earlier = (target.create_at or 0) < (self._message.create_at or 0)
                is_awaited = is_earlier and target.status == Status.PENDING
                (self.awaited if is_awaited else self.later).add(target.slack_id)
                return None
            if not ts and self._permalinks.comes_later(slack_id):
                self.later.add(slack_id)
            if target:
                return target
        return None
