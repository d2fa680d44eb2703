"""Decide for each Slack user which Mattermost account it becomes. Pure: asks no server, stores nothing.

E-mail decides who is who, because a wrong match hands one person's private messages to another (design, section 3).
"""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from mm_pipeline.mattermost.on_server import Account
from mm_pipeline.mattermost.outgoing import GUEST
from mm_pipeline.model import Entity
from mm_pipeline.plan.addresses import real_email
from mm_pipeline.plan.directory import Directory
from mm_pipeline.plan.note import joined
from mm_pipeline.plan.settings import PlanSettings
from mm_pipeline.plan.sign_in import SignIn
from mm_pipeline.plan.slack_user import SlackUser

#: What makes an account a person's: how the note of a match begins.
BEFORE, BY_EMAIL, OURS, BY_NAME, BY_HAND = (
    "on the server, as decided before",
    "matched by e-mail",
    "made by an earlier run",
    "matched by name",
    "matched by hand",
)
#: The note of somebody whose name or address people chose in the plan's table.
AS_WRITTEN = "as written in the plan"


class PersonDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one Slack user. Times in ms."""

    slack_id: str
    key: int  #: id of the row
    slack_name: str
    username: str
    email: str = ""  #: "" for bots
    is_bot: bool = False
    matched_id: str = ""  #: the account that it is; "" = create one
    first_name: str = ""
    last_name: str = ""
    nickname: str = ""  #: a bot's display name
    position: str = ""  #: a bot's description
    locale: str = ""
    time_zone: str = ""
    delete_at: int = 0
    roles: str = "system_user"
    auth_service: str = ""
    auth_data: str = ""
    display_name: str = ""  #: what a text calls it
    note: str = ""  #: why: matched by e-mail, renamed because taken ...
    skip: str = ""  #: why it is left out; "" = it goes
    names_only: str = ""  #: the choice that leaves out a person whose messages go: the account is there for these alone


def plan_people(
    users: Iterable[Entity],
    accounts: Iterable[Account],
    settings: PlanSettings,
    decided: Mapping[str, PersonDecision] | None = None,
    *,
    guests: bool = False,
) -> list[PersonDecision]:
    """Return one decision per user row, by Slack id. The same rows and accounts give the same decisions.

    `guests` says that the server lets guests in (its licence and GuestAccountsSettings.Enable).
    `decided` (by Slack id) is what an earlier plan or a person's edit says: who is left out stays out, a match stays
    while its account is there, a name while nobody else has it. Without it `mattermost_id` and `target_name` of the
    rows say as much.
    """
    decided = decided or {}
    # What was decided before comes first, then people before bots and active ones before deactivated ones:
    # of two people with one e-mail, the one who still signs in keeps it.
    people = sorted(
        (SlackUser.read(_as_decided(row, decided), settings, _email_of(row, decided)) for row in users),
        key=lambda user: (
            not user.row.mattermost_id,
            not user.row.target_name,
            user.is_bot,
            user.deleted,
            user.row.slack_id,
        ),
    )
    left_out = {one.slack_id: one for one in decided.values() if one.skip}
    going = [user for user in people if user.row.slack_id not in left_out]
    directory = Directory(accounts)
    matches = _matches(going, directory, settings)
    sign_in = SignIn(settings)
    # Names decided before are reserved before anybody looks for a new one.
    kept = {
        user.row.slack_id: directory.take_name(name, _known_by(user))
        for user in going
        if (name := user.row.target_name) and user.row.slack_id not in matches and not directory.named(name)
    }
    decisions = [
        _matched(user, *matches[user.row.slack_id])
        if user.row.slack_id in matches
        else _created(user, directory, settings, sign_in, kept.get(user.row.slack_id, ""), guests=guests)
        for user in going
    ]
    decisions = [_told_as_before(one, decided.get(one.slack_id)) for one in decisions]
    decisions += [
        msgspec.structs.replace(left_out[user.row.slack_id], key=user.row.id)
        for user in people
        if user.row.slack_id in left_out
    ]
    return sorted(decisions, key=lambda decision: decision.slack_id)


def is_same_person(decision: PersonDecision, account: Account, settings: PlanSettings) -> bool:
    """Whether an account that has the planned name or address is the one meant: the rule of the plan, asked once more.

    Never the administrator and never a person for a bot by name alone; two different real e-mails are two people.
    """
    if decision.is_bot or account.is_bot:
        return decision.is_bot and account.is_bot
    if decision.email and decision.email == account.email.lower():
        return True
    return _same_by_name(decision.slack_name, decision.email, account, settings)


def _as_decided(row: Entity, decided: Mapping[str, PersonDecision]) -> Entity:
    if (before := decided.get(row.slack_id)) is None:
        return row
    return msgspec.structs.replace(
        row, mattermost_id=row.mattermost_id or before.matched_id or None, target_name=before.username
    )


def _email_of(row: Entity, decided: Mapping[str, PersonDecision]) -> str:
    """Return the address that somebody wrote into the plan, or "" for Slack's."""
    return decided[row.slack_id].email if row.slack_id in decided else ""


