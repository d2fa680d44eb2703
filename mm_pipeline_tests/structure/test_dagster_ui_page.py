"""docs/dagster-ui.md: its table has every check and says which stop a run, its pictures are there and small."""

import re

import dagster as dg

from mm_pipeline.automation import new_work, retry_failed_rows
from mm_pipeline.definitions import defs
from mm_pipeline_tests.structure.node_ids import ROOT

PAGE = ROOT / "docs" / "dagster-ui.md"
SCREENS = ROOT / "docs" / "screens"
MOST_BYTES = 200_000


def check_specs() -> list[dg.AssetCheckSpec]:
    """Return the checks that are steps of their own, and those that an asset makes itself."""
    own = [spec for definition in defs.asset_checks or () for spec in definition.check_specs]
    return own + [
        spec for asset in defs.assets or () if isinstance(asset, dg.AssetsDefinition) for spec in asset.check_specs
    ]


def test_every_check_is_on_the_page_and_whether_it_stops_a_run() -> None:
    rows = re.findall(r"^\| (.*?) \| `(\w+)` \| .*? \| ?(.*?) ?\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    on_page = {(asset, check, bool(stops)) for asset, check, stops in rows}
    alike = {"every_row_arrived": "each of the six"}
    assert on_page == {
        (alike.get(spec.name, spec.asset_key.to_user_string()), spec.name, spec.blocking) for spec in check_specs()
    }


def test_every_picture_is_there_and_small_and_none_is_left_over() -> None:
    shown = set(re.findall(r"\(screens/(\w+)\.png\)", PAGE.read_text(encoding="utf-8")))
    assert shown == {path.stem for path in SCREENS.glob("*.png")}
    assert not [path.name for path in SCREENS.glob("*.png") if path.stat().st_size > MOST_BYTES]


def test_everything_in_the_ui_says_what_it_is() -> None:
    for asset in defs.resolve_asset_graph().asset_nodes:
        assert asset.description, asset.key
        assert asset.owners, asset.key
        assert asset.kinds, asset.key
        assert set(asset.tags) & {"mattermost"}, asset.key
    for spec in check_specs():
        assert spec.description, spec.name
    for automation in (new_work, retry_failed_rows):
        assert automation.description
    for resource in (defs.resources or {}).values():
        for name, field in type(resource).model_fields.items():
            assert field.description, (type(resource).__name__, name)
