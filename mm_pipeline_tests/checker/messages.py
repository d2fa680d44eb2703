"""Compares the messages of one conversation with the posts of its channel, and what then is left on either side.

One instance per channel. Decides which post is whose; what hangs on a post is compared in hanging.py.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from mm_pipeline_tests.checker.expected import Expected
from mm_pipeline_tests.checker.findings import Finding
from mm_pipeline_tests.checker.people import People
from mm_pipeline_tests.checker.rows import Post, Thread
from mm_pipeline_tests.checker.words import words_of

#: How far from its time a post is looked for before any other post of its author.
NEAR_MS = 5_000
#: Above this many pairs only posts near in time are compared.
MANY = 2_000_000


@dataclass(slots=True, kw_only=True)
class Pair:
    """A message and its post, with the posts that continue it (long texts, more than ten files)."""

    wanted: Expected
    post: Post
    lacking: list[str]
    more: list[Post] = field(default_factory=list)

    def posts(self) -> list[Post]:
        """The post and what continues it."""
        return [self.post, *self.more]

    def posts_say_anything(self) -> bool:
        """Whether there is anything to see. Mattermost writes the sentence of a notice itself."""
        return any(post.files or post.type.startswith("system_") or post.shown().strip() for post in self.posts())


class Matching:
    """Messages of a channel against its posts: pairs, lost messages, posts too many."""

    def __init__(self, wanted: list[Expected], posts: list[Post], people: People) -> None:
        self.people = people
        self.pairs: list[Pair] = []
        self.late: list[Pair] = []  #: found in the channel, at another time
        self.lost: list[Expected] = []
        self.posts = {post.id: post for post in posts}
        self.spare: dict[str, Post] = dict(self.posts)
        self.stand_ins: dict[str, str] = {}  #: ts of a root that no day file has -> the post made for it
        self._at_their_time(wanted, posts)
        self._at_other_times()
        self.by_ts = {pair.wanted.ts: pair for pair in [*self.pairs, *self.late]}
        self.known_ts = {message.ts for message in wanted}
        self._continuations()
        self._stand_ins()

    def findings(self) -> Iterator[Finding]:
        """Yield authors, times, roots and words that are wrong. What is lost or too many is told later, for all channels."""
        for pair in self.late:
            wrong = pair.post.create_at - pair.wanted.ms
            yield finding("time", pair.wanted, f"The post is {wrong:+} ms off.")
        for pair in [*self.pairs, *self.late]:
            if not self._is_author(pair.wanted, pair.post):
                yield finding("author", pair.wanted, f"The post is by {self.people.name_of(pair.post.user_id)}.")
            if pair.lacking:
                yield finding("word", pair.wanted, f"It lacks: {', '.join(pair.lacking[:12])}.")
            yield from self._shown_name(pair)
            yield from self._root(pair)

    def thread_findings(self, threads: dict[str, Thread]) -> Iterator[Finding]:
        """Yield threads whose record on the server does not fit the replies that are there."""
        replies: dict[str, list[int]] = defaultdict(list)
        for post in self.posts.values():
            if post.root_id:
                replies[post.root_id].append(post.create_at)
        for pair in self.pairs:
            if pair.post.root_id:
                continue
            record, there = threads.get(pair.post.id), replies[pair.post.id]
            counted, last = (record.replies, record.last_reply_at) if record else (0, 0)
            if counted != len(there):
                yield finding("thread", pair.wanted, f"The thread counts {counted} replies and has {len(there)}.")
            elif there and last != max(there):
                yield finding(
                    "thread", pair.wanted, f"The thread's last reply is said to be of {last}, not {max(there)}."
                )

    def _at_their_time(self, wanted: list[Expected], posts: list[Post]) -> None:
        at: dict[int, list[Post]] = defaultdict(list)
        for post in posts:
            at[post.create_at].append(post)
        # The server lifts a reply that is older than its root to its root's time.
        times = {message.ts: message.ms for message in wanted}
        for message in wanted:
            ms = max(message.ms, times.get(message.root_ts, 0))
            candidates = [post for time in {message.ms, ms} for post in at.get(time, ()) if post.id in self.spare]
            rated = [(self._rate(message, post), post) for post in candidates]
            best = min(rated, key=lambda entry: entry[0], default=None)
            if best is None or best[0][0] == 2:
                self.lost.append(message)
                continue
            self._pair(message, best[1], self.pairs)

    def _rate(self, message: Expected, post: Post) -> tuple[int, int, bool, int]:
        """How badly a post of the right time fits: 2 in front means it is somebody else's, with other words."""
        lacking = message.seen.lacking(post.shown())
        stranger = not self._may_be_author(message, post)
        other_words = len(lacking) * 2 > message.seen.demands
        hanging = abs(len(post.files) - len(message.files)) + abs(len(post.reactions) - len(message.reactions))
        return (
            stranger + (stranger and other_words),
            len(lacking),
            bool(post.root_id) != bool(message.root_ts),
            hanging,
        )

    def _pair(self, message: Expected, post: Post, where: list[Pair]) -> None:
        del self.spare[post.id]
        where.append(Pair(wanted=message, post=post, lacking=message.seen.lacking(post.shown())))
        unknown = message.author and self.people.is_unknown(message.author)
        if unknown and self.people.may_be(message.author, post.user_id, bot=message.is_bot):
            self.people.learn(message.author, post.user_id)
        elif not message.author and self.people.may_be("", post.user_id, bot=True):
            self.people.learn(f"name:{message.username}", post.user_id)  # known by a name alone

    def _at_other_times(self) -> None:
        """Among the posts that nobody claimed, find those that are a lost message at another time."""
        spare = sorted(self.spare.values(), key=lambda post: post.create_at)
        times = [post.create_at for post in spare]
        still_lost: list[Expected] = []
        for message in self.lost:
            near = spare[bisect_left(times, message.ms - NEAR_MS) : bisect_left(times, message.ms + NEAR_MS)]
            near = sorted(near, key=lambda post: abs(post.create_at - message.ms))
            pool = [*near, *spare] if len(self.lost) * len(spare) <= MANY else near
            found = next((post for post in pool if post.id in self.spare and self._fits(message, post)), None)
            if found:
                self._pair(message, found, self.late)
            else:
                still_lost.append(message)
        self.lost = [message for message in still_lost if not message.optional]

    def _fits(self, message: Expected, post: Post) -> bool:
        """Whether the post is the message but for its time: who wrote nothing is recognised only close by."""
        wordless = not message.seen.demands
        if (wordless and abs(post.create_at - message.ms) > NEAR_MS) or bool(message.root_ts) != bool(post.root_id):
            return False
        if post.type.startswith("system_") and not message.subtype:
            return False
        return self._may_be_author(message, post) and not message.seen.lacking(post.shown())

    def _continuations(self) -> None:
        """Take later posts of the author in the thread as the rest of a long text or of many files."""
        spare_in: dict[str, list[Post]] = defaultdict(list)
        for post in self.spare.values():
            spare_in[post.root_id].append(post)
        for pair in self.pairs:
            files = sum(file.upload is not None for file in pair.wanted.files)
            if not pair.lacking and files <= len(pair.post.files):
                continue
            for post in spare_in.get(pair.post.root_id or pair.post.id, ()):
                if (
                    post.id not in self.spare
                    or post.user_id != pair.post.user_id
                    or post.create_at < pair.post.create_at
                ):
                    continue
                lacking = pair.wanted.seen.lacking("\n".join(part.shown() for part in [*pair.posts(), post]))
                wanted_files = {name for file in pair.wanted.files for name in file.names}
                if len(lacking) < len(pair.lacking) or any(file.name in wanted_files for file in post.files):
                    del self.spare[post.id]
                    pair.more.append(post)
                    pair.lacking = lacking

    def _stand_ins(self) -> None:
        """A root made for replies whose own root is in no day file is nobody's message, and rightly there."""
        for pair in self.pairs:
            if pair.wanted.root_ts and pair.wanted.root_ts not in self.known_ts:
                self.spare.pop(pair.post.root_id, None)

    def _is_author(self, message: Expected, post: Post) -> bool:
        """Whether the post is by who wrote the message, as far as he is known by now."""
        account = self.people.account_of(message.author) if message.author else None
        if account is not None:
            return account.id == post.user_id
        by = self.people.accounts.get(post.user_id)
        return not message.author and by is not None and (by.is_bot or not message.is_bot)

    def _may_be_author(self, message: Expected, post: Post) -> bool:
        """The same before somebody unknown is met for the first time."""
        if message.author and self.people.is_unknown(message.author):
            return self.people.may_be(message.author, post.user_id, bot=message.is_bot)
        return self._is_author(message, post)

    def _shown_name(self, pair: Pair) -> Iterator[Finding]:
        """A bot's message carries the name it had: by its account, by override_username, or in the text."""
        account, props = self.people.accounts.get(pair.post.user_id), pair.post.all_props()
        if pair.wanted.shown_name and account:
            there = words_of(f"{account.username} {account.first_name} {account.nickname} {pair.post.shown()}")
            if not set(words_of(pair.wanted.shown_name)) <= set(there):
                yield finding("author", pair.wanted, f"The post does not carry the name {pair.wanted.shown_name}.")
        if other := props.get("override_username"):
            if words_of(str(other)) != words_of(pair.wanted.username):
                yield finding("author", pair.wanted, f"The post is shown as by {other}.")
            elif props.get("from_webhook") != "true":  # else Mattermost shows the account's own name
                yield finding("author", pair.wanted, f"The post's props name {other}, and nobody is shown it.")

    def _root(self, pair: Pair) -> Iterator[Finding]:
        wanted, post = pair.wanted, pair.post
        if not wanted.root_ts:
            if post.root_id:
                yield finding("root", wanted, "It is a root in Slack and a reply here.")
            return
        root = self.by_ts.get(wanted.root_ts)
        if root is not None:
            if post.root_id != (root.post.root_id or root.post.id):
                yield finding("root", wanted, f"It is not under the post of {wanted.root_ts}.")
        elif post.root_id not in self.posts or self.posts[post.root_id].root_id:
            yield finding("root", wanted, "Its root is lost, and it hangs under none.")
        elif wanted.root_ts not in self.known_ts:
            first = self.stand_ins.setdefault(wanted.root_ts, post.root_id)
            if first != post.root_id:
                yield finding("root", wanted, "Replies of one lost root hang under several.")
            elif not self.posts[first].shown().strip():
                yield finding("root", wanted, "Nothing says that its root is lost.")


def finding(kind: str, wanted: Expected, sentence: str) -> Finding:
    """Make a finding about a message."""
    return Finding(kind=kind, channel=wanted.channel, ts=wanted.ts, sentence=sentence)
