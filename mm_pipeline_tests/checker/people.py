"""Who became whom: Slack's people and bots against the server's accounts, by e-mail first, then by name.

Somebody known by nothing but an id is recognised by what he wrote, and must then stay the same account everywhere.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator

from mm_pipeline_tests.checker.export import Json
from mm_pipeline_tests.checker.findings import Finding
from mm_pipeline_tests.checker.rows import Account

#: What Go's mail parser, and so the server, takes; anything else cannot be an account's address.
DOT_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]+"
EMAIL = re.compile(rf"{DOT_ATOM}(\.{DOT_ATOM})*@{DOT_ATOM}(\.{DOT_ATOM})*", re.IGNORECASE)
MAX_EMAIL = 128

Rule = Callable[[Json, Account], bool]


class People:
    """Slack id -> account. `known` is decided by the lists alone, `learned` by the first post or reaction seen."""

    def __init__(self, users: list[Json], accounts: list[Account]) -> None:
        self.users = {user["id"]: user for user in users}
        self.accounts = {account.id: account for account in accounts}
        self.emails = Counter(_email(user) for user in users)
        self.known: dict[str, str] = {}
        self.learned: dict[str, str] = {}
        self._match(users, accounts)
        self.taken = set(self.known.values())

    def account_of(self, slack_id: str) -> Account | None:
        """Return the account, if it is known by now."""
        found = self.known.get(slack_id) or self.learned.get(slack_id) or self._named_by_id(slack_id)
        return self.accounts.get(found) if found else None

    def is_unknown(self, slack_id: str) -> bool:
        """Whether only what he wrote can tell who he is: not in the export's list, and not met yet."""
        return slack_id not in self.users and self.account_of(slack_id) is None

    def may_be(self, slack_id: str, account_id: str, *, bot: bool) -> bool:
        """Whether somebody unknown can be this account: nobody else's, and a bot's where it must be one's."""
        account = self.accounts.get(account_id)
        right_kind = account is not None and (account.is_bot or not bot)
        return right_kind and account_id not in self.taken and account_id not in self.learned.values()

    def learn(self, slack_id: str, account_id: str) -> None:
        """Take it from here on that this is he."""
        self.learned[slack_id] = account_id

    def is_bot(self, account_id: str) -> bool:
        """Whether an account is a bot's."""
        return account_id in self.accounts and self.accounts[account_id].is_bot

    def name_of(self, account_id: str) -> str:
        """Return an account's username, or the id where there is none."""
        return self.accounts[account_id].username if account_id in self.accounts else account_id or "nobody"

    def spellings(self) -> dict[str, tuple[str, ...]]:
        """Return Slack id -> how a mention of him must be spelled: by his account's name."""
        return {slack_id: (self.accounts[account].username,) for slack_id, account in self.known.items()}

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong with the accounts of listed people and bots."""
        for slack_id, user in self.users.items():
            account = self.account_of(slack_id)
            if account is None:
                yield Finding(kind="person", sentence=f"{slack_id} has no account.")
                continue
            if bool(user.get("deleted")) != (account.delete_at > 0):
                state = "deactivated" if account.delete_at else "active"
                yield Finding(kind="person", sentence=f"{slack_id} is {account.username}, which is {state}.")
            if bool(user.get("is_bot")) != account.is_bot:
                kind = "a bot" if account.is_bot else "no bot"
                yield Finding(kind="bot", sentence=f"{slack_id} is {account.username}, which is {kind}.")

    def strangers(self, since_ms: int) -> Iterator[Finding]:
        """Yield accounts of the team that came into being since then and are nobody of the export."""
        ours = self.taken | set(self.learned.values())
        for account in self.accounts.values():
            if account.in_team and account.create_at >= since_ms and account.id not in ours:
                yield Finding(
                    kind="person", sentence=f"The account {account.username} belongs to nobody of the export."
                )

    def _named_by_id(self, slack_id: str) -> str | None:
        """The account whose name or address is the id itself."""
        if slack_id in self.users or not slack_id:
            return None
        wanted = slack_id.lower()
        for account in self.accounts.values():
            if wanted in (account.username, account.email.partition("@")[0]) and account.id not in self.taken:
                self.learned[slack_id] = account.id
                return account.id
        return None

    def _match(self, users: list[Json], accounts: list[Account]) -> None:
        by_email = {account.email: account.id for account in accounts}
        for user in users:
            # Two people with one address: one of them can have it, whoever; the other goes by name.
            if self.emails[_email(user)] == 1 and _email(user) in by_email:
                self.known[user["id"]] = by_email[_email(user)]
        for rule in RULES:
            taken = set(self.known.values())
            index = [account for account in accounts if account.id not in taken]
            for user in users:
                if user["id"] in self.known or not self._may_go_by_name(user):
                    continue
                found = next((account for account in index if account.id not in taken and rule(user, account)), None)
                if found:
                    self.known[user["id"]] = found.id
                    taken.add(found.id)
        for user in users:
            if user["id"] not in self.known and _email(user) in by_email:
                self.known[user["id"]] = by_email[_email(user)]

    def _may_go_by_name(self, user: Json) -> bool:
        """Two different real addresses are two people, so only who has none of his own goes by name."""
        return not _email(user) or self.emails[_email(user)] > 1 or bool(user.get("is_bot"))


def _profile(user: Json) -> Json:
    profile = user.get("profile")
    return profile if isinstance(profile, dict) else {}


def _email(user: Json) -> str:
    """The address the server would take, lower-cased; empty if there is none."""
    email = _profile(user).get("email")
    usable = isinstance(email, str) and len(email) <= MAX_EMAIL and EMAIL.fullmatch(email)
    return email.lower() if usable and isinstance(email, str) else ""


def _names(user: Json) -> list[str]:
    found = (
        user.get("name"),
        _profile(user).get("display_name"),
        user.get("real_name"),
        _profile(user).get("real_name"),
    )
    return [name for name in found if isinstance(name, str) and name]


def _folded(name: str) -> str:
    """A name by its letters and digits alone, without accents."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", name).casefold() if sign.isalnum())


def _same_email(user: Json, account: Account) -> bool:
    return (
        bool(_email(user))
        and account.email == _email(user)
        and account.username.startswith(str(user.get("name")).lower())
    )


def _by_address(user: Json, account: Account) -> bool:
    return account.email.partition("@")[0] == str(user["id"]).lower()


def _by_username(user: Json, account: Account) -> bool:
    return account.username == str(user.get("name")).lower()


def _by_folded_name(user: Json, account: Account) -> bool:
    return _folded(account.username) == _folded(str(user.get("name"))) != ""


def _by_shown_name(user: Json, account: Account) -> bool:
    shown = {_folded(f"{account.first_name}{account.last_name}"), _folded(account.nickname), _folded(account.username)}
    return bool((shown - {""}) & {_folded(name) for name in _names(user)})


def _by_longer_name(user: Json, account: Account) -> bool:
    """A name that was taken has got an ending."""
    folded = _folded(str(user.get("name")))
    return folded != "" and bool(re.fullmatch(rf"{folded}(slack|bot|user)?\d*", _folded(account.username)))


#: From the surest sign to the weakest; each is tried for everybody before the next.
RULES: tuple[Rule, ...] = (_same_email, _by_address, _by_username, _by_folded_name, _by_shown_name, _by_longer_name)
