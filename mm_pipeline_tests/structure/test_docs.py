"""The documents: what they link to is there, what they tell to type exists, what they list is what the code knows."""

import re
import subprocess
from pathlib import Path

import click
import pytest

from mm_pipeline.cli import main
from mm_pipeline.definitions import SETTINGS
from mm_pipeline.errors import SkipReason
from mm_pipeline.model import EntityType, Status
from mm_pipeline_tests.structure import reference_page
from mm_pipeline_tests.structure.node_ids import ROOT
from mm_pipeline_tests.structure.pages import PAGES, command_lines, headings, links, shell_blocks, text_of

DOCS = ROOT / "docs"
#: Environment variables that are somebody else's, with whose they are.
NOT_OURS = {
    "MM_CONFIG": "Mattermost",
    "MM_FEATUREFLAGS_ENABLEMATTERMOSTENTRY": "Mattermost",
    "MM_JOBSETTINGS_RUNJOBS": "Mattermost",
    "MM_PIPELINE_DAGSTER_HOST": "printed by `mm-pipeline up`",
    "MM_PIPELINE_TEST_EXPORTS": "the tests",
    "MM_DATABASE": "printed by `make server`",
}

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in headings(target)):
            lost.append(link)
    assert lost == []


@each_page
def test_every_command_of_ours_can_be_typed(page: Path) -> None:
    assert [fault for words in command_lines(page, "mm-pipeline") if (fault := _refused(words))] == []


@each_page
def test_every_make_target_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    typed = {word for words in command_lines(page, "make") for word in words if re.fullmatch(r"[a-z-]+", word)}
    assert typed - targets == set()


@each_page
def test_every_dagster_command_can_be_typed(page: Path) -> None:
    assert [fault for words in command_lines(page, "dagster") if (fault := _dagster_refuses(words))] == []


@each_page
def test_every_setting_that_is_named_exists(page: Path) -> None:
    named = set(re.findall(r"\b((?:MM|SLACK|EXPORT)_[A-Z0-9_]*[A-Z0-9])\b(?![*_])", text_of(page)))
    assert named - SETTINGS.keys() - NOT_OURS.keys() == set()


@each_page
def test_every_block_of_commands_is_shell(page: Path) -> None:
    for block in shell_blocks(page):
        parsed = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
        assert parsed.returncode == 0, f"{block.place}: {parsed.stderr}"


def test_every_page_is_listed() -> None:
    listed = {(DOCS / link.partition("#")[0]).resolve() for link in links(DOCS / "index.md")}
    pages = {page for page in PAGES if page.parent != DOCS / "decisions"} - {DOCS / "index.md"}
    assert {str(page.relative_to(ROOT)) for page in pages - listed} == set()
    assert DOCS / "decisions" in listed


def test_the_architecture_names_the_layers_in_the_order_of_the_contract() -> None:
    contract = re.findall(
        r"mm_pipeline\.(\w+)", (ROOT / ".importlinter").read_text().partition("layers =")[2].partition("[")[0]
    )
    told = text_of(DOCS / "architecture.md").partition("holds them: ")[2].partition(". ")[0]
    layers = re.findall(r"`(\w+)`", told)
    assert [name for name in contract if name in layers] == layers
    packages = {path.parent.name for path in (ROOT / "mm_pipeline").glob("*/__init__.py")}
    assert packages <= set(layers)


def test_the_reference_says_what_click_says() -> None:
    assert reference_page.stands() == reference_page.told(), "python -m mm_pipeline_tests.structure.reference_page"


def test_the_reference_lists_statuses_reasons_and_types() -> None:
    text = text_of(reference_page.PAGE)
    statuses = re.findall(r"^\| `(\w+)` \|", text.partition("## Statuses")[2].partition("\n\n## ")[0], re.MULTILINE)
    assert statuses == [status.value for status in Status]
    reasons = text.partition("| Reason | |\n|---|---|\n")[2].partition("\n\n")[0]
    assert re.findall(r"^\| (.+?) \|", reasons, re.MULTILINE) == [reason.value for reason in SkipReason]
    types = text.partition("| Type | `slack_id` |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", types, re.MULTILINE) == [kind.value for kind in EntityType]


def test_the_reference_lists_every_column_of_the_table() -> None:
    migrations = "\n".join(path.read_text() for path in sorted((ROOT / "mm_pipeline/db/migrations").glob("*.sql")))
    created = migrations.partition("CREATE TABLE entities (")[2].partition("\n)")[0]
    columns = set(re.findall(r"^    ([a-z][a-z0-9_]+) ", created, re.MULTILINE))
    columns |= set(re.findall(r"ALTER TABLE entities ADD COLUMN (\w+)", migrations))
    table = text_of(reference_page.PAGE).partition("| Column | |")[2].partition("\n\n")[0]
    cells = re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == columns


def _refused(words: list[str]) -> str:
    """What click objects to; "" where it would run. `mm-pipeline` alone is the name of the thing."""
    return _objection(main, [word for word in words if word != "..."])


def _dagster_refuses(words: list[str]) -> str:
    from dagster._cli import create_dagster_cli

    return _objection(create_dagster_cli(), words)


def _objection(command: click.Command, words: list[str]) -> str:
    context: click.Context | None = None
    while isinstance(command, click.Group):
        parsed = click.Context(command, parent=context, info_name=command.name)
        rest = [word for word in words if not word.startswith("-")]
        if not rest or rest[0] == "COMMAND":
            return ""
        if rest[0] not in command.commands:
            return f"{' '.join(words)}: no command {rest[0]}"
        words = words[words.index(rest[0]) + 1 :]
        context, command = parsed, command.commands[rest[0]]
    try:
        command.make_parser(click.Context(command, parent=context)).parse_args(list(words))
    except click.BadOptionUsage as named:  # `plan --read` names the option, without its file
        return "" if words[-1] == named.option_name else named.format_message()
    except click.UsageError as fault:
        return f"{command.name} {' '.join(words)}: {fault.format_message()}"
    return ""
