"""How a server mails, and lets people sign in with a password, as far as its settings tell. Knows nothing of who is mailed."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from mm_pipeline.mattermost.on_server import Mailing
from mm_pipeline.mattermost.rest import Rest

#: What a server says until somebody has set its mail up. An empty SMTPServer is this one, too.
_UNTOUCHED_HOST, _UNTOUCHED_SENDER = "localhost:10025", "test@example.com"
_OWN_MACHINE = ("localhost", "127.", "[::1]")


def mailing(rest: Rest) -> Mailing:
    """Return what the server's settings say of its mails. EmailSettings.SendEmailNotifications stops none of these."""
    config = rest.config()
    mail = config["EmailSettings"]
    site_url = str(config["ServiceSettings"]["SiteURL"])
    host = f"{mail['SMTPServer'] or 'localhost'}:{mail['SMTPPort'] or '10025'}"
    return Mailing(
        objection=_objection(site_url, mail),
        doubts=tuple(_doubts(site_url, host, str(mail["FeedbackEmail"]))),
        host=host,
        sender=str(mail["FeedbackEmail"]),
        site_url="" if _is_own_machine(site_url) else site_url.rstrip("/"),
        by_email=bool(mail["EnableSignInWithEmail"]),
        by_username=bool(mail["EnableSignInWithUsername"]),
    )


def send_test_mail(rest: Rest) -> None:
    """Have the server mail the token's owner, as its System Console does. Raises ApiError where it cannot."""
    rest.http.post("/email/test")


def _objection(site_url: str, mail: Mapping[str, Any]) -> str:
    if not site_url:
        return (
            "ServiceSettings.SiteURL is empty, so the links in the server's mails lead nowhere: set it to the address that "
            "people open in the browser, then run the same command again."
        )
    if not mail["EnableSignInWithEmail"] and not mail["EnableSignInWithUsername"]:
        return (
            "The server lets nobody sign in with a password (EmailSettings.EnableSignInWithEmail and EnableSignInWithUsername "
            "are off), so nobody needs one: switch one of them on, or tell people how they sign in."
        )
    return ""


def _doubts(site_url: str, host: str, sender: str) -> Iterator[str]:
    if host == _UNTOUCHED_HOST:
        yield (
            f"Its mail server is {host}, which is what Mattermost says until somebody sets one up: set EmailSettings.SMTPServer "
            "and SMTPPort."
        )
    if sender in ("", _UNTOUCHED_SENDER):
        yield (
            f"Its mails come from {sender or 'nobody'}, and many mail servers throw such mails away: set "
            "EmailSettings.FeedbackEmail."
        )
    if _is_own_machine(site_url):
        yield (
            f"Its mails link to {site_url}, which opens on its own machine alone: set ServiceSettings.SiteURL to the address "
            "that people open in the browser."
        )


def _is_own_machine(url: str) -> bool:
    return urlsplit(url).netloc.startswith(_OWN_MACHINE)
