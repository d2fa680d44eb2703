"""What of a thread can be sent: everything that the server would refuse is taken out and named. Sends nothing."""

from collections.abc import Container

import msgspec

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.errors import RowFailed
from mm_pipeline.mattermost.limits import reaction_refusal, refusal_of
from mm_pipeline.mattermost.outcome import Refused
from mm_pipeline.mattermost.outgoing import Post, Thread
from mm_pipeline.nouns import counted


def missing_bytes(post: Post) -> str | None:
    """Return why a post's files cannot be sent as they are, or None."""
    for file in post.files:
        if not file.path.is_file() or file.path.stat().st_size != file.size:
            return "The bytes of one of its files are not where they were prepared: run the attachment step again."
    return None


def sendable(
    thread: Thread, max_post_runes: int, people: Container[str] | None = None
) -> tuple[Thread | None, list[Refused]]:
    """Return the thread without what the server would refuse, and what that is; None where nothing of it can be sent.

    `people` are the usernames that the server has (None: not known yet). What hangs on a post does not cost the post:
    reactions and followers that would be refused are left off, and reactions are found missing when it is read back.
    """
    if absent := [name for name in thread.channel.members if people is not None and name not in people]:
        why_root: str | None = _nobody(", ".join(absent))
    else:
        why_root = refusal_of(thread.channel)
    refused: list[Refused] = []
    kept: list[Post] = []
    for post in (thread.root, *thread.replies):
        why = why_root or _refusal(post, kept, max_post_runes, people)
        if why:
            refused.append(Refused(key=post.key, error=RowFailed(why)))
            why_root = why_root or (None if kept else _ROOT_REFUSED)
        else:
            kept.append(_with_good_reactions(post, people))
    if why_root:
        return None, refused
    followers = tuple(name for name in thread.followers if people is None or name in people)
    whole = msgspec.structs.replace(thread, root=kept[0], replies=tuple(kept[1:]), followers=followers)
    return whole, refused


def _refusal(post: Post, kept: list[Post], max_post_runes: int, people: Container[str] | None) -> str | None:
    if people is not None and post.username not in people:
        return _nobody(post.username)
    if kept and post.create_at < kept[0].create_at:
        return "It is older than the post it replies to, and the server would move it. Trying again will not help."
    return refusal_of(msgspec.structs.replace(post, reactions=()), max_post_runes) or missing_bytes(post)


def _nobody(names: str) -> str:
    return f"The server has no account {names}: export that person first, then try again."


def _with_good_reactions(post: Post, people: Container[str] | None) -> Post:
    good = tuple(
        one
        for one in post.reactions
        if not reaction_refusal(one, post.create_at) and (people is None or one.username in people)
    )
    if len(good) == len(post.reactions):
        return post
    backend_logger.warning("row %s: %s cannot be sent", post.key, counted(len(post.reactions) - len(good), "reaction"))
    return msgspec.structs.replace(post, reactions=good)


_ROOT_REFUSED = "It cannot be sent because the post that begins its thread cannot: mend that one, then try again."
