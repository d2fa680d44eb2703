"""Which words a reader saw in Slack, and when a post lacks one."""

from typing import Any

import pytest

from mm_pipeline_tests.checker.emoji import mattermost_names
from mm_pipeline_tests.checker.expected import cut_to_ms
from mm_pipeline_tests.checker.names import Names
from mm_pipeline_tests.checker.seen import seen_in

NAMES = Names({"U1": ("ana.lima",)}, {"C1": ("gardening", "Gardening")})


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    return {
        "text": "x",
        "blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [*elements]}]}],
    }


def block(kind: str, **more: Any) -> dict[str, Any]:
    return {"text": "fallback", "blocks": [{"type": kind, **more}]}


def text(text: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": text, "style": style}


CARD = {"title": "<https://a.example|T1>", "text": "body", "fields": [{"title": "f", "value": "v"}], "fallback": "zz"}

#: A message, a post that holds all of it, a post that does not.
CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "a word is a word however it is marked up": ({"text": "a *bold* _move_"}, "a **bold** *move*", "a bold"),
    "a word said twice is there twice": ({"text": "no no"}, "No, no!", "no"),
    "a mention is the account's name": ({"text": "hi <@U1|Ana>"}, "hi @ana.lima", "hi Ana"),
    "ids in lower case are the same ids": ({"text": "hi <@u1>"}, "hi @ana.lima", "hi @u1"),
    "a stranger has a name": ({"text": "hi <@U9|zoe>"}, "hi zoe", "hi"),
    "a channel has one of its names": ({"text": "see <#C1|garden>"}, "see ~gardening", "see it"),
    "a channel without a label too": ({"text": "see <#C1>"}, "see ~gardening", "see it"),
    "a link has label and target": ({"text": "<https://a.example/b?c=d&amp;e=f|there>"}, "[there](https://a.example/b?c=d&e=f)", "there"),
    "a link that is its own label stands once": ({"text": "<http://a.example|a.example>"}, "http://a.example", "http"),
    "a link whose label is all of it stands once": ({"text": "<https://a.example|https://a.example>"}, "https://a.example", "https"),
    "a link into Slack need not": ({"text": "<https://w.slack.com/archives/C1/p1|this>"}, "[this](/_redirect/pl/xyz)", "that"),
    "an address needs no scheme": ({"text": "<mailto:a@b.example|a@b.example>"}, "a@b.example", "a@b"),
    "a target may be written in percents": ({"text": "<https://a.example/(x)y>"}, "<https://a.example/%28x%29y>", "<https://a.example/%28x>"),
    "entities are unescaped": ({"text": "R&amp;D &lt;b&gt;"}, "R&D <b>", "RD <b>"),
    "a broadcast is said": ({"text": "<!here> now"}, "@here now", "now"),
    "a user group is said": ({"text": "<!subteam^S1|@cooks> now"}, "@cooks now", "now"),
    "a date is said": ({"text": "<!date^1^{date}|May 1>"}, "May 1", "1"),
    "what is no token is text": ({"text": "```<!DOCTYPE html>```"}, "```\n<!DOCTYPE html>\n```", "``` ```"),
    "an emoji is a name or a picture": ({"text": "ok :tada:"}, "ok 🎉", "ok"),
    "an emoji keeps its tone": ({"text": ":wave::skin-tone-6:"}, ":wave_dark_skin_tone:", ":wave:"),
    "rich text is what was seen, not text": (rich(text("seen")), "seen", "x"),
    "styles may part a word": (rich(text("un", bold=True), text("seen")), "**un**seen", "un"),
    "styles may also not part it": (rich(text("un", bold=True), text("seen")), "unseen", "un"),
    "rich mentions, links and colours": (
        rich({"type": "user", "user_id": "U1"}, {"type": "link", "url": "https://q.example"}, {"type": "color", "value": "#AA00FF"}),
        "@ana.lima https://q.example #AA00FF",
        "@ana.lima https://q.example",
    ),
    "lists in rich text": (
        rich({"type": "rich_text_list", "elements": [{"type": "rich_text_section", "elements": [text("one")]}]}),
        "* one",
        "*",
    ),
    "sections and their fields": (
        block("section", text={"type": "mrkdwn", "text": "*A* <@U1>"}, fields=[{"type": "plain_text", "text": "B"}]),
        "A @ana.lima B",
        "A @ana.lima",
    ),
    "a table's cells": (block("table", rows=[[{"type": "raw_text", "text": "cell"}]]), "| cell |", "| |"),
    "null blocks and attachments": ({"text": "still", "blocks": None, "attachments": None}, "still", ""),
    "an attachment's text and fields": (
        {"text": "t", "attachments": [CARD]},
        "t [T1](https://a.example) body f v",
        "t [T1](https://a.example) body f",
    ),
    "a card's foot, its author's address and its buttons": (
        {
            "text": "",
            "attachments": [
                {
                    "author_name": "Ann",
                    "author_link": "https://a.example/ann",
                    "text": "body",
                    "actions": [{"text": "Approve"}],
                    "footer": "Ledger",
                }
            ],
        },
        "> [Ann](https://a.example/ann)\n> body\n> Approve\n> Ledger",
        "> [Ann](https://a.example/ann)\n> body\n> Approve",
    ),
    "a number in a field": (
        {"text": "", "attachments": [{"fields": [{"title": "fell", "value": 12}]}]},
        "> fell 12",
        "> fell",
    ),
    "a shared message's files": (
        {"text": "", "attachments": [{"is_share": True, "text": "look", "files": [{"name": "oven.png"}]}]},
        "> look\n> oven.png",
        "> look",
    ),
    "where a picture is": (
        block("image", image_url="https://a.example/o.png", alt_text="an oven"),
        "[an oven](https://a.example/o.png)",
        "an oven",
    ),
    "a huddle": ({"text": "", "room": {"id": "R1"}}, "Huddle, 3 minutes", "3 minutes"),
    "what an app showed of a link": (
        {
            "text": "<https://a.example/x>",
            "attachments": [{"from_url": "https://a.example/x", "is_app_unfurl": True, "text": "news"}],
        },
        "https://a.example/x\n> news",
        "https://a.example/x",
    ),
    "a fallback where there is nothing else": ({"text": "", "attachments": [{"fallback": "only this"}]}, "only this", "this"),
    "a preview of a link may be left out, its link not": (
        {"text": "<https://a.example/x>", "attachments": [{"from_url": "https://a.example/x", "text": "noise"}]},
        "https://a.example/x",
        "noise",
    ),
    "a shared message may not": (
        {"text": "", "attachments": [{"is_share": True, "from_url": "https://w.slack.com/archives/C1/p1", "text": "news"}]},
        "> news",
        ">",
    ),
    "a comment on a file": ({"subtype": "file_comment", "text": "<@U1> commented", "comment": {"comment": "nice"}}, "nice", "commented"),
    "a new topic": ({"subtype": "channel_topic", "user": "U1", "text": "<@U1> set it", "topic": "spring"}, "topic: spring", "topic"),
    "signs that no database takes": ({"text": "fo\x00o"}, "foo", "fo o"),
}  # fmt: skip


@pytest.mark.parametrize(("message", "whole", "poorer"), CASES.values(), ids=CASES)
def test_every_word_that_was_seen_is_looked_for(message: dict[str, Any], whole: str, poorer: str) -> None:
    seen = seen_in(message, NAMES)
    assert seen.lacking(whole) == []
    assert seen.lacking(poorer) != []


def test_a_notice_demands_no_words() -> None:
    assert seen_in({"subtype": "channel_join", "user": "U1", "text": "<@U1> has joined"}, NAMES).lacking("") == []


@pytest.mark.parametrize(
    ("ts", "ms"), [("1517436010.000936", 1517436010000), ("1612687732.210999", 1612687732210), ("17.9", 17900)]
)
def test_a_ts_is_cut_and_never_rounded(ts: str, ms: int) -> None:
    assert cut_to_ms(ts) == ms


def test_skin_tones_are_spelled_as_mattermost_does() -> None:
    assert mattermost_names("+1::skin-tone-4") == ("+1_medium_skin_tone",)
    assert "handshake" in mattermost_names("handshake::skin-tone-2")
