"""Slack's attachments (bots' cards, shared messages, previews) as words that a post must hold. Knows no database."""

from typing import Any

from mm_pipeline_tests.checker.blocks import add_block, objects
from mm_pipeline_tests.checker.export import Json
from mm_pipeline_tests.checker.markup import INTO_SLACK, TOKEN, add_link, add_markup, unescaped
from mm_pipeline_tests.checker.names import Names
from mm_pipeline_tests.checker.words import Seen

#: Somebody's message, which somebody showed again.
SHARED = ("is_share", "is_msg_unfurl", "is_reply_unfurl")


def add_cards(message: Json, seen: Seen, names: Names) -> None:
    """Demand what a reader saw of a message's attachments, but for previews of links that stand in its text."""
    shown_links = _links(message)
    for card in objects(message.get("attachments")):
        if not _only_repeats(card, shown_links):
            _add_card(card, seen, names)


def _add_card(card: Json, seen: Seen, names: Names) -> None:
    """A card; its fallback is seen only where nothing else is."""
    before = seen.demands
    is_shared = any(card.get(key) for key in SHARED)
    add_markup(card.get("pretext"), seen, names)
    _add_linked(card, "title", seen, names)
    author, accounts = card.get("author_name"), names.people.get(str(card.get("author_id")), ())
    if accounts and isinstance(author, str):  # somebody who is known may be called by the name or the account
        seen.add_any((*accounts, author))
    elif is_shared:
        add_markup(author, seen, names)
    else:
        _add_linked(card, "author", seen, names)
    blocks = [*objects(card.get("blocks")), *_message_blocks(card)]
    for block in blocks:
        add_block(block, seen, names)
    if not blocks:
        add_markup(card.get("text"), seen, names)
        for field in objects(card.get("fields")):
            add_markup(field.get("title"), seen, names)
            value = field.get("value")
            add_markup(str(value) if isinstance(value, int | float) else value, seen, names)
    if isinstance(card.get("image_url"), str):
        add_link(card["image_url"], "", seen)
    for file in objects(card.get("files")):
        seen.add_any([str(file[key]) for key in ("name", "title") if file.get(key)])
    if not is_shared:
        for action in objects(card.get("actions")):
            add_markup(action.get("text"), seen, names)
    if seen.demands == before:
        add_markup(card.get("fallback"), seen, names)
    elif not is_shared:  # a shared message's foot says where it was, as its head does
        add_markup(card.get("footer"), seen, names)
    _add_source(card, is_shared, seen)


def _add_linked(card: Json, what: str, seen: Seen, names: Names) -> None:
    """A title or author, and where it leads, unless its words hold a link themselves."""
    words, url = card.get("title" if what == "title" else "author_name"), card.get(f"{what}_link")
    add_markup(words, seen, names)
    if isinstance(words, str) and words.strip() and "<" not in words and isinstance(url, str):
        add_link(url, "", seen)


def _add_source(card: Json, is_shared: bool, seen: Seen) -> None:
    """A shared message can be found again, unless it was said in private."""
    url = card.get("from_url")
    if is_shared and isinstance(url, str) and INTO_SLACK.match(url) and not str(card.get("channel_id")).startswith("D"):
        seen.into_slack.append(unescaped(url))


def _message_blocks(card: Json) -> list[Json]:
    messages = (entry.get("message") for entry in objects(card.get("message_blocks")))
    return [block for message in messages if isinstance(message, dict) for block in objects(message.get("blocks"))]


def _only_repeats(card: Json, links: set[str]) -> bool:
    """Whether it is the preview of a link that stands in the text. What people or apps showed is more than that."""
    sources = {card.get(key) for key in ("from_url", "original_url", "title_link")}
    previews = {_bare(source) for source in sources if isinstance(source, str)}
    is_more = any(card.get(key) for key in (*SHARED, "is_app_unfurl", "blocks"))
    return not is_more and bool(previews & links)


def _links(message: Json) -> set[str]:
    """Every link of the text and of the rich text, without scheme and trailing slash."""
    text = message.get("text")
    links = {token.partition("|")[0] for token in TOKEN.findall(text)} if isinstance(text, str) else set()
    queue: list[Any] = [message.get("blocks")]
    while queue:
        part = queue.pop()
        if isinstance(part, dict):
            if isinstance(part.get("url"), str):
                links.add(part["url"])
            queue.extend(part.values())
        elif isinstance(part, list):
            queue.extend(part)
    return {_bare(link) for link in links}


def _bare(url: str) -> str:
    # Slack asks a page for its preview without the fragment, which no server ever sees.
    return unescaped(url).partition("#")[0].partition("://")[2].rstrip("/").casefold()
