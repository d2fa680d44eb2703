"""Who is shown as present: a migration is nobody's presence."""

from collections.abc import Iterator

from mm_pipeline_tests.checker.findings import Finding
from mm_pipeline_tests.checker.people import People
from mm_pipeline_tests.checker.server import Server


def presence_findings(server: Server, people: People, since_ms: int | None) -> Iterator[Finding]:
    """Yield people of the export who are shown as present and were not before."""
    ours = people.taken | set(people.learned.values())
    for user_id, status in server.present(ours, since_ms or 0):
        yield Finding(kind="presence", sentence=f"{people.accounts[user_id].username} is shown as {status}.")
