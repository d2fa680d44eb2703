"""Which e-mail addresses a Mattermost server takes, and which of them are somebody's. Sends and looks up nothing."""

import re

from mm_pipeline.mattermost import limits
from mm_pipeline.plan.names import stable_digest

#: The server would take them; nobody's address holds a blank or a control character.
_NOBODYS = re.compile(r"[\x80-\x9f\s]")


def is_email(address: str) -> bool:
    """Whether the server takes this (lower-case) address for an account, and it can be somebody's."""
    return limits.is_email(address) and not _NOBODYS.search(address)


def real_email(address: object, placeholder_domain: str) -> str:
    """Return the address in lower case if it is somebody's; "" if missing, invalid or of the placeholder domain."""
    email = address.strip().lower() if isinstance(address, str) else ""
    return email if is_email(email) and not email.endswith("@" + placeholder_domain.lower()) else ""


def reaches_somebody(address: str, placeholder_domain: str) -> bool:
    """Whether a mail to an account's address may reach somebody."""
    return not address.endswith(".invalid") and bool(real_email(address, placeholder_domain))


def placeholder_email(slack_id: str, placeholder_domain: str) -> str:
    """Return the address that stands for a person without one: it reaches nobody, and is the same on each run."""
    local = slack_id.lower()
    if not re.fullmatch(r"[a-z0-9]{1,48}", local):  # ids like `name:Some One`, of people who have none
        spelled = re.sub(r"[^a-z0-9]+", "-", local)[:40].strip("-")
        local = f"{spelled or 'nobody'}-{stable_digest(slack_id)}"
    return f"{local}@{placeholder_domain.lower()}"
