"""What a conversation of the export must have become: one expected post per message, at its millisecond.

Knows Slack's messages and the rules of the facts; no database.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from mm_pipeline_tests.checker.export import Conversation, Export, Json, Upload
from mm_pipeline_tests.checker.names import Names
from mm_pipeline_tests.checker.notices import NOTICES, post_type_of
from mm_pipeline_tests.checker.seen import seen_in, text_seen
from mm_pipeline_tests.checker.words import Seen


@dataclass(slots=True, kw_only=True)
class ExpectedFile:
    """A file object of a message. Without bytes in the export it is at least named in the text."""

    id: str
    names: tuple[str, ...]  #: any of them will do; none: Slack hides even the name
    upload: Upload | None
    address: str = ""  #: where people can look for it
    optional: bool = False  #: a file that the message only talks about


@dataclass(slots=True, kw_only=True)
class Expected:
    """A message as it must stand on the server. Times are ms; `author` is a user's or bot's Slack id, or empty."""

    raw: Json
    channel: str  #: Slack's name of the conversation
    channel_id: str
    ts: str
    ms: int
    author: str
    is_bot: bool
    username: str  #: the name that the message itself carries
    shown_name: str  #: the same, where no user stands beside it
    root_ts: str  #: empty: a root
    seen: Seen
    optional: bool  #: deleted in Slack, and nothing hangs on it
    subtype: str
    pinned: bool
    edited_ms: int  #: 0: never edited
    post_type: str = ""  #: Mattermost's; empty: an ordinary post
    props: dict[str, Seen] = field(default_factory=dict)  #: what a notice's props must say
    reactions: list[tuple[str, str]] = field(default_factory=list)  #: (Slack's name, user)
    files: list[ExpectedFile] = field(default_factory=list)


def order_of(ts: str) -> tuple[int, int]:
    """Return a ts as (seconds, microseconds), never through a float. Raises ValueError for what is no ts."""
    seconds, _, fraction = ts.partition(".")
    return int(seconds), int((fraction + "000000")[:6])


def cut_to_ms(ts: str) -> int:
    """Return the ts in ms, cut."""
    seconds, microseconds = order_of(ts)
    return seconds * 1000 + microseconds // 1000


def bots_of(users: Iterable[Json]) -> dict[str, str]:
    """Return bot id -> user id, where a listed user's profile says so."""
    profiles = ((user["id"], user.get("profile")) for user in users)
    return {profile["bot_id"]: id_ for id_, profile in profiles if isinstance(profile, dict) and profile.get("bot_id")}


def author_of(message: Json, bots: dict[str, str]) -> str:
    """Return who wrote it: a comment's own author, the user, or the bot (as the user that it is, where that is known)."""
    comment = message.get("comment")
    if message.get("subtype") == "file_comment" and isinstance(comment, dict) and comment.get("user"):
        return str(comment["user"])
    if message.get("user"):
        return str(message["user"])
    bot_id = str(message.get("bot_id") or "")
    return bots.get(bot_id, bot_id)


def expected_posts(export: Export, conversation: Conversation, names: Names, bots: dict[str, str]) -> list[Expected]:
    """Return every message of the conversation once, oldest first, at the millisecond it must have."""
    posts: dict[str, Expected] = {}
    for message in export.messages(conversation):
        try:
            ms = cut_to_ms(message["ts"])
        except ValueError:
            export.unreadable.append(f"{conversation.folder} {message['ts']}")
            continue
        posts.setdefault(message["ts"], _expected(export, conversation, message, ms, names, bots))
    ordered = sorted(posts.values(), key=lambda post: order_of(post.ts))
    answered = {post.root_ts for post in ordered}
    last = 0
    for post in ordered:
        post.ms = last = max(post.ms, last + 1)
        post.optional = post.optional and post.ts not in answered
    return ordered


def _expected(
    export: Export, conversation: Conversation, message: Json, ms: int, names: Names, bots: dict[str, str]
) -> Expected:
    thread_ts = message.get("thread_ts")
    subtype = str(message.get("subtype") or "")
    username = str(message.get("username") or "")
    post_type = post_type_of(message)
    notice = NOTICES.get(subtype)
    return Expected(
        raw=message,
        channel=conversation.name,
        channel_id=conversation.id,
        ts=message["ts"],
        ms=ms,
        author=author_of(message, bots),
        is_bot=not message.get("user") and subtype != "file_comment",
        username=username,
        shown_name=username if not message.get("user") else "",
        root_ts=thread_ts if isinstance(thread_ts, str) and thread_ts != message["ts"] else "",
        seen=seen_in(message, names),
        optional=subtype == "tombstone",
        subtype=subtype,
        pinned=message["ts"] in conversation.pins or _is_pinned_to(conversation, message),
        edited_ms=_edited_ms(message),
        post_type=post_type,
        props={prop: text_seen(str(message.get(key) or ""), names) for prop, key in notice.props.items()}
        if notice and post_type
        else {},
        reactions=_reactions(message),
        files=_files(export, message),
    )


def _is_pinned_to(conversation: Conversation, message: Json) -> bool:
    """A message names the conversations that it is pinned to; a folder without an entry does not know its own id."""
    pinned_to = message.get("pinned_to")
    return isinstance(pinned_to, list) and (
        conversation.id in pinned_to or (conversation.kind == "unknown" and bool(pinned_to))
    )


def _edited_ms(message: Json) -> int:
    edited = message.get("edited")
    try:
        return cut_to_ms(str(edited["ts"])) if isinstance(edited, dict) and edited.get("ts") else 0
    except ValueError:
        return 0


def _reactions(message: Json) -> list[tuple[str, str]]:
    found = message.get("reactions")
    entries = [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
    pairs = ((str(entry.get("name")), str(user)) for entry in entries for user in entry.get("users") or () if user)
    return list(dict.fromkeys(pairs))


def _address(file: Json) -> str:
    """What lies elsewhere is there still; of Slack's own files only the page is somebody's to see."""
    keys = ("url_private", "external_url", "permalink") if file.get("mode") == "external" else ("permalink",)
    return next((url for key in keys if isinstance(url := file.get(key), str) and url.startswith("http")), "")


def _files(export: Export, message: Json) -> list[ExpectedFile]:
    """A list in `files`; a single `file` in old exports, which a comment only talks about."""
    found = message.get("files")
    files = [file for file in found if isinstance(file, dict)] if isinstance(found, list) else []
    if not files and isinstance(message.get("file"), dict):
        files = [message["file"]]
    expected: dict[str, ExpectedFile] = {}
    for number, file in enumerate(files):
        id_ = str(file.get("id") or f"#{number}")
        uploads = export.uploads.get(id_, [])
        names = (*(upload.name for upload in uploads), str(file.get("name") or ""), str(file.get("title") or ""))
        expected.setdefault(
            id_,
            ExpectedFile(
                id=id_,
                names=tuple(dict.fromkeys(name for name in names if name)),
                upload=uploads[0] if uploads else None,
                address=_address(file),
                optional=message.get("subtype") == "file_comment",
            ),
        )
    return list(expected.values())
