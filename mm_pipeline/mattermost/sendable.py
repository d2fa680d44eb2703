"""What of a thread can be sent: everything that the server would refuse is taken out and named. Sends nothing."""

import msgspec

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.errors import RowFailed
from mm_pipeline.mattermost.api import Post, Refused, Thread
from mm_pipeline.mattermost.limits import reaction_refusal, refusal_of


def missing_bytes(post: Post) -> str | None:
    """Return why a post's files cannot be sent as they are, or None."""
    for file in post.files:
        if not file.path.is_file() or file.path.stat().st_size != file.size:
            return "The bytes of one of its files are not where they were prepared: run the attachment step again."
    return None


def sendable(thread: Thread, max_post_runes: int) -> tuple[Thread | None, list[Refused]]:
    """Return the thread without what the server would refuse, and what that is; None where nothing of it can be sent.

    A reaction that would be refused does not cost its post: it is left off, and found missing when it is read back.
    """
    refused: list[Refused] = []
    kept: list[Post] = []
    why_root = refusal_of(thread.channel)
    for post in (thread.root, *thread.replies):
        post = _with_good_reactions(post)
        why = why_root or refusal_of(post, max_post_runes) or missing_bytes(post)
        if not why and kept and post.create_at < kept[0].create_at:
            why = "It is older than the post it replies to, and the server would move it. Trying again will not help."
        if why:
            refused.append(Refused(key=post.key, error=RowFailed(why)))
            if not kept:
                why_root = "It cannot be sent because the post that begins its thread cannot: mend that one first."
        else:
            kept.append(post)
    if why_root:
        return None, refused
    return msgspec.structs.replace(thread, root=kept[0], replies=tuple(kept[1:])), refused


def _with_good_reactions(post: Post) -> Post:
    good = tuple(one for one in post.reactions if not reaction_refusal(one, post.create_at))
    if len(good) == len(post.reactions):
        return post
    backend_logger.warning("row %s: %d reactions cannot be sent", post.key, len(post.reactions) - len(good))
    return msgspec.structs.replace(post, reactions=good)
