"""The whole migration through the server plugin, held against the stock one and against COPY of the rows that it brought.

Changes nothing but throw-away servers and a folder of its own.
"""

from collections.abc import Iterator
from pathlib import Path

from figures import Figure, at_most, figure
from sending_growth import growth
from whole_run import BOUND_AGAIN_S, Migrated, memory, migrated, seconds_of

#: Of what the stock road takes from start to report, at 100,000 messages of 1,000 people. With more messages a person it is more: what
#: the plugin saves most is the hash of each new account's password.
BOUND_OF_STOCK = 0.15


def plugin_run(
    small: tuple[int, Path], large: tuple[int, Path], folder: Path, version: str, workers: int
) -> Iterator[Figure]:
    """Migrate two exports (messages, zip) through the plugin, the larger one the stock way, too: each into a fresh server."""
    little = migrated(small[1], folder / "small", version, workers, "plugin")
    whole = migrated(large[1], folder / "large", version, workers, "plugin", copy=True)
    stock = migrated(large[1], folder / "stock", version, workers)
    yield figure(f"stock, {large[0]:,} messages", stock.first.wall_s, "s")
    yield figure(f"plugin, {large[0]:,} messages", whole.first.wall_s, "s")
    yield at_most("plugin over stock", whole.first.wall_s / stock.first.wall_s, "", BOUND_OF_STOCK)
    yield from _by_copy(whole)
    yield at_most("second run", whole.again.wall_s, "s", BOUND_AGAIN_S)
    yield from memory((small[0], little), (large[0], whole))
    yield figure(f"plugin, {small[0]:,} messages", little.first.wall_s, "s")
    yield figure("CPU of the run's process", whole.first.cpu_s, "s")
    yield figure("CPU of its PostgreSQL", whole.database_cpu_s, "s")
    yield figure("CPU of the server, its database and the plugin", whole.server_cpu_s, "s")
    for what, count in whole.arrived.items():
        yield figure(f"{what} on the server (stock: {stock.arrived[what]:,})", count, "rows")
    for name, seconds, rows in whole.steps:
        yield figure(f"step {name} ({rows:,} rows; stock: {seconds_of(stock, name):,.1f} s)", seconds, "s")


def plugin_growth(
    small: tuple[int, Path], large: tuple[int, Path], folder: Path, version: str, workers: int
) -> Iterator[Figure]:
    """Migrate two exports (messages, zip) through the plugin, and the larger one the stock way, too: what grows, and what stock takes."""
    little = migrated(small[1], folder / f"plugin-{small[0]}", version, workers, "plugin")
    whole = migrated(large[1], folder / f"plugin-{large[0]}", version, workers, "plugin", copy=True)
    yield from growth((small[0], little), (large[0], whole))
    yield from _by_copy(whole)
    stock = migrated(large[1], folder / f"stock-{large[0]}", version, workers)
    yield figure(f"stock, {large[0]:,} messages", stock.first.wall_s, "s")
    yield figure("plugin over stock", whole.first.wall_s / stock.first.wall_s, "")
    step = "message"
    yield figure("plugin over stock, step message", seconds_of(whole, step) / seconds_of(stock, step), "")
    yield figure(
        f"peak memory of stock, {large[0]:,} messages", max(stock.first.peak_mib, stock.first.largest_mib), "MiB"
    )


def _by_copy(seen: Migrated) -> Iterator[Figure]:
    """Yield the limit, and what of the messages' time it is."""
    yield figure("its rows by COPY into the same tables", seen.copied_s, "s")
    yield figure("COPY over the step message", seen.copied_s / seconds_of(seen, "message"), "")
