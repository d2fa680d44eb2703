"""Draw docs/screens/*.png: Dagster's UI while the sample workspace goes into a throw-away Mattermost.

    PYTHONPATH=. python docs/screens/build.py

Needs a Chromium. All people are invented, and both servers are gone at the end. The emoji are refused at first, so that
there is something red to show.
"""

import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from mm_pipeline.db.embedded import free_port
from mm_pipeline_tests.end_to_end.dagster_dev import dagster_dev
from mm_pipeline_tests.end_to_end.dagster_ui import NO_CHROMIUM, DagsterUI, chromium, dagster_ui
from mm_pipeline_tests.end_to_end.migrated import Pipeline
from mm_pipeline_tests.end_to_end.test_dagster_ui import Line
from mm_pipeline_tests.mattermost_server.proxy import Proxy
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.mattermost_server.server import OFTEN_MS, MattermostServer

SCREENS = Path(__file__).parent
_ROOT = SCREENS.parents[1]
_SAMPLE = _ROOT / "examples" / "workspace"
#: Its path is in the pictures: one that any machine may have.
_STATE = Path(tempfile.gettempdir()) / "mm_pipeline-screens"
#: Enough for flat surfaces and text: a third of the bytes. MAXCOVERAGE: the few pixels that are red or yellow stay so.
_COLOURS, _METHOD = 96, Image.Quantize.MAXCOVERAGE
#: Of the browser's window, where a picture needs no other.
_HEIGHT = 860


def main() -> int:
    """Draw them all; returns 1 where there is nothing to draw them with."""
    program = chromium()
    if not program:
        print(NO_CHROMIUM, file=sys.stderr)
        return 1
    line = Line()
    with _migration(line) as run:
        port = free_port()
        with dagster_dev(run, port, _STATE / "dev.log"):
            with dagster_ui(port, program, width=1280, height=_HEIGHT) as ui:
                _of_a_failure(ui, line)
                _of_a_success(ui, line)
            with dagster_ui(port, program, width=760, height=2640) as ui:
                _of_the_graph(ui)
    return 0


def _of_a_failure(ui: DagsterUI, line: Line) -> None:
    line.takes_emoji = False
    ui.open("/jobs", "slack_to_mattermost")
    ui.page.get_by_text("Hide navigation").click()
    ui.open_launchpad()
    _draw(ui, "launchpad")
    ui.launch()
    ui.run_ends()
    ui.open("/assets/message", "rows_per_second")
    _draw(ui, "message", height=1560)
    ui.open("/assets/custom_emoji", "rows_per_second")
    _draw(ui, "failed", height=1340, width=1440)
    ui.check("report", "everything_is_settled")
    _draw(ui, "report")


def _of_a_success(ui: DagsterUI, line: Line) -> None:
    line.takes_emoji = True
    ui.open_launchpad()
    ui.replace_in_config("try_failed_rows_again: false", "try_failed_rows_again: true")
    ui.launch()
    ui.run_ends()
    _draw(ui, "run", height=1300)
    ui.check("message", "messages_are_counted")
    _draw(ui, "checks")
    ui.open("/automation", "retry_failed_rows")
    _draw(ui, "automation", height=330)
    ui.open("/locations/mm_pipeline/sensors/new_work", "Latest tick")
    _draw(ui, "sensor", height=390)


def _of_the_graph(ui: DagsterUI) -> None:
    ui.page.add_init_script("localStorage.setItem('asset-graph-direction', '\"vertical\"')")
    ui.open("/asset-groups", "Materialize all")
    ui.page.get_by_text("Hide navigation").click()
    ui.page.set_viewport_size({"width": 760, "height": 2640})
    ui.open("/locations/mm_pipeline/asset-groups/slack_to_mattermost/lineage", "Materialize all")
    _draw(ui, "graph", height=2640)


def _draw(ui: DagsterUI, name: str, *, height: int = _HEIGHT, width: int = 0) -> None:
    """Draw the window, made so high and, where that is said, so wide (pixels)."""
    before = ui.page.viewport_size or {"width": width, "height": height}
    width = width or before["width"]
    ui.page.set_viewport_size({"width": width, "height": max(height, 400)})
    ui.page.wait_for_timeout(4000)  # what comes in later, and what is still moving
    picture = Image.open(io.BytesIO(ui.page.screenshot())).convert("RGB").crop((0, 0, width, height))
    picture.quantize(_COLOURS, _METHOD, dither=Image.Dither.NONE).save(SCREENS / f"{name}.png", optimize=True)
    print(f"{name}.png: {(SCREENS / f'{name}.png').stat().st_size // 1024} KB")
    ui.page.set_viewport_size(before)


@contextmanager
def _migration(line: Line) -> Iterator[Pipeline]:
    """A new server with a proxy in front of it, and the settings to bring the sample workspace there."""
    shutil.rmtree(_STATE, ignore_errors=True)
    server = MattermostServer(_STATE / "server", "11.4", looks_for_jobs_every_ms=OFTEN_MS)
    running = RunningServer.from_lines("11.4", server.start(), _STATE / "server")
    proxy = Proxy(running.url, line)
    run = Pipeline(_STATE / "state", _SAMPLE, running, MM_URL=proxy.url)
    try:
        yield run
    finally:
        run.down()
        proxy.close()
        server.stop(remove=True)
        shutil.rmtree(_STATE, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
