"""Links to Slack messages: where the message is on the server the link leads to its post, else it stays as it is."""

import re
from collections.abc import Iterator

from mm_pipeline_tests.checker.findings import Finding
from mm_pipeline_tests.checker.messages import Pair, finding

PERMALINK = re.compile(r"https?://[\w.-]+\.slack\.com/archives/(?P<where>[\w-]+)/p(?P<ts>\d{16,})\b", re.IGNORECASE)


class Links:
    """All links to messages of one export. They are judged when every message's post is known."""

    def __init__(self, team: str) -> None:
        self._team = team
        self._posts: dict[tuple[str, str], str] = {}  #: (Slack's channel id, ts) -> post id
        self._waiting: list[tuple[Pair, str, str, str]] = []  #: with the link, and where it leads: channel id, ts

    def note(self, pair: Pair) -> None:
        """Take note of a message's post and of the links in the message."""
        self._posts[pair.wanted.channel_id, pair.wanted.ts] = pair.post.id
        for link in pair.wanted.seen.into_slack:
            if found := PERMALINK.match(link):
                ts = f"{found['ts'][:-6]}.{found['ts'][-6:]}"
                self._waiting.append((pair, found[0], found["where"].upper(), ts))

    def findings(self) -> Iterator[Finding]:
        """Yield links that lead elsewhere, and links that still lead into Slack though their message is here."""
        for pair, link, channel_id, ts in self._waiting:
            text = "\n".join(post.shown() for post in pair.posts())
            post_id = self._posts.get((channel_id, ts))
            is_left = link.partition("://")[2].casefold() in text.casefold()
            if post_id is None:
                if not is_left:
                    yield finding("link", pair.wanted, f"The link to {channel_id} {ts}, which is not here, is gone.")
            elif is_left:
                yield finding("slack link", pair.wanted, f"The link to {channel_id} {ts} still leads into Slack.")
            elif f"/{self._team}/pl/{post_id}" not in text:
                yield finding("link", pair.wanted, f"The link to {channel_id} {ts} does not lead to its post.")
