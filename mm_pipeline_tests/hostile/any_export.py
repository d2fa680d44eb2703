"""JSON of about the shape of an export's lists and days, for hypothesis. Judges nothing."""

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
ANY_JSON = st.recursive(
    _LEAVES | st.sampled_from(["\x00", "\ud83d", "\ufeff", "x" * 5000]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=6),
    max_leaves=25,
)
OBJECTS = st.dictionaries(st.sampled_from(_KEYS), ANY_JSON, max_size=10)
MESSAGES = st.builds(lambda raw, ts, user: {**raw, "ts": ts, "user": user}, OBJECTS, _TIMES, _IDS | _LEAVES) | OBJECTS
