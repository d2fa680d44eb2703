"""What a reader saw of a message in Slack, as words that its post must hold: text, blocks, attachments.

Knows Slack's messages and no Markdown; knows no database.
"""

from mm_pipeline_tests.checker.blocks import add_block, objects
from mm_pipeline_tests.checker.cards import add_cards
from mm_pipeline_tests.checker.export import Json
from mm_pipeline_tests.checker.markup import add_markup
from mm_pipeline_tests.checker.names import Names
from mm_pipeline_tests.checker.notices import NOTICES, is_bare
from mm_pipeline_tests.checker.words import Seen


def seen_in(message: Json, names: Names) -> Seen:
    """Return what a reader saw of a message but for its files' names, its reactions and who wrote it."""
    seen = Seen(names.emoji_aliases)
    subtype = message.get("subtype") or ""
    if subtype == "tombstone":
        seen.add("deleted")
        return seen
    if subtype in NOTICES and is_bare(message):  # the rest is a sentence of Slack's, for which Mattermost has its own
        for field in NOTICES[subtype].props.values():
            add_markup(message.get(field), seen, names)
        return seen
    if subtype == "file_comment":
        comment = message.get("comment")
        add_markup(comment.get("comment") if isinstance(comment, dict) else None, seen, names)
        return seen
    for block in objects(message.get("blocks")):
        add_block(block, seen, names)
    if not seen.demands and not seen.into_slack:
        add_markup(message.get("text"), seen, names)
    if isinstance(message.get("room"), dict):
        seen.add_any(("huddle", "call"))
    add_cards(message, seen, names)
    return seen


def text_seen(text: str, names: Names) -> Seen:
    """Return what a reader saw of a topic or purpose."""
    seen = Seen(names.emoji_aliases)
    add_markup(text, seen, names)
    return seen
