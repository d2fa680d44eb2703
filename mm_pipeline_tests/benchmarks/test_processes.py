"""Programs under observation: what of their time and memory is counted."""

import os
import subprocess
import sys
import time
from pathlib import Path

import processes
import pytest

BLOCK = "block = bytearray(b'x') * (100 << 20)"
#: A hundred MiB, touched and held until it was looked at, four times a second where the machine has time.
HOLD = f"import time; {BLOCK}; time.sleep(1)"
BURN = "import time\nwhile time.process_time() < 0.5: pass"


def watch(folder: Path, *command: str) -> processes.Watched:
    return processes.watch(command, os.environ, folder / "log", folder)


def test_the_memory_of_children_counts_with_that_of_their_parent(tmp_path: Path) -> None:
    both = f"import subprocess, sys; {BLOCK}; subprocess.run([sys.executable, '-c', {HOLD!r}])"
    alone, family = (watch(tmp_path, sys.executable, "-c", code) for code in (HOLD, both))
    assert 100 < alone.peak_mib < 160
    assert 200 < family.peak_mib < 320
    assert 100 < family.largest_mib < 160


def test_postgresql_does_not_count(tmp_path: Path) -> None:
    postgres = tmp_path / "postgres"
    postgres.symlink_to(Path(sys.executable).resolve())
    start = f"import subprocess; subprocess.run([{str(postgres)!r}, '-S', '-c', {HOLD!r}])"
    environment = {**os.environ, "PYTHONHOME": sys.base_prefix}
    seen = processes.watch([sys.executable, "-c", start], environment, tmp_path / "log", tmp_path)
    assert seen.returncode == 0, (tmp_path / "log").read_text()
    assert seen.wall_s > 0.5
    assert seen.peak_mib < 60


def test_a_program_inherits_no_memory_of_the_one_that_starts_it(tmp_path: Path) -> None:
    block = bytearray(b"x") * (200 << 20)
    assert watch(tmp_path, sys.executable, "-c", "import time; time.sleep(0.2)").largest_mib < 60
    del block


def test_how_a_program_ended_and_what_it_said_is_kept(tmp_path: Path) -> None:
    seen = watch(tmp_path, sys.executable, "-c", "import sys; print('said'); sys.exit('and why')")
    assert seen.returncode == 1
    assert (tmp_path / "log").read_text().split() == ["said", "and", "why"] or "and why" in (
        tmp_path / "log"
    ).read_text()


def test_cpu_seconds_count_work_not_waiting_and_children_too(tmp_path: Path) -> None:
    worked = watch(
        tmp_path, sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURN!r}])"
    )
    waited = watch(tmp_path, sys.executable, "-c", "import time; time.sleep(1)")
    assert worked.cpu_s > 0.5
    assert waited.cpu_s < 0.5 < waited.wall_s


def test_the_servers_under_a_folder_are_found_by_their_commands(tmp_path: Path) -> None:
    before = processes.cpu_seconds(tmp_path)
    command = [sys.executable, "-c", f"{BURN}\ntime.sleep(60)", str(tmp_path / "config.json")]
    with subprocess.Popen(command) as server:
        try:
            until = time.monotonic() + 30
            while processes.cpu_seconds(tmp_path) < 0.4 and time.monotonic() < until:
                time.sleep(0.1)
            assert processes.cpu_seconds(tmp_path) >= 0.4
            assert processes.cpu_seconds(tmp_path / "another") == 0
        finally:
            server.kill()
    assert before == pytest.approx(0)
