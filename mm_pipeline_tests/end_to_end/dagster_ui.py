"""Dagster's UI in a real Chromium, clicked as an administrator clicks it. Knows nothing of GraphQL, judges nothing."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from playwright.sync_api import Locator, Page, sync_playwright

JOB = "slack_to_mattermost"
_CODE = "/locations/mm_pipeline"
#: Names of the browser's program, in the order in which they are looked for.
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_CHROMIUM = (
    "NO CHROMIUM: Dagster's UI was NOT tested. Install one (Debian: apt install chromium; anywhere: playwright install chromium) "
    "or name it in MM_PIPELINE_TEST_CHROMIUM."
)
_PATIENCE_MS = 60_000


def chromium() -> str:
    """Return the path of a Chromium on this machine, "" if there is none."""
    named = os.environ.get("MM_PIPELINE_TEST_CHROMIUM", "")
    found = named or next((path for name in _PROGRAMS if (path := shutil.which(name))), "")
    if found:
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

    def open(self, path: str) -> None:
        """Open a page below the UI's address."""
        self.page.goto(f"{self._url}{path}", wait_until="domcontentloaded")

    def open_job(self) -> None:
        """Open the job's page, which shows its graph."""
        self.open(f"{_CODE}/jobs/{JOB}")
        self.test_id("materialize-button").wait_for()

    def open_asset(self, asset: str, view: Literal["overview", "checks", "events", "partitions"] = "overview") -> None:
        """Open a page of an asset."""
        self.open(f"/assets/{asset}?view={view}")

    def open_launchpad(self) -> None:
        """Open the launchpad of the job, as the arrow beside its button does."""
        self.open_job()
        self.test_id("materialize-button-dropdown").click()
        self.page.get_by_text("Open launchpad").click()
        self.page.locator(".CodeMirror-line").first.wait_for()

    def test_id(self, name: str) -> Locator:
        """Return what Dagster's own tests call it."""
        return self.page.locator(f'[data-testid*="{name}"]').first


@contextlib.contextmanager
def dagster_ui(url: str, program: str, *, width: int = 1440, height: int = 900) -> Iterator[DagsterUI]:
    """Open a browser at Dagster's UI; it is closed at the end."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            context = browser.new_context(viewport={"width": width, "height": height}, timezone_id="UTC", locale="en-GB")
            yield DagsterUI(context.new_page(), url)
        finally:
            browser.close()
