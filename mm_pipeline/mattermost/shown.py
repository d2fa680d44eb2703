"""Posts as the server has them: whole channels to count, single threads to look at. Recognises nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

from mm_pipeline.http import Http
from mm_pipeline.mattermost.on_server import CountedPost, SeenPost
from mm_pipeline.mattermost.read_back import PAGE, Channel, files_of


def everything_in(http: Http, channel_id: str) -> Iterator[CountedPost]:
    """Yield each post of a channel once, newest first; none where there is no such channel.

    A page begins before a post of a *later* ms than the last one seen: a chain of last posts drops others of their very
    ms (facts: 11.4, section 8), and a number of posts that somebody relies on must not. A page of one single ms has no such
    post: the next ones are numbered from the same beginning.
    """
    channel, place, number, seen = Channel(http, channel_id), dict[str, str](), 0, set[str]()
    while posts := channel.page({**place, "page": str(number)} if number else place):
        yield from (_counted(post) for post in posts if post["id"] not in seen)
        if len(posts) < PAGE:
            return
        last = posts[-1]["create_at"]
        later = next((post for post in reversed(posts) if post["create_at"] > last), None)
        if later:
            place, number, seen = {"before": later["id"]}, 0, set()
        else:
            number += 1
        seen.update(post["id"] for post in posts if post["create_at"] == last)


def _counted(post: dict[str, Any]) -> CountedPost:
    metadata = post.get("metadata") or {}
    files, reactions = metadata.get("files") or (), metadata.get("reactions") or ()
    return CountedPost(id=post["id"], create_at=post["create_at"], files=len(files), reactions=len(reactions))


def thread(http: Http, post_id: str) -> list[SeenPost]:
    """Return a root and its replies, oldest first; [] where it is gone."""
    answer = http.get_or_none(f"/posts/{post_id}/thread") or {"posts": {}}
    return sorted(
        (as_seen(post) for post in answer["posts"].values() if not post["delete_at"]),
        key=lambda post: (post.create_at, post.id),
    )


def as_seen(post: Mapping[str, Any]) -> SeenPost:
    """Read the server's post object."""
    metadata = post.get("metadata") or {}
    return SeenPost(
        id=post["id"],
        user_id=post["user_id"],
        create_at=post["create_at"],
        message=post["message"],
        root_id=post["root_id"],
        edit_at=post["edit_at"],
        delete_at=post["delete_at"],
        type=post["type"],
        is_pinned=bool(post["is_pinned"]),
        override_username=str((post.get("props") or {}).get("override_username") or ""),
        reactions=tuple(
            (one["user_id"], one["emoji_name"], one["create_at"]) for one in metadata.get("reactions") or ()
        ),
        files=files_of(post),
        file_ids=tuple(post.get("file_ids") or ()),
    )
