"""The workspace of the export at hand: read once for as long as the zip is the same, anew where another lies there."""

import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from mm_pipeline import exports as module
from mm_pipeline.exports import Exports
from mm_pipeline.resources import SlackResource


def write(path: Path, team: str) -> None:
    with ZipFile(path, "w") as export:
        export.writestr("users.json", json.dumps([{"id": "U1", "team_id": team, "name": "ada"}]))
        export.writestr("channels.json", "[]")


def test_a_zip_is_opened_once_until_it_is_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    read = module.export_workspace
    monkeypatch.setattr(module, "export_workspace", lambda path: opened.append(path) or read(path))
    export = tmp_path / "export.zip"
    write(export, "T0FIRST")

    def workspace() -> str:
        return Exports(SlackResource(export=str(export)), lambda: pytest.fail("no rows are needed")).workspace

    assert [workspace(), workspace()] == ["T0FIRST", "T0FIRST"]
    assert len(opened) == 1
    write(export, "T0OTHERS")
    assert workspace() == "T0OTHERS"
    export.unlink()
    assert workspace() == ""
