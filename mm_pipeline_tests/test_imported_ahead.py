"""What is imported ahead is there when it is needed, and what cannot be imported is told where it is needed alone."""

import sys
import threading

import pytest

from mm_pipeline.imported_ahead import import_ahead


def _wait() -> None:
    for thread in threading.enumerate():
        if thread.name == "importing":
            thread.join()


def test_what_can_be_imported_is_there_whatever_cannot(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    import_ahead("no_such_module", "colorsys")
    _wait()
    assert "colorsys" in sys.modules
    assert "Traceback" not in capfd.readouterr().err
