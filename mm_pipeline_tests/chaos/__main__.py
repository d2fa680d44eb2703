"""A migration that everything happens to, compared row by row with one that nobody disturbed: `make chaos`.

    python -m mm_pipeline_tests.chaos --kills 100 --faults 0.1 --postgres-restarts 6 --server-restarts 6 --seed 1

The seed decides what happens where. When a migration is through before all has happened, another one begins, as often as needed.
docs/chaos.md has what was found.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from mm_pipeline_tests.chaos.blows import Blow, Kind, dealt
from mm_pipeline_tests.chaos.end_state import LEFT_BY_A_DEAD_SERVER, EndState, differences, end_state
from mm_pipeline_tests.chaos.export import write
from mm_pipeline_tests.chaos.faulty_line import FaultyLine
from mm_pipeline_tests.chaos.night import night
from mm_pipeline_tests.chaos.phases import MOMENTS
from mm_pipeline_tests.checker.compare import check
from mm_pipeline_tests.end_to_end.migrated import ROOT
from mm_pipeline_tests.mattermost_server.running import RunningServer

#: Small archives (of the plugin: batches), so that many are under way when something happens; the calm run has one.
_ARCHIVE_BYTES = {"stock": 120_000, "plugin": 20_000}


def main(arguments: list[str]) -> int:
    """Run it, and say what came of it. Returns 1 if anything differs."""
    parser = argparse.ArgumentParser(description="A migration that everything happens to, compared with a calm one.")
    parser.add_argument("--kills", type=int, default=100, help="kill -9 of the pipeline, spread over all phases")
    parser.add_argument("--postgres-restarts", type=int, default=0)
    parser.add_argument("--server-restarts", type=int, default=0)
    parser.add_argument("--transport", choices=tuple(MOMENTS), default="stock", help="how everything is sent")
    parser.add_argument(
        "--plugin-kills", type=int, default=0, help="kill -9 of the plugin on the server (--transport plugin)"
    )
    parser.add_argument("--faults", type=float, default=0.0, help="share of the requests that meet a fault, like 0.1")
    parser.add_argument("--least-faults", type=int, default=0, help="migrate again until there were so many faults")
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="where to keep the logs (default: nowhere, unless something differs)")
    asked = parser.parse_args(arguments)
    counts = {
        Kind.KILL: asked.kills,
        Kind.POSTGRES: asked.postgres_restarts,
        Kind.SERVER: asked.server_restarts,
        Kind.PLUGIN: asked.plugin_kills,
    }
    told = (
        f"seed {asked.seed}, {asked.transport}, {asked.messages} messages, faults on {asked.faults:.0%} of the requests"
    )
    print(told, flush=True)

    states = ROOT / ".state"
    states.mkdir(exist_ok=True)
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="chaos-", dir=states))
    chaos = Chaos(folder, asked.messages, asked.seed, asked.faults, asked.transport)
    found = chaos.run(dealt(counts, asked.seed), asked.least_faults)
    if not found and not asked.keep:
        shutil.rmtree(folder)
    return 1 if found else 0


class Chaos:
    """One calm migration, and as many others as it takes until all blows have fallen."""

    def __init__(self, folder: Path, messages: int, seed: int, faults: float, transport: str) -> None:
        self._folder = folder
        self._settings = {"MM_ALLOW_OVER_LIMIT": "1", "MM_TRANSPORT": transport}
        self._seed = seed
        self._line = FaultyLine(faults, seed)
        self._began = time.monotonic()
        folder.mkdir(parents=True, exist_ok=True)
        self._export = write(folder / "export.zip", messages, seed)

    def run(self, blows: list[Blow], least_faults: int = 0) -> list[str]:
        """Return what differs from the calm migration, in all of the others."""
        calm = self._calm()
        fallen: Counter[tuple[str, str]] = Counter()
        found: list[str] = []
        nights = aborted = 0
        left = list(blows)
        while left or not nights or self._line.counts.total() < least_faults:
            nights += 1
            so_far = len(left)
            differing, aborts = self._night(nights, left, fallen, calm)
            aborted += aborts
            found += differing
            if len(left) == so_far and left:
                found.append(f"none of the {so_far} blows left could fall")
                break
        self._tell(
            f"{sum(fallen.values())} blows in {nights} migrations; {aborted} runs ended by themselves and were repeated"
        )
        for (kind, phase), count in sorted(fallen.items()):
            self._tell(f"{count:5} {kind} in {phase}")
        self._tell(f"{self._line.counts.total()} faults on {self._line.requests} requests: {dict(self._line.counts)}")
        self._tell(f"{len(found)} differences from the calm migration")
        return found

    def _calm(self) -> EndState:
        with night(
            self._folder / "calm", self._export, lambda request, ask: ask(), self._tell, **self._settings
        ) as calm:
            calm.finish()
            assert not calm.aborted, f"not even a calm migration is through: {self._folder}"
            state = end_state(calm.watched)
            found = self._checked(calm.watched.run.server)
        rows = Counter(f"{row[0]} {row[2]}" for row in state["rows"])
        self._tell(f"calm: {dict(rows)}; the checker finds {len(found)}")
        assert not found, found[:20]
        return state

    def _night(
        self, number: int, left: list[Blow], fallen: Counter[tuple[str, str]], calm: EndState
    ) -> tuple[list[str], int]:
        """Let blows fall until they, or the migration, are at an end. Those that fell are taken from the list."""
        folder = self._folder / f"night-{number}"
        settings = self._settings | {"MM_ARCHIVE_MAX_BYTES": str(_ARCHIVE_BYTES[self._settings["MM_TRANSPORT"]])}
        with night(folder, self._export, self._line, self._tell, **settings) as bad:
            while left and bad.befall(left[0]):
                fallen[left[0].kind, left[0].phase] += 1
                del left[0]
            bad.finish()
            state = end_state(bad.watched)
            if bad.server_died:
                self._tell(f"the server died and left {len(state[LEFT_BY_A_DEAD_SERVER])} {LEFT_BY_A_DEAD_SERVER}")
                state[LEFT_BY_A_DEAD_SERVER] = calm[LEFT_BY_A_DEAD_SERVER]
            found = differences(calm, state) + self._checked(bad.watched.run.server)
            if not bad.server_died:  # then posts are sent once more for the files that they lack
                found += [f"sent twice: {post}" for post in bad.sent.twice(bad.watched.server)]
            jobs = Counter(status for (status,) in bad.watched.rows("SELECT status FROM import_jobs"))
        faults = f"{self._line.counts.total()} faults so far; " if self._line.counts else ""
        self._tell(f"migration {number} is through; its archives: {dict(jobs)}; {faults}{len(found)} differences")
        for one in found[:50]:
            self._tell(f"     {one}")
        return found, bad.aborted

    def _checked(self, server: RunningServer) -> list[str]:
        """Return what the independent checker finds of the export on the server."""
        return [str(one) for one in check(self._export, server.database_url, server.team, files=server.files)]

    def _tell(self, line: str) -> None:
        print(f"{time.monotonic() - self._began:7.1f} s {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
