"""The whole migration as people start it: time, memory, a second run, and one bare import job to hold it against.

Changes nothing but throw-away servers and a folder of its own.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
from copied import copied
from figures import Figure, at_most, figure
from import_job import ImportJob, import_archive
from processes import Watched, cpu_seconds, highest_mib, watch
from server import counts, fresh_server, job_waits

from mm_pipeline.db.database import Database
from mm_pipeline.db.embedded import EmbeddedPostgres
from mm_pipeline.db.entity_store import EntityStore, workspaces
from mm_pipeline.mattermost.importer import PLUGIN_ID
from mm_pipeline.mattermost.server_plugin import ServerPlugin
from plugin.build import build, of_this_machine

BOUND_MIB, BOUND_GROWTH_MIB = 350, 30
BOUND_FACTOR, BOUND_EXTRA_S = 1.15, 15
BOUND_AGAIN_S = 15
_JOB = ("-m", "dagster", "job", "execute", "-m", "mm_pipeline.definitions", "-j", "slack_to_mattermost")


class Migrated(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of a migration into a fresh server."""

    first: Watched
    again: Watched
    steps: list[tuple[str, float, int]]  #: name, seconds, rows
    job_waits_s: list[float]  #: of each import job, until its turn
    arrived: dict[str, int]
    server_cpu_s: float  #: of the first run: Mattermost and its PostgreSQL
    database_cpu_s: float  #: of the first run: our PostgreSQL
    copied_s: float  #: what COPY takes for all that lies in the server's channels afterwards; 0: it was not asked
    plugin_mib: float  #: the plugin's process at its height; 0: none


def whole_run(
    small: tuple[int, Path], large: tuple[int, Path], folder: Path, version: str, workers: int
) -> Iterator[Figure]:
    """Migrate two exports (messages, zip) into fresh servers, and the larger one by a single job; yield what it took."""
    little = migrated(small[1], folder / "small", version, workers)
    whole = migrated(large[1], folder / "large", version, workers)
    job, arrived = by_one_job(large[1], folder / "job", version)
    size = f"{large[0]:,} messages"
    bound = BOUND_FACTOR * job.seconds + BOUND_EXTRA_S
    yield at_most(f"whole run, {size}", whole.first.wall_s, "s", round(bound, 1))
    yield figure(f"one import job with all of it ({job.waited_s:.0f} s of it waiting for its turn)", job.seconds, "s")
    yield at_most("second run", whole.again.wall_s, "s", BOUND_AGAIN_S)
    yield from memory((small[0], little), (large[0], whole))
    yield figure(f"whole run, {small[0]:,} messages", little.first.wall_s, "s")
    waited = " and ".join(f"{seconds:.0f} s" for seconds in whole.job_waits_s)
    yield figure(f"import jobs of the whole run (they waited {waited} for their turn)", len(whole.job_waits_s), "jobs")
    yield figure("CPU of the run's process", whole.first.cpu_s, "s")
    yield figure("CPU of its PostgreSQL", whole.database_cpu_s, "s")
    yield figure("CPU of the server and its database", whole.server_cpu_s, "s")
    for what, count in whole.arrived.items():
        yield figure(f"{what} on the server (by the one job: {arrived[what]:,})", count, "rows")
    for name, seconds, rows in whole.steps:
        yield figure(f"step {name} ({rows:,} rows)", seconds, "s")


def memory(small: tuple[int, Migrated], large: tuple[int, Migrated]) -> Iterator[Figure]:
    """Yield the peaks of two first runs (messages, run), how they grew, and those of the plugin's process."""
    for messages, seen in (small, large):
        peak = max(seen.first.peak_mib, seen.first.largest_mib)
        yield at_most(f"peak memory, {messages:,} messages", peak, "MiB", BOUND_MIB)
    little, whole = small[1].first, large[1].first
    growth = max(whole.peak_mib - little.peak_mib, whole.largest_mib - little.largest_mib)
    yield at_most("growth of peak memory", growth, "MiB", BOUND_GROWTH_MIB)
    for messages, seen in (small, large):
        if seen.plugin_mib:
            yield figure(f"peak memory of the plugin, {messages:,} messages", seen.plugin_mib, "MiB")


def seconds_of(seen: Migrated, step: str) -> float:
    """Return how long a step of the first run took."""
    return sum(seconds for name, seconds, _ in seen.steps if name == step)


