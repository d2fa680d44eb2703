"""Direct and group channels that people find in their side bar. Public and private ones are always there."""

from collections.abc import Iterable, Iterator

from mm_pipeline_tests.checker.findings import Finding
from mm_pipeline_tests.checker.people import People
from mm_pipeline_tests.checker.rows import Channel
from mm_pipeline_tests.checker.server import Server


def hidden_findings(
    channels: Iterable[tuple[str, Channel]], server: Server, people: People, since_ms: int | None
) -> Iterator[Finding]:
    """Yield direct and group channels (with Slack's names) that somebody in them does not see, new ones alone."""
    ours = people.taken | set(people.learned.values())
    shown = {True: set(server.shown_to(ours, groups=True)), False: set(server.shown_to(ours, groups=False))}
    for name, channel in channels:
        if channel.type not in {"D", "G"} or (since_ms is not None and channel.create_at < since_ms):
            continue
        members = [member.user_id for member in server.members(channel)]
        for user_id in members:
            others = [other for other in members if other != user_id] or [user_id]
            entry = (user_id, channel.id if channel.type == "G" else others[0])
            account = people.accounts.get(user_id)
            if account and not (account.is_bot or account.delete_at) and entry not in shown[channel.type == "G"]:
                yield Finding(kind="hidden", channel=name, sentence=f"{account.username} does not see it.")
