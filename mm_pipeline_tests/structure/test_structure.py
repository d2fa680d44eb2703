"""The shape of the project: assets, exporters, settings, single doors. Runs nothing."""

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import dagster as dg

from mm_pipeline.automation import JOB
from mm_pipeline.definitions import SETTINGS, defs
from mm_pipeline.export.runner import EXPORTS
from mm_pipeline.model import EntityType

ROOT = Path(__file__).parents[2]


def test_the_assets_form_one_chain_in_the_order_of_the_export() -> None:
    graph = defs.resolve_asset_graph()
    road = ["slack_export", "plan", *(entity_type.value for entity_type in EntityType), "finish", "report"]
    assert {key.to_user_string() for key in graph.get_all_asset_keys()} == set(road)
    for before, after in pairwise(road):
        assert {key.to_user_string() for key in graph.get(dg.AssetKey(after)).parent_keys} == {before}


def test_what_is_in_no_channel_is_not_said_to_be_dealt_by_channel() -> None:
    graph = defs.resolve_asset_graph()
    told = {one: graph.get(dg.AssetKey(one.value)).description or "" for one in EntityType}
    assert [one for one, said in told.items() if "those of a channel all in one" in said] == list(EntityType)[2:]


def test_every_entity_type_has_an_export() -> None:
    assert list(EXPORTS) == list(EntityType)


def test_nothing_starts_by_itself() -> None:
    for automation in [*defs.sensors, *defs.schedules]:
        assert automation.default_status.value == "STOPPED"
    assert defs.resolve_job_def(JOB).tags["dagster/asset_partition_range_start"] == "0"


def test_readme_lists_every_setting_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]*?) \|", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert {name: default.strip("`") for name, default in rows.items()} == {
        name: default or "-" for name, default in SETTINGS.items()
    }


def test_environment_variables_are_named_in_definitions_alone() -> None:
    named = re.compile(r"os\.environ(\.get\(|\[)|os\.getenv|EnvVar\(")
    allowed = {"definitions.py", "progress.py"}
    for path in (ROOT / "mm_pipeline").rglob("*.py"):
        assert path.name in allowed or not named.search(path.read_text()), path


def test_a_status_is_written_by_the_status_writer_alone() -> None:
    writers = re.compile(r"UPDATE\s+entities[^;]*?\bstatus\s*=", re.IGNORECASE | re.DOTALL)
    for path in [*(ROOT / "mm_pipeline").rglob("*.py"), *(ROOT / "mm_pipeline").rglob("*.sql")]:
        if path.name != "queries.sql" or path.parent.name != "db":
            assert not writers.search(path.read_text()), path
    sql = (ROOT / "mm_pipeline/db/queries.sql").read_text()
    statements = dict(re.findall(r"^-- (\w+) --$(.*?)(?=^-- \w+ --$|\Z)", sql, re.MULTILINE | re.DOTALL))
    found = {name for name, text in statements.items() if writers.search(text)}
    assert found == {
        *("set_statuses", "retry", "take_back"),
        *("leave_out", "leave_out_messages", "leave_out_hanging", "take_in_again"),
    }
    named = re.compile(rf'QUERIES\["({"|".join(found)})"\]')
    users = [path.name for path in (ROOT / "mm_pipeline").rglob("*.py") if named.search(path.read_text())]
    assert users == ["status_writer.py"]


def test_dagster_can_load_the_definitions_as_its_webserver_does() -> None:
    command = [str(Path(sys.executable).parent / "dagster"), "definitions", "validate", "-w", "workspace.yaml"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
