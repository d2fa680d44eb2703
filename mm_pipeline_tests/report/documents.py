"""Reports of invented migrations, for tests of the page. Asks no database and no server."""

from typing import Any

import msgspec

from mm_pipeline.mattermost.on_server import SeenFile, SeenPost
from mm_pipeline.model import EntityType, Status
from mm_pipeline.report.changed_names import Changed
from mm_pipeline.report.counted import Month, Seen
from mm_pipeline.report.document import Document, Reason
from mm_pipeline.report.losses import Loss
from mm_pipeline.report.password_resets import Reset
from mm_pipeline.report.rows import NotThere
from mm_pipeline.report.sample_threads import SampleThread
from mm_pipeline.report.signature import Signature

JUNE = 1_717_236_000_000  # 2024-06-01, ms
#: What somebody may have written to do harm to who reads the report.
HOSTILE = (
    "<script>document.title = 'harmed'</script> <img src=x onerror=\"document.title='harmed'\"> "
    "[click](javascript:document.title='harmed') ![far](https://tracker.example/p.png) </script><b>bold</b>"
)
REASONS = (
    "the file's bytes are nowhere to be had: set SLACK_TOKEN or SLACK_FILES, then `mm-pipeline retry`",
    "deleted in Slack, and nothing hangs on it",
    "The import job said success, but the post is not there: the server's log says why; mend that, then try again.",
)


def a_month(conversation: str, month: str, staged: int, there: int | None, **statuses: int) -> Month:
    counts = {status.value: statuses.get(status.value, 0) for status in Status}
    counts["success"] = staged - sum(statuses.values())
    return Month(conversation=conversation, month=month, staged=staged, there=there, **counts)


def a_thread() -> SampleThread:
    root = SeenPost(
        id="p1",
        user_id="u1",
        create_at=JUNE,
        message="**Tide tables** for @bo and ~harbour :wave:\n\n| day | high |\n|---|---|\n| Sat | 04:10 |\n\n- [x] boat\n- [ ] oars",
        is_pinned=True,
        reactions=(("u1", "tada", JUNE), ("u2", "tada", JUNE), ("u2", "boat", JUNE)),
        files=(SeenFile(id="f1", name="tides.pdf", size=123_456),),
    )
    reply = SeenPost(
        id="p2", user_id="u2", create_at=JUNE + 60_000, message=HOSTILE, root_id="p1", edit_at=JUNE + 90_000
    )
    return SampleThread(
        channel="harbour",
        address="https://chat.example/team/pl/p1",
        posts=[root, reply],
        authors={"u1": "ada", "u2": "bo"},
    )


def a_document(rows: int = 100, **changes: Any) -> Document:
    """A report of three years in a dozen channels, with so many rows that failed or were skipped."""
    labels = {f"C{number:02}": f"{'harbour' if not number else f'channel-{number}'}" for number in range(14)}
    labels["C01"] = HOSTILE
    months = [
        a_month(
            channel,
            f"{2021 + month // 12}-{month % 12 + 1:02}",
            staged := 5 + (month * 7 + number * 13) % 90,
            staged - (month == 20),
        )
        for number, channel in enumerate(labels)
        for month in range(36)
    ]
    kinds = (EntityType.ATTACHMENT, EntityType.MESSAGE, EntityType.REACTION)
    not_there = [
        NotThere(
            type=kinds[number % 3],
            status=(Status.FAILED, Status.SKIPPED)[number % 2],
            slack_id=f"C{number % 14:02}:{1700000000 + number}.{number % 1000000:06}",
            conversation=f"C{number % 14:02}",
            create_at=JUNE + number * 60_000 if number != 1 else -(10**17),
            why=f"{REASONS[number % 3]} ({number % 40})" if number else HOSTILE,
            attempts=1 + number % 3,
        )
        for number in range(rows)
    ]
    counts = {one.value: {status.value: 7 for status in Status} for one in EntityType}
    made = Document(
        signature=Signature(
            written_at=JUNE,
            workspace="T0HARBOUR",
            name="Harbour & Co <b>",
            exports=["zip-of-2024"],
            server="https://chat.example",
            team="harbour",
            versions={"mm_pipeline": "0.1.0", "Mattermost": "11.4"},
            settings={"MM_URL": "https://chat.example", "MM_TOKEN": "set, and not shown"},
            began_at=JUNE - 3_600_000,
            ended_at=JUNE,
        ),
        is_complete=not rows,
        counts=counts,
        labels=labels,
        months=months,
        seen=Seen(
            asked_at=JUNE,
            settled_at=JUNE / 1000,
            posts=[(one.conversation, one.month, one.there or 0) for one in months],
            besides=[("C00", 3)],
            objects={one.value: 7 for one in EntityType},
        ),
        not_asked="",
        reasons=[Reason(type="attachment", status="skipped", why=reason, rows=rows // 3) for reason in REASONS],
        remedies=[],
        not_there=not_there,
        losses=[
            Loss(
                of="Files",
                what="A file that lies elsewhere: name and link",
                count=1,
                fate="said in the text",
                why="It is read there.",
            ),
            Loss(of="People", what="Password", count=None, fate="impossible", why="no export holds one"),
        ],
        changed=[Changed(type="user", old="Ada L.", new="ada_l", why="Mattermost cannot take the name Ada L.")],
        resets=[
            Reset(username=f"person{n}", name=f"Person {n}", email=f"p{n}@example.com", reachable=n > 0)
            for n in range(30)
        ],
        threads=[a_thread()],
        remarks=["7 people are there with a note (ada0): in Slack renamed by now."],
        steps=[("plan", 0.4, 30), ("message", 75.0, 12_000)],
    )
    return msgspec.structs.replace(made, **changes)
