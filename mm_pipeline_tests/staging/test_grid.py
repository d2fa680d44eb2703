"""An export of a whole Enterprise Grid: its workspaces are told, and each can be migrated by itself."""

from mm_pipeline.staging import preflight

from .conftest import message, person

BARN = {
    "teams/barn/channels.json": [{"id": "C0HAY", "name": "hay", "members": ["U0ADA"]}],
    "teams/barn/hay/2024-05-01.json": [message("1.0", "stacked")],
    "teams/mill/channels.json": [],
}


def test_a_grid_without_conversations_of_its_own_says_what_to_do(write):
    (sentence,) = preflight(write({"org_users.json": [person("U0ADA", "ada")], **BARN}))
    assert "2 workspaces (barn, mill)" in sentence
    assert "org_users.json" in sentence


def test_what_the_whole_organisation_shares_is_staged_and_the_rest_is_told(base, files, write):
    staged = base.stage(write(files | BARN))
    assert set(base.rows("channel")) == {"C0GARDEN"}
    assert any("2 workspaces (barn, mill)" in warning for warning in staged.warnings)


def test_a_workspace_of_a_grid_is_an_export_with_the_organisations_people(base, write):
    inside = {name.removeprefix("teams/barn/"): content for name, content in BARN.items() if "barn" in name}
    base.stage(write({"org_users.json": [person("U0ADA", "ada")], **inside}, folder=True), "barn")
    assert set(base.rows("message")) == {"C0HAY:1.0"}
    assert base.rows("user")["U0ADA"]["raw_data"]["name"] == "ada"