def _told_as_before(decision: PersonDecision, before: PersonDecision | None) -> PersonDecision:
    """Return a decision that was made once more with the reason that it was first made for: people look at that, too."""
    if before is None or before.matched_id != decision.matched_id:
        return decision
    if before.note == AS_WRITTEN and (before.username, before.email) == (decision.username, decision.email):
        return msgspec.structs.replace(decision, note=AS_WRITTEN)
    first = next((why for why in (BY_EMAIL, BY_NAME, BY_HAND) if before.note.startswith(why)), BEFORE)
    return msgspec.structs.replace(decision, note=decision.note.replace(BEFORE, first, 1))


# --- who is who: the rules, the surest first. Each looks at everybody before the next one does.


def _matches(people: list[SlackUser], directory: Directory, settings: PlanSettings) -> dict[str, tuple[Account, str]]:
    """Return Slack id -> (account, why) for those who are on the server. No account is two people."""

    def by_id(user: SlackUser) -> Account | None:
        return directory.unclaimed(id=user.row.mattermost_id) if user.row.mattermost_id else None

    def by_email(user: SlackUser) -> Account | None:
        account = directory.unclaimed(email=user.email) if user.email else None
        return account if account and not account.is_bot else None

    def by_placeholder(user: SlackUser) -> Account | None:
        account = None if user.is_bot or user.email else directory.unclaimed(email=user.placeholder)
        return account if account and not account.is_bot else None

    def by_name(user: SlackUser) -> Account | None:
        account = directory.unclaimed(username=user.row.target_name or user.username)
        if account and (user.is_bot or account.is_bot):
            return account if user.is_bot and account.is_bot else None
        return account if account and _same_by_name(user.name, user.email, account, settings) else None

    rules: tuple[tuple[Callable[[SlackUser], Account | None], str], ...] = (
        (by_id, BEFORE),
        (by_email, BY_EMAIL),
        (by_placeholder, OURS),
        (by_name, BY_NAME),
    )
    found: dict[str, tuple[Account, str]] = {}
    for rule, why in rules:
        for user in people:
            if user.row.slack_id not in found and (account := rule(user)):
                directory.claim(account)
                found[user.row.slack_id] = (account, why)
    return found


def _same_by_name(name: str, email: str, account: Account, settings: PlanSettings) -> bool:
    """Whether a person's equal name is enough: never for the administrator, nor for two different real e-mails."""
    if "system_admin" in account.roles.split():
        return False
    # A name that had to be changed is not the name they chose: two people can come to the same spelling.
    if name.lower() != account.username.lower():
        return False
    both_have_email = all(real_email(one, settings.email_domain) for one in (email, account.email))
    return not both_have_email or settings.every_username_counts


