"""Class: what bots, webhooks, cards and unfurls carry."""

from typing import Any

from mm_pipeline_tests.hostile.case import Case, Fate, HostileClass
from mm_pipeline_tests.hostile.road import Run, message, messages


def _bot(**more: Any) -> Run:
    return messages(message("beep", user=None, subtype="bot_message", **more))


def _card(**parts: Any) -> Run:
    return messages(message("", attachments=[parts]))


def _block(**block: Any) -> Run:
    return messages(message("", blocks=[block]))


CLASS = HostileClass(
    "Bots and cards",
    "What comes by a webhook: names, pictures, cards, buttons.",
    (
        Case("a webhook that calls itself ada", Fate.KEPT, "user ada-2; ada-2: beep", _bot(username="ada")),
        Case(
            "a webhook with a name of Markdown",
            Fate.KEPT,
            "user x-https-evil.example-all; x-https-evil.example-all: beep",
            _bot(username="[x](https://evil.example) @all"),
        ),
        Case(
            "a webhook with a name of 10,000 characters",
            Fate.KEPT,
            "user nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn;",
            _bot(username="n" * 10_000),
        ),
        Case(
            "a webhook with a picture that is a script",
            Fate.KEPT,
            "user bell; bell: beep",
            _bot(username="bell", icons={"image_48": "javascript:alert(1)"}),
        ),
        Case(
            "a webhook with a picture inside a private network",
            Fate.KEPT,
            "user bell; bell: beep",
            _bot(username="bell", icons={"image_48": "http://169.254.169.254/x.png"}),
        ),
        Case("a bot whose id is a person's", Fate.KEPT, "ben: beep", _bot(bot_id="U0BEN", username="not ben")),
        Case(
            "a message that names somebody else in user_profile",
            Fate.KEPT,
            "user ada-2; ada-2: by a ghost",
            messages(message("by a ghost", user="U0GHOST", user_profile={"name": "ada", "real_name": "Ada"})),
        ),
        Case(
            "a card whose title leads to a script",
            Fate.KEPT,
            "ada: > **[click me](javascript:alert(1))**",
            _card(title="click me", title_link="javascript:alert(1)"),
        ),
        Case(
            "a card whose author leads to a file",
            Fate.KEPT,
            "ada: > [click me](file:///etc/passwd)\n> x",
            _card(author_name="click me", author_link="file:///etc/passwd", text="x"),
        ),
        Case(
            "a card whose picture is inside a private network",
            Fate.KEPT,
            "ada: > x\n> [image](http://10.0.0.1/router.png)",
            _card(text="x", image_url="http://10.0.0.1/router.png"),
        ),
        Case(
            "a card whose title ends its link",
            Fate.KEPT,
            "ada: > **[x&#93;(https://evil.example)](https://good.example)**",
            _card(title="x](https://evil.example)", title_link="https://good.example"),
        ),
        Case(
            "a card whose field ends its table",
            Fate.KEPT,
            "ada: > **a|b |c**\n> d|e\n>\n> \\# f",
            _card(fields=[{"title": "a|b\n|c", "value": "d|e\n\n# f", "short": True}]),
        ),
        Case(
            "a card in a colour that is none",
            Fate.KEPT,
            "ada: > x",
            _card(text="x", color="red;background:url(https://evil.example)"),
        ),
        Case(
            "a quote that claims somebody else said it",
            Fate.KEPT,
            "ada: > @ben in ~garden, 2024-05-01 08:00 UTC:\n> I quit",
            _card(
                is_share=True,
                author_name="ben",
                author_id="U0BEN",
                text="I quit",
                channel_id="C0GARDEN",
                ts="1714550400.000100",
            ),
        ),
        Case(
            "a button to a script",
            Fate.KEPT,
            "ada: [Run](javascript:alert(1))",
            _block(
                type="actions",
                elements=[
                    {"type": "button", "text": {"type": "plain_text", "text": "Run"}, "url": "javascript:alert(1)"}
                ],
            ),
        ),
        Case(
            "a picture whose words are Markdown",
            Fate.KEPT,
            "ada: [x&#93;(https://evil.example) @all](https://a.example/x.png)",
            _block(type="image", image_url="https://a.example/x.png", alt_text="x](https://evil.example) @all"),
        ),
        Case(
            "a date whose link is a script",
            Fate.KEPT,
            "ada: [May](javascript:alert(1))",
            messages(message("<!date^1714550400^{date}^javascript:alert(1)|May>")),
        ),
        Case(
            "a date of 30 digits in a format of its own",
            Fate.KEPT,
            "ada: never",
            messages(message(f"<!date^{'9' * 30}^{{x}}{{date}}|never>")),
        ),
        Case(
            "a block of a type that nobody knows",
            Fate.KEPT,
            "ada: boo",
            _block(type="hologram", text="boo", html="<script>"),
        ),
        Case(
            "a notice by somebody who is Markdown",
            Fate.KEPT,
            "user x-https-evil.example-all; x-https-evil.example-all: @x-https-evil.example-all has joined",
            messages(
                message(
                    "<@U0X> has joined",
                    user="U0X",
                    subtype="channel_join",
                    user_profile={"name": "x](https://evil.example) @all"},
                )
            ),
        ),
    ),
)
