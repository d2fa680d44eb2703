"""Links to Slack messages and channels: what is on the server is led to there, what is not stays as it is."""

import re
from collections.abc import Iterator, Mapping

from mm_pipeline_tests.checker.findings import Finding
from mm_pipeline_tests.checker.messages import Pair, finding

ADDRESS = re.compile(
    r"https?://[\w.-]+\.slack\.com/archives/(?P<where>[A-Z0-9]+)(?:/p(?P<ts>\d{16,}))?\b", re.IGNORECASE
)


class Links:
    """All links into one export. They are judged when every message's post is known."""

    def __init__(self, team: str, channels: Mapping[str, str]) -> None:
        self._team = team
        self._channels = channels  #: Slack's id -> the channel's name
        self._posts: dict[tuple[str, str], str] = {}  #: (Slack's channel id, ts) -> post id
        self._waiting: list[tuple[Pair, str, str, str]] = []  #: with the link, and where it leads: channel id, ts

    def note(self, pair: Pair) -> None:
        """Take note of a message's post and of the links in the message."""
        self._posts[pair.wanted.channel_id, pair.wanted.ts] = pair.post.id
        for link in pair.wanted.seen.into_slack:
            if found := ADDRESS.match(link):
                ts = f"{found['ts'][:-6]}.{found['ts'][-6:]}" if found["ts"] else ""
                self._waiting.append((pair, found[0], found["where"].upper(), ts))

    def findings(self) -> Iterator[Finding]:
        """Yield links that lead elsewhere, and links that still lead into Slack though what they mean is here."""
        for pair, link, channel_id, ts in self._waiting:
            text = "\n".join(post.shown() for post in pair.posts())
            target = self._target(channel_id, ts)
            is_left = re.search(rf"{re.escape(link.partition('://')[2])}\b", text, re.IGNORECASE)
            what = f"The link to {channel_id} {ts}".rstrip()
            if not target:
                if not is_left:
                    yield finding("link", pair.wanted, f"{what}, which is not here, is gone.")
            elif is_left:
                yield finding("slack link", pair.wanted, f"{what} still leads into Slack.")
            elif target not in text:
                yield finding("link", pair.wanted, f"{what} does not lead to what it means.")

    def _target(self, channel_id: str, ts: str) -> str:
        """Return the end of the address of a post or channel; empty if it is not here."""
        if ts:
            post_id = self._posts.get((channel_id, ts))
            return f"/{self._team}/pl/{post_id}" if post_id else ""
        name = self._channels.get(channel_id)
        return f"/{self._team}/channels/{name}" if name else ""
