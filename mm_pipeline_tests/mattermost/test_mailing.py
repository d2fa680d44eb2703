"""What a server's settings tell of its mails, before anybody is mailed."""

from typing import Any

import pytest

from mm_pipeline.mattermost.mailing import mailing
from mm_pipeline.mattermost.on_server import Mailing


def told(site_url: str = "https://chat.example.org/", **mail: Any) -> Mailing:
    settings = {
        "SMTPServer": "mail.example.org",
        "SMTPPort": "587",
        "FeedbackEmail": "chat@example.org",
        "SendEmailNotifications": False,  # stops no link to choose a password
        "EnableSignInWithEmail": True,
        "EnableSignInWithUsername": True,
    } | mail

    class Settings:
        def config(self) -> dict[str, Any]:
            return {"ServiceSettings": {"SiteURL": site_url}, "EmailSettings": settings}

    return mailing(Settings())  # type: ignore[arg-type]


def test_a_server_that_is_set_up_says_through_what_and_as_whom_it_mails() -> None:
    found = told()
    assert (found.objection, found.doubts) == ("", ())
    assert (found.host, found.sender, found.site_url) == (
        "mail.example.org:587",
        "chat@example.org",
        "https://chat.example.org",
    )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"SMTPServer": "", "SMTPPort": ""},
            "localhost:10025, which is what Mattermost says until somebody sets one up",
        ),
        ({"SMTPServer": "localhost", "SMTPPort": "10025"}, "set EmailSettings.SMTPServer and SMTPPort"),
        ({"FeedbackEmail": "test@example.com"}, "come from test@example.com"),
        ({"FeedbackEmail": ""}, "come from nobody"),
        ({"site_url": "http://localhost:8065"}, "opens on its own machine alone"),
    ],
)
def test_what_nobody_has_set_up_is_doubted(settings: dict[str, str], words: str) -> None:
    (doubt,) = told(**settings).doubts
    assert words in doubt


@pytest.mark.parametrize(
    "settings", [{"site_url": ""}, {"EnableSignInWithEmail": False, "EnableSignInWithUsername": False}]
)
def test_links_that_are_of_no_use_to_anybody_are_not_sent(settings: dict[str, Any]) -> None:
    assert told(**settings).objection
