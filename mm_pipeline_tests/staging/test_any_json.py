"""Whatever an export's lists and days hold: staging reads it, and reads the same again."""

from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

_KEYS = [
    "id", "name", "ts", "thread_ts", "user", "text", "type", "subtype", "bot_id", "username", "profile", "members", "creator",
    "files", "file", "reactions", "users", "count", "attachments", "blocks", "replies", "reply_count", "root", "edited",
    "is_private", "is_mpim", "is_archived", "topic", "purpose", "value", "created", "updated", "pins", "deleted", "real_name",
    "email", "comment", "hidden", "message", "previous_message", "mode", "size", "url_private", "parent_user_id", "icons",
]  # fmt: skip
_IDS = st.sampled_from(["U0ADA", "U0BEN", "U0NEW", "C0GARDEN", "B0BOT", "F0FERN", "", "u0ada", "USLACKBOT"])
_TIMES = st.sampled_from(
    ["1714550400.000100", "1714550400.000200", "1.0", "0", "-1.5", "1e9", "99999999999999.9", 1714550400, 1714550400.25]
)
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | _IDS | _TIMES
_JSON = st.recursive(
    _LEAVES | st.sampled_from(["\x00", "\ud83d", "\ufeff", "x" * 5000]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=6),
    max_leaves=25,
)
_OBJECTS = st.dictionaries(st.sampled_from(_KEYS), _JSON, max_size=10)
_MESSAGES = (
    st.builds(lambda raw, ts, user: {**raw, "ts": ts, "user": user}, _OBJECTS, _TIMES, _IDS | _LEAVES) | _OBJECTS
)
_runs = count()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    people=st.lists(_OBJECTS, max_size=4),
    channels=st.lists(_OBJECTS, max_size=3),
    day=st.lists(_MESSAGES | _JSON, max_size=6),
    emoji=st.dictionaries(st.text(max_size=8), _JSON, max_size=3),
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
