"""Which workspace an export is of: asked often, read once, and read again when the export is another one."""

import json
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from mm_pipeline.staging import export_workspace
from mm_pipeline.staging.export_reader import ExportReader

Make = Callable[[Path, str], Path]


def _users(team: str) -> str:
    return json.dumps([{"id": "U0FERN", "team_id": team}])


def _folder(path: Path, team: str) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    (path / "users.json").write_text(_users(team))
    return path


def _zip(path: Path, team: str) -> Path:
    with ZipFile(path, "w") as packed:
        packed.writestr("users.json", _users(team))
    return path


@pytest.mark.parametrize("make", [_folder, _zip])
def test_an_export_in_the_place_of_another_is_read_anew(tmp_path: Path, make: Make) -> None:
    assert export_workspace(make(tmp_path / "export", "T0MOSS")) == "T0MOSS"
    assert export_workspace(make(tmp_path / "export", "T00FERN")) == "T00FERN"


def test_a_folder_around_the_export_hides_no_change(tmp_path: Path) -> None:
    inner = _folder(tmp_path / "around" / "export", "T0MOSS")
    assert export_workspace(inner.parent) == "T0MOSS"
    _folder(inner, "T00FERN")
    assert export_workspace(inner.parent) == "T00FERN"


@pytest.mark.parametrize("make", [_folder, _zip])
def test_an_export_that_stays_is_read_once(tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    export = make(tmp_path / "export", "T0ALDER")
    assert export_workspace(export) == "T0ALDER"
    monkeypatch.setattr(ExportReader, "users", lambda _: pytest.fail("it was read again"))
    assert export_workspace(export) == "T0ALDER"
