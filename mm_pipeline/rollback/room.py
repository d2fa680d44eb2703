"""One conversation on the server as it is now: which posts are ours, and what people have done with them since. Changes nothing."""

import re
from collections.abc import Container, Iterable

import msgspec

from mm_pipeline.db.rollback_store import SentPost
from mm_pipeline.export.threads import ROOT_ABSENT
from mm_pipeline.mattermost.on_server import SeenPost

_EMOJI = re.compile(r":([a-z0-9_+-]+):")
#: An imported reaction is as old as its post, or a ms younger (reaction_exporter); anybody's own is made later.
_IMPORTED_WITHIN_MS = 1


class OurPost(msgspec.Struct, frozen=True):
    """A post that we brought. Its thread is named by the id of its root."""

    id: str
    thread: str
    user_id: str
    create_at: int  #: ms
    is_hidden: bool  #: it lies deleted
    files: tuple[str, ...]  #: ids


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a channel."""

    posts: tuple[OurPost, ...] = ()
    kept: dict[str, str] = {}  #: id of the root of a thread of ours that stays -> why
    writers: frozenset[str] = frozenset()  #: ids of those who wrote or reacted since the migration began
    theirs: int = 0  #: posts of people
    emoji: frozenset[str] = frozenset()  #: names of the emoji that they used
    newest: str = ""  #: id of its newest post

    def is_kept(self, post: OurPost) -> bool:
        """Whether somebody did something in the thread that the post stands in."""
        return post.thread in self.kept


def look_into(posts: Iterable[SeenPost], sent: Iterable[SentPost], edited: Container[str], since: int) -> Room:
    """Return what is ours among the posts of a channel, and what people did.

    edited: "<post id> <ms>" of edits of ours. since: ms when the migration began: who wrote later is a writer.
    """
    wanted = list(sent)
    ours = {one.id: one.edit_at for one in wanted if one.id}
    # A run that was killed has sent these, perhaps, and did not come to read them back.
    perhaps = {(one.create_at, one.author): one.edit_at for one in wanted if not one.id and one.author}
    found: list[OurPost] = []
    stand_ins: dict[str, SeenPost] = {}
    kept: dict[str, str] = {}
    writers: set[str] = set()
    emoji: set[str] = set()
    answered: set[str] = set()
    theirs, newest = 0, ""
    for post in posts:
        newest = newest or post.id
        if (edit_at := ours.get(post.id, perhaps.get((post.create_at, post.user_id)))) is not None:
            found.append(_our_post(post))
        elif not post.root_id and (post.message == ROOT_ABSENT or (post.delete_at and not post.message)):
            stand_ins[post.id], edit_at = post, 0
        elif post.type.startswith("system_") or post.delete_at:
            continue
        else:
            theirs += 1
            answered.add(post.root_id)
            emoji.update(_EMOJI.findall(post.message))
            if post.create_at >= since:
                writers.add(post.user_id)
        own = post.create_at + _IMPORTED_WITHIN_MS if edit_at is not None else 0
        reacted = [(user_id, name) for user_id, name, at in post.reactions if at > own]
        writers.update(user_id for user_id, _ in reacted)
        emoji.update(name for _, name in reacted)
        if edit_at is None or post.delete_at:
            continue
        if reacted:
            kept.setdefault(post.root_id or post.id, "somebody reacted to it since")
        elif post.edit_at not in (0, edit_at) and f"{post.id} {post.edit_at}" not in edited:
            kept.setdefault(post.root_id or post.id, "somebody edited it since")
    found += [_our_post(stand_ins[root]) for root in {one.thread for one in found} & stand_ins.keys()]
    roots = {one.thread for one in found}
    kept |= dict.fromkeys(roots & answered, "somebody answered it since")
    return Room(
        posts=tuple(found),
        kept={root: why for root, why in kept.items() if root in roots},
        writers=frozenset(writers),
        theirs=theirs,
        emoji=frozenset(emoji),
        newest=newest,
    )


def _our_post(post: SeenPost) -> OurPost:
    thread = post.root_id or post.id
    return OurPost(post.id, thread, post.user_id, post.create_at, bool(post.delete_at), post.file_ids)
