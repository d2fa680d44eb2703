"""Password resets that the server mails, and what it remembers of them. Knows nothing of who should have one."""

from mm_pipeline.mattermost.rest import Rest

_PATH = "/users/password/reset/send"
#: The server's audit says whom it mailed, in these words.
_SENT = "sent="


def send_password_reset(rest: Rest, email: str) -> None:
    """Have the server mail a link to choose a password. It says yes to an address that it does not know, too."""
    rest.http.post(_PATH, {"email": email})


def password_resets(rest: Rest) -> set[str]:
    """Return the addresses to which the token's owner had such links mailed, as far as the server remembers."""
    found = (one for one in rest.pages("/audits") if one["action"].endswith(_PATH) and one["user_id"] == rest.me.id)
    return {said.removeprefix(_SENT) for one in found if (said := one["extra_info"]).startswith(_SENT)}
