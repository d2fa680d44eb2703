"""What `mm-pipeline --help` tells: every command, whole, in the order in which it is used, in 80 columns."""

import re

from click.testing import CliRunner

from mm_pipeline.cli import COMMANDS, main


def _help() -> str:
    return CliRunner().invoke(main, ["--help"], terminal_width=80).output


def test_no_description_is_cut_and_no_line_is_wider_than_the_terminal() -> None:
    said = _help()
    assert "...\n" not in said.partition("Options:")[2]
    assert max(map(len, said.splitlines())) <= 80
    words = " ".join(said.split())
    for command in main.commands.values():
        first_sentence = " ".join((command.help or "").split("\n\n")[0].split()).partition(". ")[0].rstrip(".")
        assert f"{command.name} {first_sentence}" in words


def test_the_commands_stand_in_the_order_in_which_they_are_used() -> None:
    listed = [command.name for commands in COMMANDS.values() for command in commands]
    assert {*listed} == {*main.commands}
    assert [name for name in re.findall(r"^  (\w+) {2,}\S", _help(), re.MULTILINE) if name in listed] == listed
    assert [listed.index(name) for name in ("preflight", "plan", "export", "status", "report", "invite")] == sorted(
        listed.index(name) for name in ("preflight", "plan", "export", "status", "report", "invite")
    )
