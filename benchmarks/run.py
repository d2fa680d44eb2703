"""Run the benchmarks: measure, print, and write benchmarks/results/*.json and the table in benchmarks/README.md.

    python benchmarks/run.py staging rendering whole_run

Generates the exports it needs. Ends with exit code 1 where a bound is missed. Needs a quiet machine to mean anything.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

# The tests' server and the plugin's source are no part of what is installed.
sys.path.append(str(Path(__file__).parent.parent))

from archive_growth import archive_growth
from figures import Figure, line, save, write_table
from generate import write
from plugin_run import plugin_growth, plugin_run
from rendering_rate import rendering
from sending import sending
from sending_growth import sending_growth
from staging_rate import staging
from whole_run import whole_run

SEED = 1


class Benchmarks:
    """What is measured, with the arguments it is measured with."""

    def __init__(self, args: argparse.Namespace, folder: Path) -> None:
        self._args = args
        self._folder = folder

    def staging(self) -> Iterator[Figure]:
        """Rows per second into a fresh PostgreSQL."""
        return staging(self._export(self._args.messages), self._folder, self._args.repeat)

    def rendering(self) -> Iterator[Figure]:
        """Messages per second on one core."""
        yield from rendering("generated export", self._export(self._args.messages), self._args.repeat)
        for number, export in enumerate(self._args.export, 1):
            yield from rendering(f"given export {number}", export, self._args.repeat)

    def whole_run(self) -> Iterator[Figure]:
        """Time and memory of the whole migration, against one import job."""
        small, large = ((size, self._export(size)) for size in (self._args.small, self._args.messages))
        return whole_run(small, large, self._folder, self._args.version, self._args.workers)

    def archive_growth(self) -> Iterator[Figure]:
        """Time per message and memory of an export and of one ten times as large, up to the archive."""
        small, large = ((size, self._export(size)) for size in (self._args.messages, 10 * self._args.messages))
        return archive_growth(small, large, self._folder)

    def sending_growth(self) -> Iterator[Figure]:
        """Time per message and memory of a whole migration and of one some times as large."""
        small, large = ((size, self._export(size)) for size in (self._args.messages, self._args.large))
        return sending_growth(small, large, self._folder, self._args.version, self._args.workers)

    def plugin_run(self) -> Iterator[Figure]:
        """Time and memory of the whole migration through the plugin, against the stock one and COPY."""
        small, large = ((size, self._export(size)) for size in (self._args.small, self._args.messages))
        return plugin_run(small, large, self._folder, self._args.version, self._args.workers)

    def plugin_growth(self) -> Iterator[Figure]:
        """The same as sending_growth, through the plugin, and the larger one by the stock way and by COPY."""
        small, large = ((size, self._export(size)) for size in (self._args.messages, self._args.large))
        return plugin_growth(small, large, self._folder, self._args.version, self._args.workers)

    def sending(self) -> Iterator[Figure]:
        """Messages per second through the plugin, by import job and by COPY."""
        return sending(self._args.messages, self._args.people, self._folder, self._args.version)

    def _export(self, messages: int) -> Path:
        export: Path = self._folder / f"{messages}.zip"
        if not export.exists():
            write(export, messages, self._args.people, max(2, self._args.people // 10), SEED)
        return export


ALL = (
    "staging",
    "rendering",
    "whole_run",
    "archive_growth",
    "sending_growth",
    "sending",
    "plugin_run",
    "plugin_growth",
)


def main(arguments: list[str]) -> int:
    """Run what is asked for and return the exit code."""
    args = _parser().parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="benchmarks-", dir=args.work))
    benchmarks, missed = Benchmarks(args, folder), 0
    for name in args.benchmark or ALL:
        measure: Callable[[], Iterable[Figure]] = getattr(benchmarks, name)
        print(name, flush=True)
        figures = []
        for one in measure():
            figures.append(one)
            print("  " + line(one), flush=True)
        missed += sum(one.holds is False for one in figures)
        if not args.dry:
            save(name, _command(name, args), figures)
            write_table()
    shutil.rmtree(folder)
    return min(missed, 1)


def _command(name: str, args: argparse.Namespace) -> str:
    """Return the command that measures this benchmark so again. Names no file of this machine."""
    options = {"messages": args.messages, "people": args.people}
    if name == "sending":
        options |= {"version": args.version}
    elif name in ("whole_run", "plugin_run"):
        options |= {"small": args.small, "workers": args.workers, "version": args.version}
    elif name in ("sending_growth", "plugin_growth"):
        options |= {"large": args.large, "workers": args.workers, "version": args.version}
    elif name != "archive_growth":
        options |= {"repeat": args.repeat}
    words = ["python benchmarks/run.py", name, *(f"--{option} {value}" for option, value in options.items())]
    return " ".join(words + (["--export FILE"] * len(args.export) if name == "rendering" else []))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python benchmarks/run.py", description=__doc__.partition("\n")[0])
    parser.add_argument("benchmark", nargs="*", choices=[*ALL, []], help=f"of {', '.join(ALL)}; all if none is named")
    parser.add_argument("--messages", type=int, default=100_000, help="of the generated export (default: 100000)")
    parser.add_argument(
        "--small", type=int, default=10_000, help="of the one that memory is compared with (default: 10000)"
    )
    parser.add_argument(
        "--large",
        type=int,
        default=500_000,
        help="of the larger one of sending_growth and plugin_growth (default: 500000)",
    )
    parser.add_argument("--people", type=int, default=1_000, help="of both (default: 1000)")
    parser.add_argument(
        "--export", type=Path, action="append", default=[], help="a zip to render as well; may be repeated"
    )
    parser.add_argument(
        "--repeat", type=int, default=3, help="times for staging and rendering; the best counts (default: 3)"
    )
    parser.add_argument("--workers", type=int, default=4, help="EXPORT_WORKERS of the whole run (default: 4)")
    parser.add_argument("--version", default="11.4", help="of the Mattermost server (default: 11.4)")
    parser.add_argument(
        "--work", type=Path, help="where databases and servers live meanwhile (default: the temporary folder)"
    )
    parser.add_argument("--dry", action="store_true", help="print only: write neither results nor table")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
