"""Which addresses may be asked for bytes, and which of them see the token."""

import pytest

from mm_pipeline.content.hosts import Hosts


@pytest.mark.parametrize("host", [".slack.com", "a..slack.com", f"{'a' * 64}.slack.com"])
def test_a_host_that_nobody_can_look_up_is_no_address(host: str) -> None:
    assert Hosts().objection(f"https://{host}/file") == Hosts().objection("https://[")


def test_only_what_is_named_is_further_allowed_and_then_by_http_too() -> None:
    hosts = Hosts(("files.orchard.example", "localhost:8099"))
    assert hosts.objection("http://files.orchard.example:81/x") == hosts.objection("http://localhost:8099/x") == ""
    assert hosts.objection("http://localhost:8098/x")
    assert hosts.objection("http://sub.files.orchard.example/x")
    assert hosts.objection("ftp://files.orchard.example/x")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://files.slack.com/files-pri/T1-F1/x", True),
        ("https://orchard.slack.com/x", True),
        ("https://emoji.slack-edge.com/x", False),
        ("https://files.orchard.example/x", True),
        ("https://else.orchard.example/x", False),
    ],
)
def test_the_token_is_shown_to_slack_and_to_named_hosts_alone(url: str, shown: bool) -> None:
    assert Hosts(("files.orchard.example",)).may_see_token(url) is shown
