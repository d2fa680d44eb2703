"""Threads -> batches for the server plugin, and its answers -> outcomes. Opens no channel, and gives no old post a file."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.errors import RowFailed
from mm_pipeline.mattermost.ahead import one_ahead
from mm_pipeline.mattermost.existing import Existing
from mm_pipeline.mattermost.import_lines import names_in
from mm_pipeline.mattermost.importer import Importer, PostAnswer
from mm_pipeline.mattermost.importer_files import ImporterFiles
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.limits import reaction_refusal, refusal_of
from mm_pipeline.mattermost.on_server import PostArrived, SeenFile, Server
from mm_pipeline.mattermost.outcome import Refused
from mm_pipeline.mattermost.outgoing import Post, Thread
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.mattermost.sendable import missing_bytes
from mm_pipeline.nouns import counted

#: Threads whose people are looked up together.
_LOOKED_UP = 500
#: One batch is one transaction: large enough for its fixed cost (a dozen calls, 10 ms) to vanish, small enough for
#: people who write in the same channel meanwhile not to wait.
BATCH_POSTS = 2_000
#: Batches that the server has or hears at a time: it reads one while it writes the one before.
_ON_THE_WAY = 2
_BATCH_BYTES = 4 << 20
#: The plugin takes 190 runes; that of a file goes on after its post's.
_IDENTITY = 160

_encode = msgspec.json.Encoder().encode
_GONE = "It cannot be sent because the post that begins its thread cannot: mend that one, then try again."


class _Piece(NamedTuple):
    """A thread as the plugin takes it, with the posts that its answers are for (None: that answer is of no interest)."""

    body: dict[str, Any]
    posts: list[Post | None]
    files: list[tuple[SeenFile, ...]]
    size: int


class _Batch(NamedTuple):
    pieces: list[_Piece]
    refused: list[Refused]
    goes_on: bool = False  #: it goes on with a thread of the batch before, whose root must be there by then
    answers: Sequence[list[PostAnswer]] = ()  #: to the posts of the pieces, once they are written


class ImporterThreads:
    """Sends threads through the plugin to one server."""

    def __init__(
        self,
        importer: Importer,
        rest: Rest,
        server: Server,
        existing: Existing,
        journal: Journal,
        batch_bytes: int | None = None,
    ) -> None:
        self._importer = importer
        self._journal = journal
        self._batch_bytes = min(_BATCH_BYTES, batch_bytes or _BATCH_BYTES)
        self._rest = rest
        self._server = server
        self._existing = existing
        self._files = ImporterFiles(importer)

    def send(self, threads: Iterable[Thread], *, known: bool = False) -> Iterator[PostArrived | Refused]:
        """Send threads; yield each post as the server has it, or why it is not there.

        While one batch is written the next is on its way, another one is made, and the one before is in the caller's hands.
        `known`: the server has the roots, and they get reactions. Else roots with an id are not reported.
        """
        with closing(self._written(iter(threads), known)) as written:
            for batch in written:
                yield from batch.refused
                for piece, said in zip(batch.pieces, batch.answers, strict=True):
                    for post, files, answer in zip(piece.posts, piece.files, said, strict=True):
                        if post is not None:
                            yield self._outcome(post, files, answer)

    def _written(self, threads: Iterator[Thread], known: bool) -> Generator[_Batch, None, None]:
        with (
            closing(one_ahead(self._batches(threads, known), _let_go)) as made,
            ThreadPoolExecutor(_ON_THE_WAY, "writing") as line,
        ):
            sent: deque[Future[_Batch]] = deque()
            for batch in made:
                while sent and (len(sent) == _ON_THE_WAY or batch.goes_on):
                    yield sent.popleft().result()
                sent.append(line.submit(self._write, batch))
            while sent:
                yield sent.popleft().result()

    def _write(self, batch: _Batch) -> _Batch:
        if not batch.pieces:
            return batch
        self._journal.require_going()
        answers = self._importer.threads([piece.body for piece in batch.pieces])
        # At once: a cached channel that somebody touches is written back with the counters that it had before.
        self._rest.invalidate_caches()
        posts = sum(len(piece.posts) for piece in batch.pieces)
        backend_logger.info("%s through the plugin", counted(posts, "post came", "posts came"))
        return self._hung(batch._replace(answers=answers))

    def _hung(self, batch: _Batch) -> _Batch:
        """Have posts that were brought before, maybe with fewer files, have theirs. What does not hang then is not told."""
        late = {
            answer.id: files
            for piece, said in zip(batch.pieces, batch.answers, strict=True)
            for files, answer in zip(piece.files, said, strict=True)
            if files and answer.was_there
        }
        if not late:
            return batch
        wish = [{"id": post_id, "file_ids": [file.id for file in files]} for post_id, files in late.items()]
        for post_id, answer in zip(late, self._importer.attach(wish), strict=True):
            if answer.reason:
                backend_logger.warning("post %s: files do not hang on it: %s", post_id, answer.reason)
                found = self._rest.http.get_or_none(f"/posts/{post_id}/files/info") or ()
                hanging = {one["id"] for one in found}
                late[post_id] = tuple(file for file in late[post_id] if file.id in hanging)
        self._rest.invalidate_caches()
        pieces = [
            piece._replace(files=[late.get(answer.id, files) for files, answer in zip(piece.files, said, strict=True)])
            for piece, said in zip(batch.pieces, batch.answers, strict=True)
        ]
        return batch._replace(pieces=pieces)

    def _outcome(self, post: Post, files: tuple[SeenFile, ...], answer: PostAnswer) -> PostArrived | Refused:
        if not answer.id:
            return Refused(key=post.key, error=RowFailed(answer.reason))
        refused = {one.place for one in answer.refused_reactions}
        reactions = tuple(
            (self._existing.user_ids[one.username], one.emoji_name)
            for place, one in enumerate(post.reactions)
            if place not in refused
        )
        return PostArrived(key=post.key, id=answer.id, reactions=tuple(answer.reactions) or reactions, files=files)

    def _batches(self, threads: Iterator[Thread], known: bool) -> Iterator[_Batch]:
        pieces: list[_Piece] = []
        refused: list[Refused] = []
        goes_on = False
        posts = size = 0
        while found := list(islice(threads, _LOOKED_UP)):
            self._existing.learn_people(name for thread in found for name in names_in(thread))
            for thread in found:
                for place, piece in enumerate(self._pieces(thread, refused, known)):
                    full = posts + len(piece.posts) > BATCH_POSTS or size + piece.size > self._batch_bytes
                    # A second piece names the root of the first, which must be there by then.
                    if pieces and (full or place):
                        yield _Batch(pieces, refused, goes_on)
                        pieces, refused, posts, size = [], [], 0, 0
                        goes_on = place > 0
                    pieces.append(piece)
                    posts += len(piece.posts)
                    size += piece.size
        yield _Batch(pieces, refused, goes_on)

    def _pieces(self, thread: Thread, refused: list[Refused], known: bool) -> Iterator[_Piece]:
        """Yield a thread in pieces that fit into a batch each. Every one begins with the root, which is one by its identity."""
        replies = [reply for reply in thread.replies if not reply.id]
        if thread.root.id and not replies and not known:
            return
        root = self._checked(thread.root, refused) if not thread.root.id else self._with_good_reactions(thread.root)
        if root is None:
            refused += [Refused(key=reply.key, error=RowFailed(_GONE)) for reply in replies]
            return
        good = [one for reply in replies if (one := self._checked(reply, refused))]
        if thread.root.id and not good and not known:
            return
        reported = root if known or not root.id else None
        seen = self._bring_files(root, thread)
        head = _encode(self._root(root, known) if root.id else self._new(root, thread, seen))
        part: list[msgspec.Raw] = []
        carried: list[Post | None] = [reported]
        files = [seen]
        size = len(head)
        for reply in good:
            seen = self._bring_files(reply, thread)
            raw = _encode(self._new(reply, thread, seen))
            if len(carried) >= BATCH_POSTS or size + len(raw) > self._batch_bytes:
                yield _Piece(self._thread(thread, head, part), carried, files, size)
                part, carried, files, size = [], [None], [()], len(head)
            part.append(msgspec.Raw(raw))
            carried.append(reply)
            files.append(seen)
            size += len(raw)
        yield _Piece(self._thread(thread, head, part), carried, files, size)

    def _bring_files(self, post: Post, thread: Thread) -> tuple[SeenFile, ...]:
        """Have the files of a new post be on the server; those that it does not take are left off."""
        if post.id or not post.files:
            return ()
        user_id = self._existing.user_ids[post.username]
        identity = _identity(thread, post, user_id)
        return self._files.bring(identity, thread.channel.id, user_id, post.create_at, post.files)

    def _checked(self, post: Post, refused: list[Refused]) -> Post | None:
        """Return a post without the reactions that the server would refuse; None where it would refuse the post itself."""
        people, post = self._existing.user_ids, self._with_good_reactions(post)
        why = refusal_of(post, self._server.max_post_runes) or missing_bytes(post)
        if not why and post.username not in people:
            why = f"The server has no account {post.username}: export that person first, then try again."
        if why:
            refused.append(Refused(key=post.key, error=RowFailed(why)))
            return None
        return post

    def _with_good_reactions(self, post: Post) -> Post:
        people = self._existing.user_ids
        good = tuple(r for r in post.reactions if not reaction_refusal(r, post.create_at) and r.username in people)
        if len(good) == len(post.reactions):
            return post
        backend_logger.warning(
            "row %s: %s cannot be sent", post.key, counted(len(post.reactions) - len(good), "reaction")
        )
        return msgspec.structs.replace(post, reactions=good)

    def _thread(self, thread: Thread, root: bytes, replies: list[msgspec.Raw]) -> dict[str, Any]:
        people = self._existing.user_ids
        return {
            "channel_id": thread.channel.id,
            "root": msgspec.Raw(root),
            "replies": replies,
            "followers": [people[name] for name in dict.fromkeys(thread.followers) if name in people],
        }

    def _root(self, root: Post, known: bool) -> dict[str, Any]:
        return {"id": root.id, "reactions": self._reactions(root) if known else []}

    def _new(self, post: Post, thread: Thread, files: tuple[SeenFile, ...]) -> dict[str, Any]:
        user_id = self._existing.user_ids[post.username]
        fields: dict[str, Any] = {
            "identity": _identity(thread, post, user_id),
            "user_id": user_id,
            "message": post.message,
            "create_at": post.create_at,
        }
        optional = {"edit_at": post.edit_at, "type": post.type, "is_pinned": post.is_pinned, "props": post.props}
        fields |= {name: value for name, value in optional.items() if value}
        if post.reactions:
            fields["reactions"] = self._reactions(post)
        if files:
            fields["file_ids"] = [file.id for file in files]
        return fields

    def _reactions(self, post: Post) -> list[dict[str, Any]]:
        people = self._existing.user_ids
        return [
            {"user_id": people[one.username], "emoji_name": one.emoji_name, "create_at": one.create_at}
            for one in post.reactions
        ]


def _let_go(_: _Batch) -> None:
    """What is written and unheard is found again by its identity."""


def _identity(thread: Thread, post: Post, user_id: str) -> str:
    """Return what a post is known by, to the plugin that brought it: in a channel that was made anew all are new.

    So are those that a rollback has moved by a ms: what it could only hide keeps its place, with that channel and ms.
    """
    return f"{thread.channel.id}:{post.create_at}:{post.slack_id or user_id}"[:_IDENTITY]
