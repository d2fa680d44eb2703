"""The commands of docs/reference.md, as click tells them. Run it to write them: python -m mm_pipeline_tests.structure.reference_page"""

import inspect
import re
from collections.abc import Iterator

import click

from mm_pipeline.cli import main
from mm_pipeline_tests.structure.node_ids import ROOT

PAGE = ROOT / "docs" / "reference.md"
_BETWEEN = re.compile(r"(?<=<!-- commands -->\n)(.*?)(?=<!-- end of commands -->)", re.DOTALL)


def stands() -> str:
    """Return what the page says of the commands."""
    (said,) = _BETWEEN.findall(PAGE.read_text(encoding="utf-8"))
    return str(said)


def told() -> str:
    """Return what click says of them, as it is to stand on the page."""
    return "\n" + "\n".join(line for name, command in _commands(main) for line in _section(name, command)) + "\n"


def write() -> None:
    """Put what click says onto the page."""
    text = _BETWEEN.sub(lambda _: told(), PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(text, encoding="utf-8")


def _commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command, those of a group behind it."""
    for name, command in group.commands.items():
        yield before + name, command
        if isinstance(command, click.Group):
            yield from _commands(command, f"{before}{name} ")


def _section(name: str, command: click.Command) -> Iterator[str]:
    usage = " ".join(["mm-pipeline", name, *_usage(command)])
    yield from (f"### {name}", "", f"`{usage}`", "", _sentences(command), "")
    options = [one for one in command.params if isinstance(one, click.Option)]
    if options:
        yield from ("| Option | |", "|---|---|")
        yield from (f"| {_spelt(one)} | {_cell(one)} |" for one in options)
        yield ""


def _usage(command: click.Command) -> list[str]:
    """Arguments, and options that must be given."""
    words = [one.make_metavar(click.Context(command)) for one in command.params if isinstance(one, click.Argument)]
    words += [_spelt(one).strip("`") for one in command.params if isinstance(one, click.Option) and one.required]
    return [*words, "COMMAND"] if isinstance(command, click.Group) else words


def _sentences(command: click.Command) -> str:
    paragraphs = inspect.cleandoc(command.help or "").replace("\b\n", "").split("\f")[0]
    return paragraphs.strip()


def _spelt(option: click.Option) -> str:
    metavar = "" if option.is_flag else f" {option.make_metavar(click.Context(click.Command('')))}"
    return f"`{', '.join([*option.opts, *option.secondary_opts])}{metavar}`".replace("|", "\\|")


def _cell(option: click.Option) -> str:
    said = (option.help or "").replace("|", "\\|")
    has_default = isinstance(option.default, str | int) and not (option.is_flag or option.required)
    known = f" Default: `{option.default}`." if has_default else ""
    return f"{said}{known}"


if __name__ == "__main__":
    write()
