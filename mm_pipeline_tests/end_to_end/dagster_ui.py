"""Dagster's UI in a real Chromium, clicked as an administrator clicks it. Knows nothing of GraphQL, judges nothing."""

import contextlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright

_JOB = "/locations/mm_pipeline/jobs/slack_to_mattermost"
#: Names of the browser's program, in the order in which they are looked for.
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_CHROMIUM = (
    "NO CHROMIUM ON THIS MACHINE: Dagster's UI was NOT tested. Install one (Debian: `apt install chromium`; anywhere: "
    "`playwright install chromium`), or name it in MM_PIPELINE_TEST_CHROMIUM."
)
_PATIENCE_MS = 60_000


def chromium() -> str:
    """Return the path of a Chromium on this machine, "" if there is none."""
    named = os.environ.get("MM_PIPELINE_TEST_CHROMIUM", "")
    if found := named or next((path for name in _PROGRAMS if (path := shutil.which(name))), ""):
        return found
    with sync_playwright() as play:
        own = play.chromium.executable_path
    return own if Path(own).exists() else ""


class DagsterUI:
    """One tab of a browser."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url
        page.set_default_timeout(_PATIENCE_MS)
        # A first visit is asked for an e-mail address, above everything else.
        page.add_locator_handler(page.get_by_role("button", name="Skip"), lambda skip: skip.click())

    def open(self, path: str, until: str) -> None:
        """Open a page below the UI's address, and wait for a text on it."""
        self.page.goto(f"{self._url}{path}", wait_until="domcontentloaded")
        self.page.get_by_text(until).first.wait_for()

    def open_launchpad(self) -> None:
        """Open the launchpad of the whole job: the arrow beside its button."""
        self.open(_JOB, "Materialize all")
        arrow = self._button("Materialize all").locator("xpath=following::button[1]")
        arrow.click()
        self.page.get_by_role("menuitem", name="Open launchpad").click()
        self._editor.wait_for()

    @property
    def config(self) -> str:
        """The run's configuration, as the launchpad shows it."""
        return str(self._editor.evaluate("editor => editor.CodeMirror.getValue()"))

    def replace_in_config(self, old: str, new: str) -> None:
        """Type something else into the launchpad."""
        told = self.config.replace(old, new)
        assert told != self.config
        self._editor.evaluate("(editor, told) => editor.CodeMirror.setValue(told)", told)
        self.page.get_by_text("No errors").wait_for()

    def launch(self) -> str:
        """Launch what the open launchpad says, partitions left to the job's tags. Returns the run's id."""
        self.page.locator("button").filter(has_text=re.compile("^Materialize$")).last.click()
        self._button("Confirm").click()
        self.page.wait_for_url("**/runs/*")
        return self.page.url.partition("/runs/")[2].partition("?")[0]

    def run_ends(self, timeout_s: int = 240) -> str:
        """Wait until the run whose page is open has ended. Returns Success or Failure."""
        ended = self.page.get_by_text(re.compile("^(Success|Failure|Canceled)$")).first
        ended.wait_for(timeout=timeout_s * 1000)
        return ended.inner_text()

    def materialize_all(self) -> None:
        """Materialize all assets from the graph, in all partitions."""
        self.open("/asset-groups", "Materialize all")
        self._button("Materialize all").click()
        self.page.get_by_role("button", name="All", exact=True).click()
        self._button("Launch backfill").click()
        self._button("Launch backfill").wait_for(state="hidden")

    def newest_ends(self, timeout_s: int = 300) -> str:
        """Wait until the newest of the runs and backfills has ended. Returns Success or Failure."""
        until = time.monotonic() + timeout_s
        while True:
            self.open("/runs", "Launched by")
            status = self.page.get_by_text(
                re.compile("^(Success|Failure|Canceled|Queued|Started|Starting|In progress)$")
            )
            status.first.wait_for()
            if (told := status.first.inner_text()) in ("Success", "Failure", "Canceled"):
                return told
            assert time.monotonic() < until, told
            time.sleep(2)

    def check(self, asset: str, check: str) -> str:
        """Open a check of an asset. Returns what is said of its last execution: Passed or Failed."""
        self.open(f"/assets/{asset}?view=checks&checkDetail={check}", "Latest execution")
        # The list beside it says "Failed", too, of other checks.
        head = self.page.get_by_text("Evaluation result", exact=True)
        result = head.locator("xpath=..").get_by_text(re.compile("^(Passed|Failed)$"))
        result.wait_for()
        return result.inner_text()

    @property
    def _editor(self) -> Locator:
        # The field that filters assets is an editor, too.
        return self.page.locator(".CodeMirror").filter(has_text="ops:")

    def _button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name).first


@contextlib.contextmanager
def dagster_ui(port: int, program: str, *, width: int = 1440, height: int = 900) -> Iterator[DagsterUI]:
    """Open a browser at Dagster's UI on this machine; it is closed at the end."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            context = browser.new_context(
                viewport={"width": width, "height": height}, timezone_id="UTC", locale="en-GB"
            )
            yield DagsterUI(context.new_page(), f"http://127.0.0.1:{port}")
        finally:
            browser.close()
