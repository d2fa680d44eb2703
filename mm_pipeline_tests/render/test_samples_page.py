"""docs/samples.html shows what rendering does today, and asks no other host for anything."""

import html
import json
import re
from pathlib import Path

_PAGE = Path(__file__).parent.parent.parent / "docs" / "samples.html"
_FIXTURES = Path(__file__).parent / "fixtures"
_SAMPLE = re.compile(r'<article id="(\w+)">.*?<pre class="markdown">(.*?)</pre>', re.DOTALL)


def test_each_sample_reads_as_its_fixture() -> None:
    """If it does not: `make samples` draws the page anew."""
    shown = {name: html.unescape(text) for name, text in _SAMPLE.findall(_PAGE.read_text(encoding="utf-8"))}
    expected = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))["mattermost"]["text"]
        for path in _FIXTURES.glob("*.json")
    }

    assert len(shown) > 90
    assert {name: text for name, text in shown.items() if expected.get(name) != text} == {}


def test_the_page_loads_nothing() -> None:
    page = _PAGE.read_text(encoding="utf-8")

    assert not re.search(r"<(?:script|link|img|iframe|object)\b|@import|url\(", page)