# --- what becomes of them


def _matched(user: SlackUser, account: Account, why: str) -> PersonDecision:
    """An existing account is only ever added to: its name, address, role and state stay."""
    named = "" if account.username == user.username else f"is {account.username} on the server"
    off = "deactivated on the server, and stays so" if account.delete_at else ""
    return msgspec.structs.replace(
        _of(user, note=joined(why, named, off)),
        username=account.username,
        email="" if account.is_bot else account.email,
        is_bot=account.is_bot,
        matched_id=account.id,
        roles=account.roles or "system_user",
        delete_at=account.delete_at,
    )


def _created(
    user: SlackUser, directory: Directory, settings: PlanSettings, sign_in: SignIn, kept: str, *, guests: bool
) -> PersonDecision:
    username = kept or directory.take_name(user.username, _known_by(user))
    notes = [_name_note(user, username, directory)]
    email = "" if user.is_bot else user.email
    if email and not directory.take_email(email):
        notes.append("another account has the same e-mail: gets an address that reaches nobody")
        email = ""
    elif not user.is_bot and not user.email:
        what = "the e-mail is invalid or a placeholder" if user.given_email else "no e-mail in Slack"
        notes.append(f"{what}: gets an address that reaches nobody")
    if not user.is_bot and not email:
        email = user.placeholder
        directory.take_email(email)
    roles = "system_user"
    if user.is_guest and not user.is_bot:
        roles = GUEST if guests else roles
        notes.append(GUEST_NOTES[guests])
    if user.is_admin and not user.is_bot and not user.deleted and settings.keep_admins:
        roles = "system_user system_admin"
        notes.append("owner or admin in Slack: becomes system admin, as asked")
    service, data, sign_in_note = sign_in.of(user, username, email)
    return msgspec.structs.replace(
        _of(user, note=joined(*notes, sign_in_note, "deactivated in Slack" if user.deleted else "")),
        username=username,
        email=email,
        roles=roles,
        auth_service=service,
        auth_data=data,
    )


#: What becomes of a guest, by whether the server lets guests in.
GUEST_NOTES = {
    True: "guest in Slack: becomes a guest with the same channels (without any: an account outside the team)",
    False: "guest in Slack: becomes a member with the same channels, for the server lets no guests in "
    "(its licence, or GuestAccountsSettings.Enable)",
}


def _known_by(user: SlackUser) -> str:
    """Return by what people know somebody whose name is another's, too."""
    return ", ".join(dict.fromkeys(one for one in (user.display_name, user.email) if one))


def _name_note(user: SlackUser, username: str, directory: Directory) -> str:
    if username == user.name.lower():
        return ""
    if username == user.username:
        why = f"Mattermost cannot take the name {user.name}" if user.name else "Slack gives no name"
        return f"{why}: becomes {username}"
    other = directory.named(user.username)
    if other is None:
        taker = directory.taker(user.username)
        whose = f"another's in Slack ({taker})" if taker else "reserved"
        return f"the name {user.username} is {whose}: becomes {username}"
    if user.is_bot != other.is_bot:
        return f"{user.username} is {'a bot' if other.is_bot else 'a person'} on the server: becomes {username}"
    if "system_admin" in other.roles.split():
        return (
            f"{user.username} is an administrator of the server, and no e-mail says it is the same: becomes {username}"
        )
    return f"{user.username} is somebody else on the server: becomes {username}"


def _of(user: SlackUser, *, note: str) -> PersonDecision:
    return PersonDecision(
        slack_id=user.row.slack_id,
        key=user.row.id,
        slack_name=user.name,
        username=user.username,
        is_bot=user.is_bot,
        first_name=user.first_name,
        last_name=user.last_name,
        nickname=user.nickname,
        position=user.position,
        locale=user.locale,
        time_zone=user.time_zone,
        delete_at=user.delete_at,
        display_name=user.display_name,
        note=note,
    )
