"""The blocks of docs/how-to that are settings and commands of ours, typed into a real server. Knows no page's purpose."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest

from mm_pipeline_tests.end_to_end.migrated import ROOT, Pipeline
from mm_pipeline_tests.end_to_end.small_export import Files, garden, message, write
from mm_pipeline_tests.end_to_end.warm import run_warm
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.structure.pages import shell_blocks

HOW_TO = ROOT / "docs" / "how-to"
_SETTING = re.compile(r"export (\w+)=(.*)")


def lines(page: str) -> list[str]:
    """The lines of a page's blocks that hold nothing but settings and commands of ours."""
    told = [block.text.splitlines() for block in shell_blocks(HOW_TO / page)]
    return [
        line
        for block in told
        if all(re.match(r"export \w+=|unset \w|mm-pipeline ", line) for line in block)
        for line in block
    ]


class Typist:
    """Somebody in a folder with exports in it, who types what a page says; settings stay set from line to line."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder, self._environment = folder, dict(environment)

    def type(self, page: str, **instead: str) -> dict[str, str]:
        """Type a page's lines; `instead` of what it says of a setting. Returns what each command printed."""
        said = {}
        for line in lines(page):
            if setting := _SETTING.fullmatch(line):
                value = shlex.split(setting[2])[0].replace("~", str(self.folder))
                self._environment[setting[1]] = instead.get(setting[1], value)
                continue
            if line.startswith("unset "):
                self._environment = {name: told for name, told in self._environment.items() if name not in line.split()}
                continue
            ended = run_warm(shlex.split(line), self._environment, self.folder, 600)
            assert ended.returncode == 0, (page, line, ended.stdout[-2000:], ended.stderr[-2000:])
            said[line] = ended.stdout
        assert said, page
        return said

    def messages(self) -> dict[str, int]:
        """Return how many messages are in each status."""
        told = run_warm(["mm-pipeline", "status", "--json"], self._environment, self.folder, 60)
        counts = json.loads(told.stdout)["message"]
        return {status: counts[status] for status in ("success", "failed", "skipped", "pending")}


def bakery(day: str = "2024-05-01", at: int = 0) -> Files:
    """A garden under another name, with another day."""
    files = garden()
    files[f"garden/{day}.json"] = [*files.get(f"garden/{day}.json", []), message(at, f"said on {day}")]
    return files


@pytest.fixture
def typist(tmp_path: Path, mattermost_11_4: RunningServer) -> Iterator[Typist]:
    for name, files in {
        "export.zip": garden(),
        "export-of-friday.zip": bakery("2024-05-03", 2 * 86400),
        "standard-export.zip": garden(),
        "slackdump-of-rosa.zip": bakery("2024-05-04", 3 * 86400),
    }.items():
        write(files, tmp_path / name)
    pipeline = Pipeline(
        tmp_path / "state", tmp_path / "export.zip", mattermost_11_4, MM_TEAM=mattermost_11_4.create_team()
    )
    of_the_archive = Pipeline(tmp_path / ".mm_pipeline-archive", None, mattermost_11_4)
    yield Typist(tmp_path, pipeline.environment)
    pipeline.down()
    of_the_archive.down()


def test_a_pilot_then_everything_a_newer_export_a_second_exporter_a_retry_and_an_archive(typist: Typist) -> None:
    typist.type("pilot.md", MM_ONLY_CHANNELS="garden")
    assert typist.messages()["success"] == 40
    typist.type("newer-export.md")
    assert typist.messages()["success"] == 41
    staged = typist.type("private-channels.md")
    table = staged["mm-pipeline stage slackdump-of-rosa.zip"].splitlines()
    assert [line.split()[2] for line in table if line.startswith("message")] == ["1"]
    typist.type("retry.md")
    assert typist.messages() == {"success": 42, "failed": 0, "skipped": 0, "pending": 0}
    typist.type("closed-network.md")
    with ZipFile(typist.folder / "migration.zip") as archive:
        types = [json.loads(line)["type"] for line in archive.read("import.jsonl").splitlines()]
    assert types.count("post") == 38  # two of the 40 are replies
