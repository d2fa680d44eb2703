"""What import lines refer to and the server has: people, channels, posts. Asked in batches, remembered for a run.

Changes nothing on the server.
"""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.import_lines import DIRECT_KINDS, file_name
from mm_pipeline.mattermost.outgoing import FileAttachment, Post, PostChannel
from mm_pipeline.mattermost.rest import Rest, batches

#: Posts of one look-up; the server takes 1000, a body of 300,000 bytes at most.
_POSTS = 500


class Existing:
    """One server's people, channels and posts, as far as lines name them."""

    def __init__(self, rest: Rest, work_folder: Path) -> None:
        self._rest = rest
        self._work_folder = work_folder
        self._channels: dict[str, PostChannel | None] = {}
        self._names: dict[str, str] = {}
        self._numbers = count(1)
        self._fetched: list[Path] = []
        self.user_ids: dict[str, str] = {}  #: by username, of those that were learned

    def learn_people(self, usernames: Iterable[str]) -> None:
        """Look up people; who does not exist is asked for again the next time."""
        unknown = set(usernames) - self.user_ids.keys()
        if unknown:
            found = self._rest.accounts_named(sorted(unknown))
            self.user_ids |= {name: account.id for name, account in found.items()}

    def channel(self, channel: PostChannel) -> PostChannel | None:
        """Return the channel under the name that it has now, or None if the server has it no more."""
        if channel.id not in self._channels:
            found = self._rest.channel(channel.id)
            name = found["name"] if found and channel.kind not in DIRECT_KINDS else channel.name
            self._channels[channel.id] = msgspec.structs.replace(channel, name=name) if found else None
        known = self._channels[channel.id]
        return known and msgspec.structs.replace(known, members=channel.members)

    def posts(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Return those of the posts that exist, as the server has them (without reactions and files)."""
        found: dict[str, dict[str, Any]] = {}
        for batch in batches(dict.fromkeys(ids), _POSTS):
            try:
                answer = self._rest.http.post("/posts/ids", batch, idempotent=True)
            except ApiError as refused:
                if refused.status != 404:  # which means that there is none of them
                    raise
                answer = []
            found |= {post["id"]: post for post in answer if not post["delete_at"]}
        return found

    def as_it_is(self, post: Post, there: dict[str, Any]) -> Post:
        """Return a post as the server has it, so that its line finds it and takes nothing from it.

        The line must name every file: those that we lack are fetched, because absent ones are deleted for good.
        """
        files = tuple(self._files_kept(post, there)) if there.get("file_ids") else post.files
        author = self._author(post.username, there["user_id"])
        return Post(
            key=post.key,
            id=post.id,
            username=author,
            message=there["message"],
            create_at=there["create_at"],
            files=files,
            reactions=post.reactions,
        )

    def remove_fetched(self) -> None:
        """Remove the files that were fetched: what they were needed for is over."""
        while self._fetched:
            self._fetched.pop().unlink(missing_ok=True)

    def _files_kept(self, post: Post, there: dict[str, Any]) -> Iterator[FileAttachment]:
        ours = list(post.files)
        yield from ours
        for info in self._rest.http.get(f"/posts/{there['id']}/files/info"):
            same = next((one for one in ours if (file_name(one.name), one.size) == (info["name"], info["size"])), None)
            if same:
                ours.remove(same)
            else:
                yield self._fetch(info)

    def _fetch(self, info: dict[str, Any]) -> FileAttachment:
        path = self._work_folder / f"fetched-{info['id']}"
        self._fetched.append(path)
        digest = hashlib.sha256()
        with (
            self._rest.http.stream(f"{self._rest.http.base_url}/files/{info['id']}") as download,
            path.open("wb") as file,
        ):
            for chunk in download.chunks:
                file.write(chunk)
                digest.update(chunk)
        size, content = path.stat().st_size, digest.hexdigest()
        return FileAttachment(key=-next(self._numbers), name=info["name"], path=path, size=size, sha256=content)

    def _author(self, username: str, user_id: str) -> str:
        """Return the name of a post's author: a line with another one would change the author."""
        if self.user_ids.get(username) == user_id:
            return username
        if user_id not in self._names:
            found = self._rest.http.post("/users/ids", [user_id], idempotent=True)
            self._names[user_id] = found[0]["username"] if found else username
        name = self._names[user_id]
        self.learn_people([name])
        return name
