"""Compares the marks of a post with its message's: pinned, edited, of which kind, and from where it came."""

from collections.abc import Iterator

from mm_pipeline_tests.checker.findings import Finding
from mm_pipeline_tests.checker.messages import Pair, finding
from mm_pipeline_tests.checker.people import People
from mm_pipeline_tests.checker.words import words_of

#: Ordinary posts: the second is what Mattermost calls a post with cards.
ORDINARY = ("", "slack_attachment")


def mark_findings(pair: Pair, people: People, *, keeps_replies: bool) -> Iterator[Finding]:
    """Yield wrong marks. `keeps_replies` says that the server keeps the props of an imported reply."""
    wanted, post = pair.wanted, pair.post
    if wanted.pinned != post.is_pinned:
        yield finding("pinned", wanted, "It is pinned here." if post.is_pinned else "It is not pinned.")
    if bool(wanted.edited_ms) != (post.edit_at > 0):
        yield finding("edited", wanted, "It is marked as edited." if post.edit_at else "It is not marked as edited.")
    elif wanted.edited_ms != post.edit_at:
        yield finding("edited", wanted, f"It is marked as edited {post.edit_at - wanted.edited_ms:+} ms off.")
    if not pair.posts_say_anything():
        yield finding("word", wanted, "Its post is empty.")
    yield from _type(pair, people)
    if keeps_replies or not wanted.root_ts:
        yield from _origin(pair)


def _type(pair: Pair, people: People) -> Iterator[Finding]:
    wanted, post = pair.wanted, pair.post
    if post.type != wanted.post_type and not {post.type, wanted.post_type} <= set(ORDINARY):
        kind, right = post.type or "an ordinary post", wanted.post_type or "an ordinary post"
        yield finding("type", wanted, f"It is {kind} and should be {right}.")
    elif wanted.post_type.startswith("system_"):
        props = post.all_props()
        account = people.accounts.get(post.user_id)
        if account and props.get("username") != account.username:
            yield finding("type", wanted, f"Its notice is about {props.get('username') or 'nobody'}.")
        for prop, seen in wanted.props.items():
            text = props.get(prop)
            if lacking := seen.lacking(text if isinstance(text, str) else ""):
                yield finding("type", wanted, f"Its {prop} lacks: {', '.join(lacking[:12])}.")
            elif isinstance(text, str) and words_of(text) and not seen.demands:
                yield finding("type", wanted, f"It has a {prop} where Slack has none.")


def _origin(pair: Pair) -> Iterator[Finding]:
    """The post can be traced to its message for ever."""
    wanted, props = pair.wanted, pair.post.all_props()
    there = (props.get("slack_channel"), props.get("slack_ts"))
    if there != (wanted.channel_id, wanted.ts):
        yield finding("origin", wanted, f"Its props trace it to {there[0] or 'no channel'} {there[1] or 'and no ts'}.")