def migrated(
    export: Path, folder: Path, version: str, workers: int, transport: str = "stock", *, copy: bool = False
) -> Migrated:
    """Migrate an export into a fresh server, and once more; `copy`: its rows then by COPY, too.

    Ends the program where a run does not end well.
    """
    state, server = folder / "state", folder / "server"
    folder.mkdir(parents=True)
    try:
        with fresh_server(server, version) as lines:
            environment = settings(export, state, workers, lines, transport)
            if transport == "plugin":
                bundle = build(folder / "bundle", of_this_machine())
                ServerPlugin(lines["MM_URL"], lines["MM_TOKEN"]).install(bundle)
            first = _run(environment, folder / "first.log", folder)
            server_cpu_s, database_cpu_s = cpu_seconds(server), cpu_seconds(state)
            arrived, sent = counts(lines["MM_DATABASE"]), job_waits(lines["MM_DATABASE"])
            steps, plugin_mib = _steps(state), highest_mib(server, PLUGIN_ID)
            again = _run(environment, folder / "again.log", folder)
            after, sent_after = counts(lines["MM_DATABASE"]), job_waits(lines["MM_DATABASE"])
            if (after, sent_after) != (arrived, sent):
                raise SystemExit(
                    f"The second run sent something: {len(sent)} -> {len(sent_after)} jobs, {arrived} -> {after}"
                )
            copied_s = copied(lines["MM_DATABASE"])[1] if copy else 0.0
    finally:
        EmbeddedPostgres(state / "postgres").stop()
    return Migrated(
        first=first,
        again=again,
        steps=steps,
        job_waits_s=sent,
        arrived=arrived,
        server_cpu_s=server_cpu_s,
        database_cpu_s=database_cpu_s,
        copied_s=copied_s,
        plugin_mib=plugin_mib,
    )


def by_one_job(export: Path, folder: Path, version: str) -> tuple[ImportJob, dict[str, int]]:
    """Write the whole migration as one archive, and have a fresh server import it by one job."""
    state, archive = folder / "state", folder / "archive.zip"
    folder.mkdir(parents=True)
    try:
        environment = settings(export, state, 1, {"MM_TEAM": "migration"})
        write = [sys.executable, "-m", "mm_pipeline.cli", "archive", "--output", str(archive)]
        require_well(watch(write, environment, folder / "archive.log", folder), folder / "archive.log")
    finally:
        EmbeddedPostgres(state / "postgres").stop()
    with fresh_server(folder / "server", version) as lines:
        job = import_archive(lines["MM_URL"], lines["MM_TOKEN"], archive)
        return job, counts(lines["MM_DATABASE"])


def settings(
    export: Path, state: Path, workers: int, lines: dict[str, str], transport: str = "stock"
) -> dict[str, str]:
    """Return this process's environment without settings of a migration, and with those of this one."""
    # PYTHON...: where a machine forbids to keep compiled modules, each start compiled ours anew, which no user's does.
    ours = ("MM_", "SLACK_", "DAGSTER_", "PYTHONDONTWRITEBYTECODE")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return clean | {
        **{name: value for name, value in lines.items() if name != "MM_DATABASE"},
        "SLACK_EXPORT": str(export),
        "MM_PIPELINE_STATE": str(state),
        "MM_ALLOW_OVER_LIMIT": "1",
        "EXPORT_WORKERS": str(workers),
        "MM_TRANSPORT": transport,
        "DAGSTER_DISABLE_TELEMETRY": "yes",
    }


def _run(environment: dict[str, str], log: Path, folder: Path) -> Watched:
    return require_well(watch([sys.executable, *_JOB], environment, log, folder), log)


def require_well(watched: Watched, log: Path) -> Watched:
    """Return how a program went. Ends this one where that did not end well."""
    if watched.returncode:
        raise SystemExit(f"It ended with exit code {watched.returncode}; what it said is in {log}.")
    return watched


def _steps(state: Path) -> list[tuple[str, float, int]]:
    database = Database(EmbeddedPostgres(state / "postgres").url("mm_pipeline"))
    steps = EntityStore(database, workspaces(database)[0]).last_steps()
    return [(name, float(seconds), rows) for name, seconds, rows in steps]
