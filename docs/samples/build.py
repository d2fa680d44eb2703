"""Draw docs/samples.html: Slack's message, our Markdown and what Mattermost's library makes of it, for each fixture of rendering.

    npm install --no-package-lock --prefix docs/samples && PYTHONPATH=. python docs/samples/build.py

Needs Node. All people are invented. Sends nothing, and the page asks no other host for anything.
"""

import json
import subprocess
from html import escape
from pathlib import Path
from typing import Any

from mm_pipeline.render.message import RenderedMessage, render_message
from mm_pipeline_tests.render.people import LOOKUPS

_HERE = Path(__file__).parent
_FIXTURES = _HERE.parent.parent / "mm_pipeline_tests" / "render" / "fixtures"
PAGE = _HERE.parent / "samples.html"

#: Chapters of the page, by how the fixtures' names begin; what fits none is a message of its own kind.
_CHAPTERS = {
    "rich_text_": "What people write in Slack's editor",
    "mrkdwn_": "Texts of old exports, and of apps",
    "blocks_": "Blocks of apps",
    "attachment": "Cards",
    "shared_message": "Shared messages",
    "": "Kinds of messages",
}
#: What every message has, and what says nothing about how it looks.
_NOISE = ("type", "ts", "user")
_WIDTH = 72


def page() -> str:
    """Return the page as HTML."""
    samples = {path.stem: _sample(path) for path in sorted(_FIXTURES.glob("*.json"))}
    drawn = _drawn({name: rendered.text for name, (_, rendered) in samples.items()})
    chapters: dict[str, list[str]] = {title: [] for title in _CHAPTERS.values()}
    for name, (slack, rendered) in samples.items():
        title = next(title for prefix, title in _CHAPTERS.items() if name.startswith(prefix))
        chapters[title].append(_article(name, slack, rendered, drawn[name]))
    body = "".join(f"<h2>{escape(title)}</h2>{''.join(articles)}" for title, articles in chapters.items())
    return (_HERE / "page.html").read_text(encoding="utf-8").replace("{{body}}", body)


def _sample(path: Path) -> tuple[dict[str, Any], RenderedMessage]:
    fixture = json.loads(path.read_text(encoding="utf-8"))
    return fixture["slack"], render_message(fixture["slack"], LOOKUPS, lost_files=fixture.get("lost_files", ()))


def _drawn(texts: dict[str, str]) -> dict[str, str]:
    node = ["node", str(_HERE / "to_html.cjs")]
    done = subprocess.run(node, input=json.dumps(texts), capture_output=True, encoding="utf-8", check=True)
    drawn: dict[str, str] = json.loads(done.stdout)
    return drawn


def _article(name: str, slack: dict[str, Any], rendered: RenderedMessage, html: str) -> str:
    fields = ("type", "props", "override_username", "edit_at")
    also = {field: value for field in fields if (value := getattr(rendered, field))}
    note = f'<p class="also">also: <code>{escape(json.dumps(also, ensure_ascii=False))}</code></p>' if also else ""
    return (
        f'<article id="{name}"><h3><a href="#{name}">{escape(_title(name))}</a></h3><div class="three">'
        f'<section><h4>Slack</h4><pre class="slack">{escape(_slack(slack, rendered.text))}</pre></section>'
        f'<section><h4>Markdown</h4><pre class="markdown">{escape(rendered.text)}</pre>{note}</section>'
        f'<section><h4>Mattermost</h4><div class="post">{html}</div></section></div></article>\n'
    )


def _title(name: str) -> str:
    prefix = next(prefix for prefix in _CHAPTERS if name.startswith(prefix))
    words = (name.removeprefix(prefix) if prefix in ("rich_text_", "mrkdwn_") else name).replace("_", " ")
    return words[:1].upper() + words[1:]


def _slack(slack: dict[str, Any], shown: str) -> str:
    """Return what makes the message what it is: a text as it stands, else JSON, without the shells around one rich text."""
    told = {key: value for key, value in slack.items() if key not in _NOISE and value is not None}
    if list(told) == ["text"] and isinstance(told["text"], str):
        return told["text"]
    blocks = told.get("blocks")
    if isinstance(blocks, list) and blocks and str(told.get("text")) not in shown:
        del told["text"]  # its blocks stand for it
    if list(told) == ["blocks"] and len(blocks) == 1 and blocks[0].get("type") == "rich_text":
        return "\n".join(_pretty(element) for element in blocks[0]["elements"])
    return _pretty(told)


def _pretty(value: Any, indent: int = 0) -> str:
    """Return JSON that keeps what is short on one line."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + indent <= _WIDTH or not isinstance(value, (dict, list)) or not value:
        return line
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        rows = [f"{json.dumps(key)}: {_pretty(one, indent + 2)}" for key, one in value.items()]
        return "{\n" + ",\n".join(pad + row for row in rows) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(pad + _pretty(one, indent + 2) for one in value) + "\n" + " " * indent + "]"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
