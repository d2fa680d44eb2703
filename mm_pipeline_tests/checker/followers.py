"""Who follows a thread: everybody who wrote in it. Says nothing of what they have read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from mm_pipeline_tests.checker.findings import Finding
from mm_pipeline_tests.checker.messages import Pair, finding
from mm_pipeline_tests.checker.people import People


def follower_findings(pairs: Iterable[Pair], followers: Mapping[str, set[str]], people: People) -> Iterator[Finding]:
    """Yield threads that one of their writers does not follow. Bots and people who have left follow nothing."""
    threads: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        threads[pair.post.root_id or pair.post.id].append(pair)
    for root_id, written in threads.items():
        if all(not pair.post.root_id for pair in written):
            continue  # nobody answered
        for user_id in {pair.post.user_id: None for pair in written}:
            account = people.accounts.get(user_id)
            if account and not account.is_bot and not account.delete_at and user_id not in followers.get(root_id, ()):
                yield finding(
                    "follower", written[0].wanted, f"{account.username} wrote in its thread and does not follow it."
                )
