"""The terminal's front door, mm-pipeline: the same job and the same parts, with progress and plain sentences.

Holds no rule of the migration.
"""

import logging
import sys
import traceback
from typing import Any, TextIO

import click

from mm_pipeline.backend_logger import backend_logger, masked
from mm_pipeline.commands.announcement import announcement
from mm_pipeline.commands.archive import archive
from mm_pipeline.commands.database import down, up
from mm_pipeline.commands.diff import diff
from mm_pipeline.commands.export import export
from mm_pipeline.commands.invite import invite
from mm_pipeline.commands.pause import pause, resume
from mm_pipeline.commands.plan import plan
from mm_pipeline.commands.plugin import plugin
from mm_pipeline.commands.preflight import preflight
from mm_pipeline.commands.report import report
from mm_pipeline.commands.retry import retry
from mm_pipeline.commands.rollback import rollback
from mm_pipeline.commands.stage import stage
from mm_pipeline.commands.status import status
from mm_pipeline.commands.terminal import columns, say
from mm_pipeline.errors import PipelineError
from mm_pipeline.lines import wrapped

#: Characters of a first sentence, however long it is.
_WHOLE = 1000

#: The commands in the order in which they are used.
COMMANDS: dict[str, tuple[click.Command, ...]] = {
    "Before anything is sent": (preflight, plan, stage, diff),
    "The migration": (export, status, pause, resume, retry, report),
    "Afterwards": (announcement, invite, rollback),
    "The database and other ways": (up, down, plugin, archive),
}


class SentenceGroup(click.Group):
    """Prints what went wrong as one sentence, and ends with exit code 1. Lists its commands as they are used."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands under their heads, each with the whole first sentence of what it does."""
        longest = max(len(str(command.name)) for commands in COMMANDS.values() for command in commands)
        for head, commands in COMMANDS.items():
            with formatter.section(head):
                # Filled to one width: each section would have columns of its own.
                formatter.write_dl(
                    [(f"{command.name:<{longest}}", command.get_short_help_str(_WHOLE)) for command in commands]
                )

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # click's own ways to end
        except PipelineError as error:
            sentence = str(error)
        except Exception as bug:
            # Never the traceback itself: it quotes what went wrong, and that may be a header with the token.
            backend_logger.debug("%s", traceback.format_exc())
            sentence = f"mm-pipeline stopped: {type(bug).__name__}: {bug} (--verbose says more)"
        say(masked(sentence), err=True)
        ctx.exit(1)


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to what standard error is at that moment: while bars are drawn, lines go above them, not into them."""

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, stream: TextIO) -> None:
        """logging sets the one of the beginning."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a line of the log, wrapped as all that a terminal is told."""
        return wrapped(super().format(record), columns(err=True))


@click.group(cls=SentenceGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--verbose", is_flag=True, help="Say every detail (DEBUG).")
def main(verbose: bool) -> None:
    """Move a Slack workspace into a Mattermost server.

    \b
    The shortest way:
      export SLACK_EXPORT=export.zip MM_URL=https://chat.example.org
      export MM_TOKEN=... MM_TEAM=team
      mm-pipeline preflight     what stands in the way
      mm-pipeline plan          who becomes whom; nothing is sent
      mm-pipeline export        do it; run it again at any time
      mm-pipeline status        what came of it
      mm-pipeline report        the same as a page, held against the server

    All settings are environment variables; README lists them. `mm-pipeline COMMAND --help` says more of each command.
    """
    handler = _StandardError()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S"))
    backend_logger.addHandler(handler)
    # Else a library that warns through the root logger makes everything appear twice.
    logging.getLogger().addHandler(logging.NullHandler())
    backend_logger.setLevel(logging.DEBUG if verbose else logging.INFO)


for commands in COMMANDS.values():
    for command in commands:
        main.add_command(command)

if __name__ == "__main__":
    main()
