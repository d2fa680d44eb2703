"""What other programs read: the hooks of pre-commit, the forge's workflow, the changelog. They say what the Makefile says."""

import re
import tomllib
from typing import Any

import yaml

from mm_pipeline_tests.end_to_end.migrated import BIN
from mm_pipeline_tests.structure.node_ids import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
#: The sections that Keep a Changelog knows.
_SECTIONS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def workflow_runs() -> list[str]:
    return [
        step["run"]
        for job in read(".github/workflows/ci.yml")["jobs"].values()
        for step in job["steps"]
        if "run" in step
    ]


def test_every_hook_is_a_program_of_the_virtual_environment_and_what_make_check_runs() -> None:
    (repo,) = read(".pre-commit-config.yaml")["repos"]
    assert repo["repo"] == "local"
    entries = [hook["entry"].split() for hook in repo["hooks"]]
    assert {hook["language"] for hook in repo["hooks"]} == {"system"}
    assert {entry[0] for entry in entries} == {f".venv/bin/{name}" for name in ("ruff", "mypy", "lint-imports")}
    assert all((BIN / entry[0].rpartition("/")[2]).exists() for entry in entries)
    checked = set(re.findall(r"^\t\$\(BIN\)/((?:ruff|mypy|lint-imports)\b.*)$", MAKEFILE, re.MULTILINE))
    hooked = {" ".join(entry).removeprefix(".venv/bin/").removesuffix(" --force-exclude") for entry in entries}
    assert {command.removesuffix(" .").replace(" --check", "") for command in checked} == hooked


def test_the_workflow_runs_what_ci_runs_on_a_python_that_will_do() -> None:
    workflow = read(".github/workflows/ci.yml")
    assert set(workflow[True]) == {"push", "pull_request"}  # YAML 1.1 takes the word `on` for true
    assert {"make check", "bash .ci/run"} <= set(workflow_runs())
    assert workflow["permissions"] == {"contents": "read"}
    versions = workflow["jobs"]["check"]["strategy"]["matrix"]["python"]
    assert PROJECT["requires-python"] == f">={versions[0]}"
    assert workflow["jobs"]["test"]["container"].startswith(f"python:{versions[0]}-")
    used = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", action) for action in used)


def test_the_changelog_knows_the_version_and_the_forms_sections() -> None:
    page = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(.+?)\](?: - \d{4}-\d\d-\d\d)?$", page, re.MULTILINE)
    assert versions[0] == "Unreleased"
    assert PROJECT["version"] in versions
    assert set(re.findall(r"^### (.+)$", page, re.MULTILINE)) <= _SECTIONS
