"""What counts as read: everything imported, for everybody in it, by counters that are right."""

from collections.abc import Iterable, Iterator

from mm_pipeline_tests.checker.channels import was_in_before
from mm_pipeline_tests.checker.findings import Finding
from mm_pipeline_tests.checker.people import People
from mm_pipeline_tests.checker.rows import Channel, Member
from mm_pipeline_tests.checker.server import Server


def read_findings(
    name: str, channel: Channel, members: Iterable[Member], server: Server, people: People, *, since_ms: int | None
) -> Iterator[Finding]:
    """Yield who is shown unread posts or threads of a channel, or fewer than none, and totals that no count explains.

    What was unread before `since_ms` in a channel that was there may stay so: then only threads and totals are judged.
    """
    counted = server.counted(channel)
    if counted != (channel.messages, channel.roots):
        total = f"{channel.messages} posts ({channel.roots} roots)"
        yield Finding(kind="total", channel=name, sentence=f"It counts {total} and has {counted[0]} ({counted[1]}).")
    for member in members:
        if people.is_bot(member.user_id) or was_in_before(channel, member, people, since_ms):
            continue
        if (member.seen, member.seen_roots, member.mentions) != (channel.messages, channel.roots, 0):
            sentence = (
                f"For {people.name_of(member.user_id)} {member.seen} of {channel.messages} are read"
                f" ({member.seen_roots} of {channel.roots} roots), {member.mentions} mentions."
            )
            yield Finding(kind="unread", channel=name, sentence=sentence)
    for _, user_id in server.unread_threads(channel):
        yield Finding(kind="unread", channel=name, sentence=f"A thread is unread for {people.name_of(user_id)}.")
