"""The words of generated exports: what people type, as Slack's `text` and rich_text. Knows no people, channels or times."""

from collections.abc import Callable
from random import Random
from typing import Any

Json = dict[str, Any]

# fmt: off
WORDS = (  # noqa: SIM905
    "the a to of and in is it that for on with this we you be at as have not are can or if so but what was there when one "
    "all how from about just now would like think need time still here see get run new work maybe today after before "
    "build test server file data page link issue error branch question meeting release version number thanks great sure "
    "yes tomorrow morning something already problem because should every where which again could better idea point people"
).split()
FIRST = (  # noqa: SIM905
    "Ada Bela Chiara Dmitri Élise Farah Goran Hiro Inés Jonas Kaya Lars Maya Nils Olga Pavel Quinn Rosa Søren Tara Vera"
).split()
LAST = (  # noqa: SIM905
    "Abel Brandt Castro Dubois Eze Fischer Garcia Haas Ito Jensen Kaur Lund Meyer Novák Okoro Petrov Rossi Silva Weiß"
).split()
#: The first ones are given most. The last nine are no emoji of Mattermost's.
REACTIONS = (  # noqa: SIM905
    "+1 heart tada joy eyes white_check_mark pray fire rocket thinking_face clap raised_hands 100 wave "
    "melting_face saluting_face heart_hands party_blob thumbsup_all simple_smile ship_it blob_wave heart_on_fire"
).split()
# fmt: on
TONABLE = {"+1", "pray", "clap", "raised_hands", "wave"}
EMOJI = {"tada": "1f389", "smile": "1f604", "wave": "1f44b", "rocket": "1f680", "party_blob": None}
SITES = ["docs.example", "code.example/pull", "news.example/story", "wiki.example/page"]


def sentence(rng: Random, words: int) -> str:
    """Return that many words, the first with a capital."""
    return " ".join(rng.choices(WORDS, k=words)).capitalize()


def inline(rng: Random, mention: Callable[[], str]) -> tuple[str, list[Json]]:
    """Return one run of words as `text` and as rich_text elements, with one thing in it that is not plain in half of them."""
    before = sentence(rng, 1 + min(int(rng.lognormvariate(2.1, 0.8)), 400))
    kind = rng.random()
    if kind < 0.5:
        return before, [{"type": "text", "text": before}]
    text, element = _odd(rng, kind, mention)
    after = sentence(rng, 1 + int(rng.expovariate(0.2))).lower()
    elements = [{"type": "text", "text": f"{before} "}, element, {"type": "text", "text": f" {after} & so on"}]
    return f"{before} {text} {after} &amp; so on", elements


def _odd(rng: Random, kind: float, mention: Callable[[], str]) -> tuple[str, Json]:
    """Return what is not plain: code and people mostly, links, emoji, bold words."""
    word, number = rng.choice(WORDS), rng.randrange(9999)
    if kind < 0.64:
        return f"`{word}_{number}`", {"type": "text", "text": f"{word}_{number}", "style": {"code": True}}
    if kind < 0.78:
        user = mention()
        return f"<@{user}>", {"type": "user", "user_id": user}
    if kind < 0.88:
        url = f"https://{rng.choice(SITES)}/{number}?a=1&b=2"
        return f"<{url.replace('&', '&amp;')}>", {"type": "link", "url": url}
    if kind < 0.95:
        name, code = rng.choice(list(EMOJI.items()))
        return f":{name}:", {"type": "emoji", "name": name} | ({"unicode": code} if code else {})
    return f"*{word}*", {"type": "text", "text": word, "style": {"bold": True}}


def composed(rng: Random, mention: Callable[[], str]) -> tuple[str, list[Json]]:
    """Return what somebody writes as `text` and as the elements of a rich_text block: sections, a list, a quote, code."""
    text, elements = inline(rng, mention)
    blocks: list[Json] = [{"type": "rich_text_section", "elements": elements}]
    kind = rng.random()
    if kind < 0.03:
        items = [inline(rng, mention) for _ in range(rng.randrange(2, 7))]
        style = rng.choice(["bullet", "ordered"])
        entries = [{"type": "rich_text_section", "elements": item} for _, item in items]
        blocks.append({"type": "rich_text_list", "elements": entries, "style": style, "indent": 0, "border": 0})
        text += "".join(f"\n{'•' if style == 'bullet' else f'{n}.'} {item}" for n, (item, _) in enumerate(items, 1))
    elif kind < 0.06:
        code = "\n".join(f"    {sentence(rng, 5).lower()} = {rng.randrange(999)}" for _ in range(rng.randrange(1, 12)))
        blocks.append({"type": "rich_text_preformatted", "elements": [{"type": "text", "text": code}], "border": 0})
        text += f"\n```{code}```"
    elif kind < 0.08:
        quoted, inner = inline(rng, mention)
        blocks.append({"type": "rich_text_quote", "elements": inner})
        text += f"\n&gt; {quoted}"
    return text, blocks
