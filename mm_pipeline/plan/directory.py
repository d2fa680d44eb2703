"""The server's accounts, and what this plan has claimed of them: ids, names, addresses. Decides for nobody."""

from collections.abc import Iterable

from mm_pipeline.mattermost.on_server import Account
from mm_pipeline.plan.names import RESERVED_USERNAMES, Numbers, is_username


class Directory:
    """Every account can be claimed once; every name and address belongs to one account."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._by_id: dict[str, Account] = {}
        self._by_name: dict[str, Account] = {}
        self._by_email: dict[str, Account] = {}
        self._claimed: set[str] = set()
        self._names: set[str] = set(RESERVED_USERNAMES)
        self._takers: dict[str, str] = {}
        self._emails: set[str] = set()
        self._numbers = Numbers()
        for account in accounts:
            self._by_id[account.id] = account
            self._by_name[account.username.lower()] = account
            if account.email:
                self._by_email[account.email.lower()] = account
                self._emails.add(account.email.lower())
        self._names.update(self._by_name)

    def named(self, username: str) -> Account | None:
        """Return the account of that name, claimed or not."""
        return self._by_name.get(username.lower())

    def unclaimed(self, *, id: str = "", username: str = "", email: str = "") -> Account | None:
        """Return the account with this id, name or address, unless somebody has claimed it."""
        account = self._by_id.get(id) or self._by_name.get(username.lower()) or self._by_email.get(email.lower())
        return account if account and account.id not in self._claimed else None

    def claim(self, account: Account) -> None:
        """Give an account to one Slack user: nobody else can become it."""
        self._claimed.add(account.id)

    def take_name(self, wanted: str, taker: str) -> str:
        """Return the first of wanted, wanted-2, wanted-3 ... that is valid and nobody's, and reserve it for somebody.

        taker: by what people know who it is.
        """
        name = next(name for name in self._numbers.of(wanted) if name not in self._names and is_username(name))
        self._names.add(name)
        self._takers[name] = taker
        return name

    def taker(self, name: str) -> str:
        """Return who a name was reserved for, "" if it was for nobody."""
        return self._takers.get(name, "")

    def take_email(self, wanted: str) -> bool:
        """Reserve an address. Returns False if it is somebody's already."""
        if wanted in self._emails:
            return False
        self._emails.add(wanted)
        return True
