"""Figures of benchmarks: what was measured, its bound, the file it is kept in and the table people read. Measures nothing."""

import json
import os
import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import psutil  # type: ignore[import-untyped]

HERE = Path(__file__).parent
RESULTS, README = HERE / "results", HERE / "README.md"
_TABLE = re.compile(r"(?<=<!-- figures: written by run\.py -->\n).*(?=<!-- end of figures -->)", re.DOTALL)


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One measured value, and whether it keeps to its bound (None: it has none)."""

    name: str
    value: float
    unit: str
    bound: str = ""
    holds: bool | None = None


def figure(name: str, value: float, unit: str) -> Figure:
    """Return a figure without a bound."""
    return Figure(name=name, value=round(value, 3), unit=unit)


def at_least(name: str, value: float, unit: str, bound: float) -> Figure:
    """Return a figure that must not be below its bound."""
    return Figure(name=name, value=round(value, 3), unit=unit, bound=f"≥ {_number(bound)}", holds=value >= bound)


def at_most(name: str, value: float, unit: str, bound: float) -> Figure:
    """Return a figure that must not be above its bound."""
    return Figure(name=name, value=round(value, 3), unit=unit, bound=f"≤ {_number(bound)}", holds=value <= bound)


def line(one: Figure) -> str:
    """Return a figure for a terminal."""
    verdict = "" if one.holds is None else f"  ({one.bound}: {'holds' if one.holds else 'MISSED'})"
    return f"{one.name:<60} {_number(one.value):>10} {one.unit}{verdict}"


def save(benchmark: str, command: str, figures: Iterable[Figure], folder: Path = RESULTS) -> None:
    """Write a benchmark's figures to its JSON file, with date, command, cores and memory."""
    result = {
        "benchmark": benchmark,
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "command": command,
        "machine": {"cores": os.cpu_count(), "memory_gib": round(psutil.virtual_memory().total / 2**30)},
        "figures": [msgspec.to_builtins(one) for one in figures],
    }
    folder.mkdir(exist_ok=True)
    (folder / f"{benchmark}.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")


def write_table(folder: Path = RESULTS, readme: Path = README) -> None:
    """Put the figures of all result files between README's two marks."""
    results = [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))]
    text = "\n".join(_section(result) for result in results)
    readme.write_text(_TABLE.sub(lambda _: text, readme.read_text()))


def _section(result: dict[str, Any]) -> str:
    machine = result["machine"]
    rows = [Figure(**one) for one in result["figures"]]
    lines = [
        f"### {result['benchmark'].replace('_', ' ')}",
        "",
        f"{result['date']}, {machine['cores']} cores, {machine['memory_gib']} GiB: `{result['command']}`",
        "",
        "| | figure | bound | |",
        "|---|---:|---:|---|",
    ]
    lines += [f"| {r.name} | {_number(r.value)} {r.unit} | {r.bound} | {_VERDICTS[r.holds]} |" for r in rows]
    return "\n".join(lines) + "\n"


_VERDICTS = {None: "", True: "holds", False: "**missed**"}


def _number(value: float) -> str:
    digits = 0 if abs(value) >= 1000 or value == int(value) else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"
