"""What an administrator may decide about the plan. Reads no environment (definitions.py does)."""

import csv
from collections.abc import Mapping
from pathlib import Path

import msgspec

from mm_pipeline.errors import AbortRun
from mm_pipeline.mattermost.limits import AUTH_SERVICES
from mm_pipeline.plan.addresses import is_email

#: Of those that a server takes for an imported account, the ones that sign people in by themselves.
SIGN_ON_SERVICES = AUTH_SERVICES - {"", "email"}
#: What MM_UNKNOWN_CHANNELS may say of folders that no index of the export names.
UNKNOWN_CHANNELS = ("private", "public", "skip")


class PlanSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The choices behind a plan, each named after its MM_ setting."""

    staged_at: int  #: ms; the time of deactivation where Slack gives none
    match: str = "email"  #: MM_MATCH
    email_domain: str = "slack.invalid"  #: MM_EMAIL_DOMAIN: addresses there reach nobody
    general: str = ""  #: MM_GENERAL: an existing public channel that takes Slack's general in; "" = one of its own
    unknown_channels: str = "private"  #: MM_UNKNOWN_CHANNELS
    auth_service: str = ""  #: MM_AUTH_SERVICE
    auth_data: str = ""  #: MM_AUTH_DATA: email, username or csv:FILE
    auth_table: Mapping[str, str] = {}  #: what csv:FILE holds (read_auth_table)
    keep_admins: bool = False  #: MM_KEEP_ADMINS: Slack's owners and admins become system admins
    allow_over_limit: bool = False  #: MM_ALLOW_OVER_LIMIT

    def choices(self) -> str:
        """Return the choices that decisions rest on, as text: two plans made by the same ones say the same."""
        decisive = msgspec.structs.replace(self, staged_at=0, allow_over_limit=False)
        return msgspec.json.encode(decisive, order="deterministic").decode()

    @property
    def every_username_counts(self) -> bool:
        """Whether equal usernames are one person even with two different e-mails."""
        return "username" in _words(self.match)

    def objections(self) -> list[str]:
        """Return one sentence for each choice that cannot be followed."""
        faults = []
        if set(_words(self.match)) - {"email", "username"}:
            faults.append(f"MM_MATCH={self.match} is unknown: say email, or email,username.")
        if self.unknown_channels not in UNKNOWN_CHANNELS:
            faults.append(f"MM_UNKNOWN_CHANNELS={self.unknown_channels} is unknown: say private, public or skip.")
        if "." not in self.email_domain or not is_email(f"nobody@{self.email_domain.lower()}"):
            faults.append(f"MM_EMAIL_DOMAIN={self.email_domain} is no domain: give one that receives no mail.")
        if self.auth_service and self.auth_service not in SIGN_ON_SERVICES:
            known = ", ".join(sorted(SIGN_ON_SERVICES))
            faults.append(f"MM_AUTH_SERVICE={self.auth_service} is unknown to Mattermost: say one of {known}.")
        if self.auth_service and not self.auth_data:
            faults.append(
                "MM_AUTH_SERVICE is set without MM_AUTH_DATA: say which value the service knows people by "
                "(email, username, or csv:FILE with the columns slack_id or email, and auth_data)."
            )
        if self.auth_data and not self.auth_service:
            faults.append("MM_AUTH_DATA is set without MM_AUTH_SERVICE: name the service, or leave both out.")
        if self.auth_data and self.auth_data not in ("email", "username") and not self.auth_data.startswith("csv:"):
            faults.append(f"MM_AUTH_DATA={self.auth_data} is unknown: say email, username or csv:FILE.")
        return faults


def read_auth_table(path: Path) -> dict[str, str]:
    """Read MM_AUTH_DATA's csv:FILE: columns `slack_id` or `email` (or both), and `auth_data`.

    Returns auth_data by Slack id and by lower-case e-mail. Raises AbortRun where the file cannot be used.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise AbortRun(f"MM_AUTH_DATA: {path} cannot be read as CSV: {fault}.") from fault
    table: dict[str, str] = {}
    for row in rows:
        value = (row.get("auth_data") or "").strip()
        for key in ((row.get("slack_id") or "").strip(), (row.get("email") or "").strip().lower()):
            if key and value:
                table[key] = value
    if not table:
        raise AbortRun(f"MM_AUTH_DATA: {path} names nobody: it needs the columns slack_id or email, and auth_data.")
    return table


def _words(text: str) -> list[str]:
    return [word for word in text.replace(" ", "").split(",") if word]
