"""Whatever an export's lists and days hold: staging reads it, and reads the same again."""

from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mm_pipeline_tests.hostile.any_export import ANY_JSON, MESSAGES, OBJECTS

_runs = count()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    people=st.lists(OBJECTS, max_size=4),
    channels=st.lists(OBJECTS, max_size=3),
    day=st.lists(MESSAGES | ANY_JSON, max_size=6),
    emoji=st.dictionaries(st.text(max_size=8), ANY_JSON, max_size=3),
)
def test_any_json_of_the_right_shape_is_staged_and_staged_again(
    base: Any, files: Any, write: Any, people: Any, channels: Any, day: Any, emoji: Any
) -> None:
    """Each example is a workspace of its own in one database."""
    workspace = f"example-{next(_runs)}"
    export = write(
        files
        | {
            "users.json": [*files["users.json"], *people],
            "channels.json": [*files["channels.json"], *channels],
            "garden/2024-05-02.json": day,
            "emoji.json": emoji,
        },
        f"{workspace}.zip",
    )

    first = base.stage(export, workspace)
    again = base.stage(export, workspace, again=True)

    assert first.seen["message"] >= 1
    assert (again.seen, again.added, again.changed) == (first.seen, {}, {})
