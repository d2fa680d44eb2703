"""Mattermost's limits as data, and what the server would refuse, found before anything is sent.

Changes nothing and shortens nothing: one bad import line costs a whole batch, so it is named here and left out there.
Each rule comes from the server's own validators (facts: contract 2-7, seen live on 9.9 and 11.4).
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache, singledispatch
from typing import Any

import msgspec

from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.mattermost.outgoing import NewAccount, NewChannel, NewEmoji, Post, PostChannel, PostReaction

#: Runes, unless the name says otherwise.
EMAIL_BYTES, PERSON_NAME, POSITION, AUTH_DATA_BYTES, LOCALE_BYTES = 128, 64, 128, 128, 5
CHANNEL_DISPLAY_NAME, CHANNEL_HEADER, CHANNEL_PURPOSE = 64, 1024, 250
BOT_DESCRIPTION = 1024
MESSAGE, PROPS = 16_383, 800_000
EMOJI_NAME, EMOJI_BYTES = 64, 512 * 1024 - 250  # the whole request counts, and its frame takes about 250 bytes
FILES_PER_POST = 10  # Post.IsValid: Invalid file ids
FILE_NAME_BYTES = 200
#: One INSERT carries a line's replies: 18 columns each, 65,535 parameters in all.
REPLIES_PER_LINE = 3_640
#: A line may have 16 MiB; replies are dealt to several lines long before.
LINE_BYTES = 8 << 20
#: People of a group channel, everybody counted.
GROUP_MEMBERS = range(3, 9)

RESERVED_USERNAMES = frozenset({"all", "channel", "matterbot", "system"})
AUTH_SERVICES = frozenset({"", "email", "gitlab", "saml", "ldap", "google", "office365", "openid"})
_USERNAME = re.compile(r"[a-z0-9._-]{1,64}")
_CHANNEL_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
#: A channel called like this would be taken for a direct or a group one, so the server refuses it.
_LIKE_A_DIRECT_CHANNEL = re.compile(r"[a-z0-9]{26}__[a-z0-9]{26}|[0-9a-f]{40}")
_EMOJI_NAME = re.compile(r"[A-Za-z0-9+_-]{1,64}")
_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{2})?")
# Go's net/mail, which the server asks: atoms with single dots in between, also beyond ASCII; quoted parts and address
# literals it takes apart again. `x.@y.edu` stopped a whole job of a real export.
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]+"
_EMAIL = re.compile(rf"{_ATOM}(\.{_ATOM})*@{_ATOM}(\.{_ATOM})*")
#: What both 9.9 and 11.4 let pass: their own types and anybody's custom_*, at most 26 characters.
_POST_TYPE = re.compile(
    r"|me|reminder|slack_attachment|add_bot_teams_channels|custom_.{0,19}"
    r"|system_(generic|auto_responder|join_leave|add_remove|wrangler"
    r"|(guest_)?join_channel|leave_channel|add_to_channel|add_guest_to_chan|remove_from_channel"
    r"|(join|leave|add_to|remove_from)_team|(header|purpose|displayname)_change|gm_to_channel"
    r"|(move|convert)_channel|channel_deleted|channel_restored|change_chan_privacy)"
)
_SURROGATE = re.compile("[\ud800-\udfff]")

#: One rule: whether it is broken, and the sentence that says so. Sentences go on after "Mattermost refuses this …: ".
Rule = tuple[Callable[[Any], bool], str]


def _longer(field: str, most: int, *, size: Callable[[str], int] = len) -> Rule:
    return lambda thing: size(getattr(thing, field)) > most, f"its {field.replace('_', ' ')} is longer than {most}"


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


@lru_cache(maxsize=1 << 14)  # each post and reaction asks: few people write much
def is_username(name: str) -> bool:
    """Whether an account can have this name: 1-64 of a-z 0-9 . _ - and not reserved. Upper case stops a job."""
    return _USERNAME.fullmatch(name) is not None and name not in RESERVED_USERNAMES


_ACCOUNT: tuple[Rule, ...] = (
    (lambda a: not is_username(a.username), "its username is not 1-64 of a-z 0-9 . _ -, or is reserved"),
    (lambda a: not a.is_bot and not is_email(a.email), "its e-mail is not valid, in lower case and within 128 bytes"),
    _longer("first_name", PERSON_NAME),
    _longer("last_name", PERSON_NAME),
    _longer("nickname", PERSON_NAME),
    (
        lambda a: len(a.position) > (BOT_DESCRIPTION if a.is_bot else POSITION),
        f"its position is longer than {POSITION} (a bot's description: than {BOT_DESCRIPTION})",
    ),
    (lambda a: bool(a.locale) and not is_locale(a.locale), "its locale is not of the form `de` or `pt-BR`"),
    (lambda a: bool(a.auth_service) != bool(a.auth_data), "auth_service and auth_data come together or not at all"),
    (lambda a: a.auth_service not in AUTH_SERVICES, "its auth_service is unknown"),
    _longer("auth_data", AUTH_DATA_BYTES, size=_bytes),
)
_NAMED_CHANNEL: tuple[Rule, ...] = (
    (lambda c: not is_channel_name(c.name), "its name is not 1-64 of a-z 0-9 _ - beginning with a letter or digit"),
    _longer("display_name", CHANNEL_DISPLAY_NAME),
    _longer("purpose", CHANNEL_PURPOSE),
    _longer("header", CHANNEL_HEADER),
)
_DIRECT_CHANNEL: tuple[Rule, ...] = (
    (lambda c: not _has_its_members(c), "a direct channel has 1 or 2 people, a group channel 3 to 8"),
    (lambda c: not all(map(is_username, c.members)), "the name of a member is not valid"),
    _longer("header", CHANNEL_HEADER),
)
_EMOJI: tuple[Rule, ...] = (
    (lambda e: not _EMOJI_NAME.fullmatch(e.name), "its name is not 1-64 of letters, digits, _ + -"),
    (lambda e: not e.image.is_file(), "its picture is not there"),
    (lambda e: e.image.is_file() and e.image.stat().st_size > EMOJI_BYTES, "its picture is larger than 512 KiB"),
)
_POST: tuple[Rule, ...] = (
    (lambda p: not is_username(p.username), "the name of its author is not valid"),
    (lambda p: p.create_at <= 0 or p.edit_at < 0, "it has no time"),
    (lambda p: not _POST_TYPE.fullmatch(p.type), "its type is unknown"),
    (lambda p: len(p.files) > FILES_PER_POST, f"it has more than {FILES_PER_POST} files"),
    (lambda p: bool(p.props) and _runes_of(p.props) > PROPS, f"its props are longer than {PROPS:,} characters"),
    (lambda p: any(reaction_refusal(r, p.create_at) for r in p.reactions), "one of its reactions is not valid"),
)


def is_email(email: str) -> bool:
    """Whether an account can have this address: lower case, no quoted part, no dot before the @."""
    return _bytes(email) <= EMAIL_BYTES and email == email.lower() and _EMAIL.fullmatch(email) is not None


def is_locale(locale: str) -> bool:
    """Whether the server takes this language: at most five characters of the form `de` or `pt-BR`."""
    return len(locale) <= LOCALE_BYTES and _LOCALE.fullmatch(locale) is not None


def is_channel_name(name: str) -> bool:
    """Whether a public or private channel can have this name."""
    return _CHANNEL_NAME.fullmatch(name) is not None and not _LIKE_A_DIRECT_CHANNEL.fullmatch(name)


def reaction_refusal(reaction: PostReaction, post_create_at: int) -> str | None:
    """Return why the server would refuse a reaction to a post of that time (ms), or None."""
    if reaction.create_at < post_create_at:
        why = "it is earlier than its post"
    elif not 1 <= len(reaction.emoji_name) <= EMOJI_NAME:
        why = f"the name of its emoji is empty or longer than {EMOJI_NAME}"
    elif not is_username(reaction.username):
        why = "the name of the person is not valid"
    else:
        why = _unwritable((reaction.emoji_name,)) or ""
    return _sentence("reaction", why)


@singledispatch
def refusal_of(thing: Any, max_post_runes: int = MESSAGE) -> str | None:
    """Return why the server would refuse an account, channel, emoji or post (one sentence), or None if it takes it.

    `max_post_runes` is the server's MaxPostSize; only posts ask for it. Costs about 2 µs per post.
    """
    raise TypeError(f"no limits are known for {type(thing).__name__}")


@refusal_of.register
def _(account: NewAccount, max_post_runes: int = MESSAGE) -> str | None:
    texts = (account.username, account.email, account.first_name, account.last_name, account.nickname, account.position)
    return _sentence("account", _first_broken(_ACCOUNT, account) or _unwritable((*texts, account.auth_data)))


@refusal_of.register
def _(channel: NewChannel, max_post_runes: int = MESSAGE) -> str | None:
    rules = _DIRECT_CHANNEL if channel.kind in (ChannelKind.DIRECT, ChannelKind.GROUP) else _NAMED_CHANNEL
    texts = (channel.display_name, channel.header, channel.purpose)
    return _sentence("channel", _first_broken(rules, channel) or _unwritable(texts))


@refusal_of.register
def _(channel: PostChannel, max_post_runes: int = MESSAGE) -> str | None:
    if channel.kind in (ChannelKind.DIRECT, ChannelKind.GROUP):
        broken = _first_broken(_DIRECT_CHANNEL[:2], channel)
    else:
        broken = _first_broken(_NAMED_CHANNEL[:1], channel)
    return _sentence("channel", broken)


@refusal_of.register
def _(emoji: NewEmoji, max_post_runes: int = MESSAGE) -> str | None:
    return _sentence("emoji", _first_broken(_EMOJI, emoji))


@refusal_of.register
def _(post: Post, max_post_runes: int = MESSAGE) -> str | None:
    if len(post.message) > max_post_runes:
        return _sentence("post", f"its text is longer than {max_post_runes:,} characters")
    return _sentence("post", _first_broken(_POST, post) or _unwritable_post(post))


def _first_broken(rules: Iterable[Rule], thing: Any) -> str | None:
    return next((why for is_broken, why in rules if is_broken(thing)), None)


def _sentence(what: str, why: str | None) -> str | None:
    return f"Mattermost refuses this {what}: {why}. Trying again will not help." if why else None


def _has_its_members(channel: NewChannel | PostChannel) -> bool:
    different = len(set(channel.members))
    return different in (1, 2) if channel.kind is ChannelKind.DIRECT else different in GROUP_MEMBERS


def _unwritable_post(post: Post) -> str | None:
    return _unwritable((post.message,)) or (_unwritable(_strings(post.props)) if post.props else None)


def _unwritable(texts: Iterable[str]) -> str | None:
    for text in texts:
        if "\0" in text:
            return "it holds the character U+0000"
        if not text.isascii() and _SURROGATE.search(text):
            return "it holds half of a surrogate pair"
    return None


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner)


def _runes_of(props: dict[str, Any]) -> int:
    try:
        return len(msgspec.json.encode(props).decode())
    except UnicodeEncodeError:
        return 0  # a lone surrogate: said by another rule
