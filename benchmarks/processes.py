"""Programs under observation: time, CPU seconds and memory of a process with its children. Knows nothing of what they do."""

import os
import re
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import perf_counter

import msgspec
import psutil  # type: ignore[import-untyped]

#: Each look at all processes of a machine costs some ms of CPU: with one every 50 ms the observer took an eighth of a core.
_SAMPLE_S = 0.25
#: PostgreSQL is not part of the run: it is a service, and shares memory that sums would count many times.
_APART = {"postgres", "pg_ctl", "initdb", "unshare", "setpriv"}
MIB = 2**20


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """How a program went. Seconds, and MiB of resident memory."""

    returncode: int
    wall_s: float
    cpu_s: float  #: user and system, children that it waited for included
    peak_mib: float  #: largest sum over the process and its children, PostgreSQL apart, sampled every 250 ms
    largest_mib: float  #: the largest single one of them at its height, by the kernel's own account (VmHWM)


def watch(command: Sequence[str], environment: Mapping[str, str], log: Path, folder: Path) -> Watched:
    """Run a program in `folder` to its end, its output into `log`, and return how it went."""
    with log.open("ab") as output:
        started = perf_counter()
        process = subprocess.Popen(
            command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        peak = _Peak(process.pid)
        peak.start()
        _, status, used = os.wait4(process.pid, 0)
        wall_s = perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        peak.join()
    return Watched(
        returncode=process.returncode,
        wall_s=wall_s,
        cpu_s=used.ru_utime + used.ru_stime,
        peak_mib=peak.bytes / MIB,
        largest_mib=peak.largest_bytes / MIB,
    )


class _Peak(threading.Thread):
    """Samples a process and its children until it is gone."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.bytes = self.largest_bytes = 0
        self._process = psutil.Process(pid)

    def run(self) -> None:
        pause = threading.Event()
        with suppress(psutil.NoSuchProcess):
            while self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE:
                family = [one for one in _family(self._process) if not _is_apart(one)]
                self.bytes = max(self.bytes, sum(map(_resident, family)))
                self.largest_bytes = max([self.largest_bytes, *map(_highest, family)])
                pause.wait(_SAMPLE_S)


def _is_apart(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.name() in _APART
    return True


def _resident(process: psutil.Process) -> int:
    with suppress(psutil.NoSuchProcess):
        return int(process.memory_info().rss)
    return 0


def _highest(process: psutil.Process) -> int:
    # not ru_maxrss: a new program inherits that of whoever started it
    with suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())
        return int(found[1]) * 1024 if found else 0
    return 0


def cpu_seconds(folder: Path, program: str = "") -> float:
    """Return the CPU seconds spent so far by the servers that live under a folder, and by their children.

    `program`: by those alone whose name begins so.
    """
    roots = [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(folder) in " ".join(process.info["cmdline"] or ())
    ]
    spent = 0.0
    for process in {one for root in roots for one in _family(root)}:
        with suppress(psutil.NoSuchProcess):
            if not process.name().startswith(program):
                continue
            times = process.cpu_times()
            spent += times.user + times.system + times.children_user + times.children_system
    return spent


def highest_mib(folder: Path, name: str) -> float:
    """Return the height (VmHWM) of the largest process whose program lies under a folder, in a folder of that name; 0: none."""
    found = [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(folder) in (program := " ".join((process.info["cmdline"] or ())[:1])) and f"/{name}/" in program
    ]
    return max(map(_highest, found), default=0) / MIB


def _family(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return [process, *process.children(recursive=True)]
    return []
