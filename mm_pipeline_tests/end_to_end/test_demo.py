"""`make demo`, as the README gives it: its program, in a folder of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from examples import demo


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(demo, "DEMO", tmp_path / "demo")
    yield demo.DEMO
    demo.stop()


@pytest.mark.parametrize("transport", ["plugin", "stock"])
def test_the_demo_moves_the_sample_and_ends_with_a_report(
    transport: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert demo.start(demo.SAMPLE, transport) == 0
    told, log = capfd.readouterr().out, (folder / "run.log").read_text()
    assert "Done after" in told
    assert [page.name for page in folder.glob("pipeline-workspace/reports/*/report.html")] == ["report.html"]
    assert ("import job" in log) == (transport == "stock")
    assert demo.stop() == 0
    assert not folder.exists()
