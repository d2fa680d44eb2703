"""What an account says of its person: names, title, language, time zone, role, address. Decides not whose it is."""

from collections.abc import Iterator
from zoneinfo import available_timezones

from mm_pipeline_tests.checker.export import Json
from mm_pipeline_tests.checker.findings import Finding
from mm_pipeline_tests.checker.people import People
from mm_pipeline_tests.checker.rows import Account

NAME_RUNES = 64
TITLE_RUNES = 128
#: Languages that Mattermost 9.9 and 11.4 have, as far as Slack has them too; any other becomes the server's own.
LANGUAGES = {"de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "tr", "uk", "vi", "zh"}


def profile_findings(people: People, since_ms: int | None) -> Iterator[Finding]:
    """Yield what accounts say wrongly of the people of the export. Accounts that were there before keep their own."""
    domains = {address.rpartition("@")[2] for address in people.emails if address}
    for slack_id, user in people.users.items():
        account = people.account_of(slack_id)
        if account is None or (since_ms is not None and account.create_at < since_ms):
            continue
        wrong = [*_names(user, account), *_title(user, account), *_language_and_time_zone(user, account)]
        if "system_admin" in account.roles.split() and since_ms is not None:
            wrong.append("is made an administrator")
        if not (account.is_bot or user.get("is_bot") or account.delete_at or account.in_team or _is_guest(account)):
            wrong.append("is not in the team")
        if not account.is_bot and account.email not in people.emails and account.email.rpartition("@")[2] in domains:
            wrong.append(f"has the address {account.email}, which may be somebody's")
        for what in wrong:
            yield Finding(kind="profile", sentence=f"{slack_id} ({account.username}) {what}.")


def _names(user: Json, account: Account) -> Iterator[str]:
    profile = _profile(user)
    real = _text(profile, "real_name") or _text(user, "real_name")
    shown = _text(profile, "display_name")
    if account.is_bot:
        names = [name for name in (shown, real, _text(user, "name")) if name]
        if (shown or real) and not any(_is(account.first_name, name, NAME_RUNES) for name in names):
            yield f"is called {account.first_name or 'nothing'}"
        return
    first, last = _text(profile, "first_name"), _text(profile, "last_name")
    full = f"{account.first_name} {account.last_name}"
    halves = (
        bool(first or last) and _is(account.first_name, first, NAME_RUNES) and _is(account.last_name, last, NAME_RUNES)
    )
    if not halves and not _is(full, real, 2 * NAME_RUNES):
        yield f"is called {full.strip() or 'nothing'}"
    if not _is(account.nickname, shown, NAME_RUNES):
        yield f"has the nickname {account.nickname or '(none)'}"


def _title(user: Json, account: Account) -> Iterator[str]:
    title = _text(_profile(user), "title")
    if not account.is_bot and not _is(account.position, title, TITLE_RUNES):
        yield f"has the position {account.position or '(none)'}"


def _language_and_time_zone(user: Json, account: Account) -> Iterator[str]:
    locale, time_zone = _text(user, "locale"), _text(user, "tz")
    if time_zone in available_timezones() and not account.is_bot and account.time_zone != time_zone:
        yield f"lives in {account.time_zone or 'no time zone'} instead of {time_zone}"
    language = locale.replace("_", "-").partition("-")[0].lower()
    if language in LANGUAGES and account.locale.partition("-")[0].lower() != language:
        yield f"reads {account.locale or 'no language'} instead of {locale}"


def _is_guest(account: Account) -> bool:
    """Guests are let into channels; who is in none is in no team."""
    return "system_guest" in account.roles.split()


def _is(found: str, wanted: str, runes: int) -> bool:
    """Whether it is the text, but for blanks; or its beginning, where the field cannot hold it all."""
    found, wanted = " ".join(found.split()), " ".join(wanted.replace("\0", "").split())
    return found == wanted or (len(wanted) > runes and found[: runes // 2] == wanted[: runes // 2])


def _profile(user: Json) -> Json:
    profile = user.get("profile")
    return profile if isinstance(profile, dict) else {}


def _text(source: Json, key: str) -> str:
    value = source.get(key)
    return value.strip() if isinstance(value, str) else ""
