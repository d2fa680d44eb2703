"""JSON of about the shape of a message, for hypothesis: every key that rendering reads, with anything in it. Judges nothing."""

from hypothesis import strategies as st

from mm_pipeline.render.subtypes import SUBTYPES

_TYPES = [
    "message", "rich_text", "rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted",
    "text", "link", "emoji", "user", "channel", "usergroup", "broadcast", "date", "color", "team", "section", "header",
    "context", "image", "divider", "table", "actions", "button", "overflow", "video", "input", "call", "markdown",
    "mrkdwn", "plain_text", "raw_text", "hologram",
]  # fmt: skip
KEYS = [
    "type", "subtype", "text", "blocks", "elements", "attachments", "fields", "title", "value", "style", "bold", "code",
    "indent", "offset", "border", "url", "name", "skin_tone", "unicode", "user_id", "channel_id", "usergroup_id", "range",
    "timestamp", "format", "fallback", "files", "file", "mode", "size", "preview", "comment", "room", "date_start",
    "date_end", "participant_history", "username", "bot_id", "icons", "image_48", "edited", "ts", "user", "topic",
    "is_share", "message_blocks", "message", "from_url", "author_id", "author_name", "pretext", "footer", "rows",
    "accessory", "element", "label", "items", "options", "call", "v1", "join_url", "language", "actions", "image_url",
]  # fmt: skip
_WORDS = st.text(max_size=30) | st.sampled_from(
    [
        "*b*",
        "<@U0MARA>",
        "<!date^1^x|y>",
        "<http://a.b|c>",
        "```x```",
        "&gt;&gt;&gt; q",
        "1700000000.000100",
        "1",
        ":+1:",
    ]
)
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | _WORDS | st.sampled_from([*_TYPES, *SUBTYPES])
ANY_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=40,
)
MESSAGES = st.dictionaries(st.sampled_from(KEYS), ANY_JSON, max_size=10)
