"""Whatever is written goes through one filter: no secret passes it, neither by its shape nor by its value."""

import logging

import pytest

from mm_pipeline import http_retry
from mm_pipeline.backend_logger import backend_logger, keep_secret, masked


@pytest.fixture(autouse=True)
def nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other tests of this process have kept as secret masks parts of what stands here."""
    monkeypatch.setattr("mm_pipeline.backend_logger._known", set())


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("token xoxb-12-ab_c is refused.", "token *** is refused."),
        ("xoxe.xoxp-1-Mi0yL.Zz and xapp-1-A0-9", "*** and ***"),
        ("/files/F0?x=1&t=any.thing%2B~&y=2", "/files/F0?x=1&t=***&y=2"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("postgresql://owner:p%2Fw+d@db.example/x", "postgresql://owner:***@db.example/x"),
        ("mailto:ada@people.example at 12:30", "mailto:ada@people.example at 12:30"),
    ],
)
def test_what_looks_like_a_secret_is_masked(written: str, left: str) -> None:
    assert masked(written) == left


def test_a_known_secret_is_masked_as_it_is_and_as_urls_write_it() -> None:
    keep_secret("pass/word of the orchard")
    keep_secret("pass/word of the orchard, and more")

    told = masked(
        "pass/word of the orchard, and more; pass/word%20of%20the%20orchard; pass%2Fword%20of%20the%20orchard"
    )

    assert told == "***; ***; ***"


def test_the_logger_writes_nothing_unmasked(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="mm_pipeline"):
        backend_logger.debug("GET %s", "https://files.slack.com/F0?t=xoxe-1-2")

    assert caplog.messages == ["GET https://files.slack.com/F0?t=***"]


@pytest.mark.parametrize("name", http_retry.SPILLS)
def test_who_writes_whole_addresses_says_nothing_even_at_debug(name: str) -> None:
    assert not logging.getLogger(name).isEnabledFor(logging.WARNING)
