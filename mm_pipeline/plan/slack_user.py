"""A Slack user row, read: what the plan needs of it, whatever shape the export gave it. Decides nothing."""

from zoneinfo import ZoneInfo

import msgspec

from mm_pipeline.mattermost.limits import POSITION
from mm_pipeline.model import Entity
from mm_pipeline.plan.addresses import placeholder_email, real_email
from mm_pipeline.plan.names import NAME_MAX, shortened, username_for
from mm_pipeline.plan.settings import PlanSettings
from mm_pipeline.values import object_at, words_at

#: Mattermost's locales by Slack's language tag, and by language alone. Unknown ones become the server's default.
_LOCALES = {
    tag.lower(): tag
    for tag in (
        *("bg", "de", "en", "en-AU", "es", "fa", "fr", "hr", "hu", "it", "ja", "ka", "kk", "ko", "lt", "nl", "pl"),
        *("pt-BR", "ro", "ru", "sl", "sv", "tr", "uk", "vi", "zh-CN", "zh-TW"),
    )
}
#: Of the user object; whoever is in no list has them in the `user_profile` of his messages.
_GUEST_FLAGS = ("is_restricted", "is_ultra_restricted")
#: Slack began in 2013: earlier moments mean "unknown".
_FIRST_MS = 1_356_998_400_000


class SlackUser(msgspec.Struct, frozen=True, kw_only=True):
    """A person or bot as Slack knew it. Texts are cut to what Mattermost takes."""

    row: Entity
    name: str  #: Slack's name, as it is
    username: str  #: the valid username nearest to it
    email: str  #: a real address, or ""
    given_email: str  #: what Slack said, valid or not
    placeholder: str  #: the address that stands for no address
    is_bot: bool
    is_guest: bool
    is_admin: bool
    deleted: bool
    delete_at: int  #: ms; 0 = active
    first_name: str
    last_name: str
    nickname: str
    position: str
    locale: str
    time_zone: str  #: its name in the tz database, or ""
    display_name: str

    @classmethod
    def read(cls, row: Entity, settings: PlanSettings, email: str = "") -> "SlackUser":
        """Read a row of type user; `email` wins over Slack's. Missing and wrongly typed fields count as absent."""
        raw = row.raw_data
        profile = object_at(raw, "profile")
        shown = words_at(profile, "display_name")
        real = words_at(profile, "real_name") or words_at(raw, "real_name")
        name = words_at(raw, "name") or shown or real
        if row.slack_id == "USLACKBOT":
            name, real = name or "slackbot", real or "Slackbot"
        first, last = words_at(profile, "first_name"), words_at(profile, "last_name")
        if not first and not last:
            first, _, last = real.partition(" ")
        is_bot = bool(raw.get("is_bot")) or row.slack_id == "USLACKBOT" or row.slack_id.startswith("B")
        deleted = bool(raw.get("deleted"))
        display = shown or real or name or row.slack_id
        given_email = words_at(profile, "email") or words_at(raw, "email")
        return cls(
            row=row,
            name=name,
            username=username_for(name, row.slack_id),
            email=""
            if is_bot
            else real_email(email, settings.email_domain) or real_email(given_email, settings.email_domain),
            given_email=given_email,
            placeholder=placeholder_email(row.slack_id, settings.email_domain),
            is_bot=is_bot,
            is_guest=any(source.get(flag) is True for source in (raw, profile) for flag in _GUEST_FLAGS),
            is_admin=any(raw.get(flag) for flag in ("is_admin", "is_owner", "is_primary_owner")),
            deleted=deleted,
            delete_at=_milliseconds(raw.get("updated"), settings.staged_at) if deleted else 0,
            first_name="" if is_bot else shortened(first, NAME_MAX),
            last_name="" if is_bot else shortened(last.strip(), NAME_MAX),
            nickname=shortened(display if is_bot else shown, NAME_MAX),
            position=shortened(words_at(profile, "title"), POSITION),
            locale=_locale(words_at(raw, "locale")),
            time_zone="" if is_bot else _time_zone(words_at(raw, "tz")),
            display_name=shortened(real or display, NAME_MAX),
        )


def _locale(tag: str) -> str:
    tag = tag.lower().replace("_", "-")
    return _LOCALES.get(tag) or _LOCALES.get(tag.partition("-")[0]) or ""


def _time_zone(name: str) -> str:
    """Return the name if the tz database has it; Mattermost takes any, and its clients stumble over wrong ones."""
    try:
        return name and ZoneInfo(name).key
    except (KeyError, OSError, ValueError):  # KeyError: ZoneInfoNotFoundError
        return ""


def _milliseconds(updated: object, otherwise: int) -> int:
    try:
        seconds = float(updated)  # type: ignore[arg-type]  # a wrong type is one of the cases
        ms = int(seconds * 1000)
    except (TypeError, ValueError, OverflowError):
        return otherwise
    return ms if _FIRST_MS <= ms <= otherwise else otherwise
