"""The page in a real browser: harmless, quick, readable on a phone, in the dark and on paper."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from mm_pipeline.report.document import Document
from mm_pipeline.report.written import write_report
from mm_pipeline_tests.report.documents import a_document

_BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
pytestmark = pytest.mark.skipif(
    _BROWSER is None,
    reason="NO CHROMIUM: THE REPORT'S PAGE IS NOT TRIED. Install one (Debian: apt install chromium; else Google Chrome).",
)
#: ms until a page of 50,000 rows is ready; a machine that tests run side by side on is given a hundred times what it needs.
READY_MS = 30_000
OpenReport = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_BROWSER, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_report(browser: Browser, tmp_path: Path) -> Iterator[OpenReport]:
    """Write a report and open it. At the end nothing may have been fetched, and no script may have complained."""
    complaints: list[str] = []
    pages: list[Page] = []

    def opened(document: Document, width: int = 1200, **wishes: str) -> Page:
        file = write_report(document, tmp_path / "report").page
        page = browser.new_page(viewport={"width": width, "height": 900}, **wishes)  # type: ignore[arg-type]
        pages.append(page)
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url) if request.url != file.as_uri() else None)
        page.goto(file.as_uri())
        return page

    yield opened
    for page in pages:
        assert page.title() == "Harbour & Co <b>: from Slack to Mattermost"
        page.close()
    assert complaints == []


def test_markdown_is_drawn_and_no_message_can_do_anything(open_report: OpenReport) -> None:
    page = open_report(a_document())
    posts = page.locator(".thread .markdown")
    assert posts.nth(0).locator("strong").inner_text() == "Tide tables"
    assert posts.nth(0).locator("table td").all_inner_texts() == ["Sat", "04:10"]
    assert posts.nth(0).locator(".name").all_inner_texts() == ["@bo", "~harbour"]
    assert posts.nth(0).locator("li.box").count() == 2
    assert "<script>document.title" in posts.nth(1).inner_text()
    assert posts.nth(1).locator("script, img, b").count() == 0
    assert page.locator(".thread a[href^='javascript']").count() == 0
    assert page.locator(".reactions li").all_inner_texts() == [":boat: 1", ":tada: 2"]
    assert page.locator(".markdown a").count() == 0


def test_of_fifty_thousand_rows_those_in_sight_are_drawn_and_all_are_found(open_report: OpenReport) -> None:
    page = open_report(a_document(50_000))
    rows = page.locator("#not-there")
    rows.locator(".body .line").first.wait_for()
    assert page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd") < READY_MS
    assert rows.locator("output").inner_text() == "50\u202f000 rows"
    assert rows.locator(".body .line").count() < 60
    rows.locator(".scroll").evaluate("one => one.scrollTop = one.scrollHeight")
    rows.get_by_text("C05:1700049999.049999").wait_for()
    rows.locator("input").fill("1700012345.")
    rows.get_by_text("1 of 50\u202f000 rows").wait_for()
    assert rows.locator(".body .line").count() == 1
    rows.locator(".body .line").click()
    whole = page.locator("dialog dd").all_inner_texts()
    assert whole[2] == "C11:1700012345.012345"
    assert whole[5].startswith("the file's bytes are nowhere to be had: set SLACK_TOKEN or SLACK_FILES")
    page.keyboard.press("Escape")
    rows.locator("input").fill("")
    rows.get_by_role("columnheader", name="time").click()
    rows.get_by_role("columnheader", name="time").click()
    rows.locator(".body .line").first.get_by_text("C05:1700049999.049999").wait_for()
    rows.locator("select").nth(1).select_option(label="skipped")
    rows.get_by_text("25\u202f000 of 50\u202f000 rows").wait_for()


@pytest.mark.parametrize("width", [360, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_screen_and_the_colours_are_the_readers(
    open_report: OpenReport, width: int, scheme: str
) -> None:
    page = open_report(a_document(), width, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")
    # No table is cut either: what scrolls sideways within itself hides its last columns.
    cut = "all => all.filter(one => one.scrollWidth > one.clientWidth).length"
    assert page.locator(".wide").evaluate_all(cut) == 0
    shown = page.locator("figure svg:visible")
    assert shown.count() == 3
    wide = page.locator(".for-wide:visible").count()
    assert wide == (3 if width == 1600 else 0)
    bars = {"light": "rgb(28, 88, 217)", "dark": "rgb(127, 168, 255)"}
    fill = "one => getComputedStyle(one).fill"
    assert shown.nth(0).locator("[fill='var(--mattermost)']").first.evaluate(fill) == bars[scheme]


def test_on_a_phone_a_row_shows_all_its_lines_and_the_whole_of_it_has_the_screens_width(
    open_report: OpenReport,
) -> None:
    page = open_report(a_document(), 360)
    line = page.locator("#not-there .body .line").nth(1)  # its conversation has a name that is longer than the screen
    rows = page.evaluate(
        """[...document.querySelectorAll('#not-there .body .line')].map(line => [line, ...line.children].map(
            one => [one.getBoundingClientRect().top, one.getBoundingClientRect().bottom]))"""
    )
    for (top, bottom), *cells in rows:
        assert top <= min(first for first, _ in cells)
        assert max(last for _, last in cells) <= bottom
    line.click()
    room, told = page.locator("dialog dl").bounding_box(), page.locator("dialog dd").nth(3).bounding_box()
    assert room
    assert told
    assert room["x"] + room["width"] == told["x"] + told["width"]
    assert room["width"] > 270


def test_people_read_words_and_no_code_names(open_report: OpenReport) -> None:
    page = open_report(a_document(9, not_asked="Say `mm-pipeline status`."))
    words = page.locator("main").inner_text()
    assert "`" not in words
    assert "custom_emoji" not in words
    assert page.locator("#statuses tbody td:first-child").all_inner_texts() == [
        "people", "custom emoji", "files", "conversations", "messages", "reactions"
    ]  # fmt: skip
    assert page.locator("#rows .why code").first.inner_text() == "mm-pipeline retry"
    assert page.locator("#to-do + ul code").last.inner_text() == "mm-pipeline report"
    assert page.locator("#names output").inner_text() == "1 name"
    page.locator("#not-there .body .line").nth(3).click()
    assert page.locator("dialog dd code").inner_text() == "mm-pipeline retry"


def test_on_paper_rows_are_a_plain_table(open_report: OpenReport) -> None:
    page = open_report(a_document(600))
    page.emulate_media(media="print")
    printed = page.locator("#not-there .printed")
    printed.locator("tbody tr").nth(499).wait_for()
    assert printed.locator("tbody tr").count() == 500
    assert "The first 500 of 600 rows" in printed.inner_text()
    assert not page.locator("nav, .rows .grid").first.is_visible()
    assert len(page.pdf(format="A4")) > 10_000


def test_without_a_server_and_without_rows_it_says_so(open_report: OpenReport) -> None:
    nothing = a_document(0, months=[], seen=None, threads=[], changed=[], resets=[], not_asked="The server is away.")
    page = open_report(nothing)
    assert page.get_by_text("The server was not asked, so only Slack's side is here: The server is away.").is_visible()
    assert page.get_by_text("No row failed, and none was skipped.").is_visible()
