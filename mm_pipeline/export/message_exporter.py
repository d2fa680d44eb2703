"""Messages -> posts, with their files and reactions; settled by what was read back, never by what was sent."""

from collections.abc import Sequence
from typing import Any, Self

import msgspec

from mm_pipeline.errors import RowFailed
from mm_pipeline.export.attachment_exporter import AttachmentExporter
from mm_pipeline.export.exporter_base import ExporterBase, Statuses, build_all
from mm_pipeline.export.permalinks import Links
from mm_pipeline.export.reaction_exporter import ReactionExporter
from mm_pipeline.export.run import Run
from mm_pipeline.mattermost.limits import FILES_PER_POST
from mm_pipeline.mattermost.outgoing import FileAttachment, Post, PostReaction
from mm_pipeline.model import Entity, EntityType, Status
from mm_pipeline.render.markdown import escape_words, stacked
from mm_pipeline.render.message import RenderedMessage, render_message
from mm_pipeline.render.split import split_text

#: The finishing touch that is owed to messages which were sent with Slack's links.
RELINK = "relink"


class MessageExporter(ExporterBase):
    """A message, with the rows that hang on it."""

    entity_type = EntityType.MESSAGE

    def __init__(self, entity: Entity, statuses: Statuses, run: Run, hanging: Sequence[Entity] = ()) -> None:
        super().__init__(entity, statuses)
        self._run = run
        self._files = [row for row in hanging if row.entity_type == EntityType.ATTACHMENT]
        self._reactions = [row for row in hanging if row.entity_type == EntityType.REACTION]
        self._own_links = run.links_of(entity)
        # No cached_property: before Python 3.12 all instances share its lock, and the partitions would take turns.
        self._files_with_bytes: list[FileAttachment] | None = None
        self._prepared: dict[int, str] | None = None
        self._rendered: RenderedMessage | None = None

    @classmethod
    def from_entity(cls, entity: Entity, statuses: Statuses, run: Run) -> Self:
        """Make the exporter of one message; what hangs on it is left out."""
        return cls(entity, statuses, run)

    @property
    def is_deleted(self) -> bool:
        """Whether only the trace of a deleted message is left."""
        return self.entity.raw_data.get("subtype") == "tombstone"

    @property
    def waits(self) -> bool:
        """Whether its text links to an earlier message that is still to be sent, and has no address before that."""
        is_new = self.entity.status == Status.PENDING and not self.entity.mattermost_id
        return is_new and bool(self.links.awaited)

    def posts(self) -> list[Post]:
        """Return the message's own post, and further ones for what one post cannot hold.

        Raises RowSkipped where its author is not on the server, RowFailed where Slack does not say who he is.
        """
        person = self._run.directory.person(self.entity.user_slack_id, "author")
        if self.entity.create_at is None:
            raise RowFailed("Slack gives this message no time. Retrying will not help.")
        rendered = self._linked
        if self.links.are_open and not self.entity.mattermost_id:
            rendered = self._unlinked
            self._run.journal.owe(RELINK, [self.entity.slack_id])
        texts = self._pieces(rendered)
        files = shares_of(self._carried, self._run.largest_file)
        # All parts of a message that is there are there, and what it says by now may have other ones.
        pieces = 1 if self.entity.status == Status.SUCCESS else max(len(texts), len(files))
        own = Post(
            key=self.entity.id,
            id=self.entity.mattermost_id or "",
            username=person.username,
            message=texts[0],
            create_at=self.entity.create_at,
            edit_at=rendered.edit_at,
            type=rendered.type,
            is_pinned=self._is_pinned,
            props=self._props(rendered),
            files=files[0],
            reactions=tuple(self._post_reactions()),
            slack_id=self.entity.slack_id,
        )
        further = [
            self._part(part, person.username, texts[part : part + 1], files[part] if part < len(files) else ())
            for part in range(1, pieces)
        ]
        if not own.id and not further and not self._files:
            self._run.on_their_way.add(self.entity.id, self._reactions)
        kept = [own] if not own.id or self.entity.parent_slack_id is None else []
        return kept + [post for post in further if not (own.id and post.id)]

    def _part(self, part: int, username: str, text: Sequence[str], files: Sequence[FileAttachment]) -> Post:
        derived = self._run.store.derive_post(self.entity, part)
        return Post(
            key=-derived.id,
            id=derived.mattermost_id or "",
            username=username,
            message="".join(text),
            create_at=derived.create_at,
            files=tuple(files),
            slack_id=f"{self.entity.slack_id}/{part}",
        )

    @property
    def texts(self) -> list[str]:
        """The texts of its posts, with Slack's links as long as not everything that it links to is there."""
        return self._pieces(self._unlinked if self.links.are_open else self._linked)

    @property
    def edit_at(self) -> int:
        """When it was edited in Slack, in ms; 0 = never."""
        return self._linked.edit_at

    @property
    def text(self) -> str:
        """The text of its own post."""
        return self._pieces(self._linked)[0]

    @property
    def links(self) -> Links:
        """The links of its text: which of them lead to what is still to be sent."""
        _ = self._linked
        return self._own_links

    def relinked(self) -> tuple[str, str] | None:
        """Return its own post's text with Slack's links, and with those to posts; None where it goes on in further posts."""
        old, new = self._pieces(self._unlinked), self._pieces(self._linked)
        return (old[0], new[0]) if len(old) == len(new) == 1 else None

    def _pieces(self, rendered: RenderedMessage) -> list[str]:
        return split_text(rendered.text, self._run.server.max_post_runes) or [""]

    @property
    def _carried(self) -> list[FileAttachment]:
        """The files that its posts are to carry. Of a message that is there, those at hand: the seam fetches the others."""
        if self._files_with_bytes is None:
            contents = self._contents
            if self.entity.status == Status.SUCCESS:
                contents = {row: sha256 for row, sha256 in contents.items() if self._run.has(sha256)}
            exporters = [AttachmentExporter(row, self._statuses) for row in self._files if row.id in contents]
            self._files_with_bytes = list(
                build_all(exporters, lambda one: one.file(self._run, contents[one.entity.id]))
            )
        return self._files_with_bytes

    @property
    def _contents(self) -> dict[int, str]:
        """The SHA-256 of those of its files whose bytes are prepared, or were sent before, by the id of their row."""
        if self._prepared is None:
            found = ((row.id, self._run.content_of(row)) for row in self._files)
            self._prepared = {row: sha256 for row, sha256 in found if sha256}
        return self._prepared

    @property
    def _lost(self) -> list[Entity]:
        """Its files that nobody will see on its posts."""
        there = self._contents if self.entity.status == Status.SUCCESS else {file.key for file in self._carried}
        return [row for row in self._files if row.id not in there]

    @property
    def _linked(self) -> RenderedMessage:
        if self._rendered is None:
            self._rendered = self._render(self._own_links)
        return self._rendered

    @property
    def _unlinked(self) -> RenderedMessage:
        return self._render(None)

    def _render(self, links: Links | None) -> RenderedMessage:
        lost = [self._run.lost_file(row) for row in self._lost]
        lookups = msgspec.structs.replace(self._run.directory.lookups, permalink=links)
        rendered = render_message(self.entity.raw_data, lookups, lost_files=lost)
        if rendered.override_username and not self._run.server.username_override:
            # EnablePostUsernameOverride is off: nobody would see the name in the props, so the text says it.
            # On a line of its own: what follows may be a list, a quote or a fence.
            text = stacked([f"**{escape_words(rendered.override_username)}**:", rendered.text])
            return msgspec.structs.replace(rendered, text=text, override_username="")
        return rendered

    @property
    def _is_pinned(self) -> bool:
        raw, channel = self.entity.raw_data, self.entity.channel_slack_id or ""
        pinned_to = raw.get("pinned_to")
        return (channel, str(raw.get("ts"))) in self._run.directory.pins or (
            isinstance(pinned_to, list) and channel in pinned_to
        )

    def _props(self, rendered: RenderedMessage) -> dict[str, Any]:
        props = dict(rendered.props)
        raw = self.entity.raw_data
        if self.entity.parent_slack_id is None or self._run.server.replies_keep_everything:
            # So that a post can be traced to its message for ever. A 9.9 drops the props of replies.
            props |= {"slack_ts": str(raw.get("ts")), "slack_channel": self.entity.channel_slack_id}
        if rendered.override_username:
            # Mattermost shows another name than the account's on posts that came through a webhook.
            props |= {"from_webhook": "true", "override_username": rendered.override_username}
            if rendered.override_icon.startswith("https://"):
                props["override_icon_url"] = rendered.override_icon
        return props

    def _post_reactions(self) -> list[PostReaction]:
        seen: set[tuple[str, str]] = set()
        reactions = []
        for exporter in (ReactionExporter.from_entity(row, self._statuses, self._run) for row in self._reactions):
            person = self._run.directory.people.get(exporter.entity.user_slack_id or "")
            if person and (person.username, exporter.emoji_name) not in seen:
                seen.add((person.username, exporter.emoji_name))
                reactions.append(exporter.reaction(person.username, (self.entity.create_at or 0) + 1))
        return reactions


def shares_of(files: Sequence[FileAttachment], most_bytes: int) -> list[tuple[FileAttachment, ...]]:
    """Deal a message's files to posts, in order: at most ten each, and together no larger than one archive takes."""
    shares: list[list[FileAttachment]] = [[]]
    for file in files:
        share = shares[-1]
        if share and (len(share) == FILES_PER_POST or sum(one.size for one in share) + file.size > most_bytes):
            shares.append([file])
        else:
            share.append(file)
    return [tuple(share) for share in shares]
