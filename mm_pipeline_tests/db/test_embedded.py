"""The embedded PostgreSQL on this machine, in folders with spaces."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil  # type: ignore[import-untyped]
import psycopg
import pytest

from mm_pipeline.db.embedded import EmbeddedPostgres, bin_dir, free_port
from mm_pipeline.errors import AbortRun

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root needs to become somebody else")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path / "a folder" / "with spaces")
    yield server
    server.stop()


def _ask(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
        return row[0] if row else None


def _keep_a_row(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE bread (name text)")
        connection.execute("INSERT INTO bread VALUES ('rye')")


def _postmaster(server: EmbeddedPostgres) -> int:
    return int((server.folder / "data" / "postmaster.pid").read_text().splitlines()[0])


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_starts_answers_and_stops(server: EmbeddedPostgres) -> None:
    assert not server.running()
    url = server.start()
    assert server.running()
    assert _ask(url, "SELECT 1") == 1
    server.stop()
    assert not server.running()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


def test_a_second_start_finds_the_same_server(server: EmbeddedPostgres) -> None:
    url = server.start()
    postmaster = _postmaster(server)
    assert EmbeddedPostgres(server.folder).start() == url
    assert _postmaster(server) == postmaster


def test_rows_and_address_stay_over_a_stop(server: EmbeddedPostgres) -> None:
    url = server.start()
    _keep_a_row(url)
    server.stop()
    assert server.start() == url
    assert _ask(url, "SELECT name FROM bread") == "rye"


def test_after_a_kill_of_the_postmaster_it_starts_again_with_its_rows(server: EmbeddedPostgres) -> None:
    url = server.start()
    _keep_a_row(url)
    os.kill(_postmaster(server), signal.SIGKILL)
    assert server.start() == url
    assert _ask(url, "SELECT name FROM bread") == "rye"


def test_a_start_that_was_killed_half_way_is_no_obstacle(server: EmbeddedPostgres) -> None:
    half_made = server.folder / "data.new" / "base"
    half_made.mkdir(parents=True)
    assert _ask(server.start(), "SELECT 1") == 1
    assert not half_made.exists()


def test_where_its_port_was_taken_meanwhile_it_moves(server: EmbeddedPostgres) -> None:
    url = server.start()
    server.stop()
    with socket.create_server(("127.0.0.1", int((server.folder / "port").read_text()))):
        moved = server.start()
    assert moved != url
    assert server.url("postgres") == moved
    assert _ask(moved, "SELECT 1") == 1


def test_folder_and_password_are_the_owners_alone(server: EmbeddedPostgres) -> None:
    server.start()
    assert _mode(server.folder) == 0o700
    assert _mode(server.folder / "data") == 0o700
    assert _mode(server.folder / "password") == 0o600


def test_an_open_folder_is_closed(server: EmbeddedPostgres) -> None:
    server.folder.mkdir(parents=True, mode=0o777)
    server.start()
    assert _mode(server.folder) == 0o700


def test_nobody_gets_in_without_the_password(server: EmbeddedPostgres) -> None:
    password = (server.start().split(":")[2]).split("@")[0]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url("postgres").replace(password, "wrong"))


def test_it_listens_on_this_machine_alone_and_leaves_no_socket_file(server: EmbeddedPostgres) -> None:
    url = server.start()
    heard = {
        c.laddr.ip for c in psutil.Process(_postmaster(server)).net_connections() if c.status == psutil.CONN_LISTEN
    }
    assert heard == {"127.0.0.1"}
    assert _ask(url, "SHOW unix_socket_directories") == ""


def test_letters_beyond_ascii_fold(server: EmbeddedPostgres) -> None:
    assert _ask(server.start(), "SELECT lower('ÄÉŁ')") == "äéł"


def test_a_database_is_created_once(server: EmbeddedPostgres) -> None:
    server.start()
    server.create_database("the bread")
    server.create_database("the bread")
    assert _ask(server.url("the bread"), "SELECT current_database()") == "the bread"


def test_it_outlives_the_process_that_started_it_and_holds_none_of_its_pipes(server: EmbeddedPostgres) -> None:
    program = f"from mm_pipeline.db.embedded import EmbeddedPostgres as E; print(E({str(server.folder)!r}).start())"
    started = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert started.stdout.splitlines() == [server.url("postgres")]
    assert _ask(server.url("postgres"), "SELECT 1") == 1


def test_two_starts_at_once_make_one_server(server: EmbeddedPostgres) -> None:
    program = f"from mm_pipeline.db.embedded import EmbeddedPostgres as E; print(E({str(server.folder)!r}).start())"
    both = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=60)[0].strip() for process in both]
    assert said == [server.url("postgres")] * 2


def test_further_lines_of_its_configuration_hold(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "pg", conf={"fsync": "off", "cluster_name": "baker's"})
    try:
        assert _ask(server.start(), "SHOW fsync") == "off"
        assert _ask(server.start(), "SHOW cluster_name") == "baker's"
    finally:
        server.stop()


def test_a_relative_folder_is_the_callers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    server = EmbeddedPostgres(Path("here"))
    try:
        server.start()
        assert (tmp_path / "here" / "data" / "PG_VERSION").exists()
    finally:
        server.stop()


def test_the_address_before_the_first_start_is_a_sentence(server: EmbeddedPostgres) -> None:
    with pytest.raises(AbortRun, match=r"There is no PostgreSQL in .*: start it first"):
        server.url("postgres")


def test_a_stopped_server_is_a_sentence_without_the_password(server: EmbeddedPostgres) -> None:
    password = (server.start().split(":")[2]).split("@")[0]
    server.stop()
    with pytest.raises(AbortRun, match="is not to be reached") as refused:
        server.create_database("bread")
    assert password not in str(refused.value)


def test_programs_that_are_not_there_are_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(AbortRun, match=r"initdb|made in"):
        EmbeddedPostgres(tmp_path / "pg", bin_dir=tmp_path / "nothing").start()


def test_a_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AbortRun, match="cannot be used"):
        EmbeddedPostgres(tmp_path / "file" / "pg").start()


def test_what_postgresql_objects_to_is_told(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    (server.folder / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(AbortRun, match=r"does not start \(.*incompatible"):
        server.start()


def test_stopping_what_never_ran_is_nothing(server: EmbeddedPostgres) -> None:
    server.stop()
    assert not server.folder.exists()


@as_root
def test_root_without_user_namespaces_runs_it_as_nobody(
    server: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.start()
    _keep_a_row(url)
    server.stop()
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("setpriv", "true"):
        (programs / name).symlink_to(str(shutil.which(name)))
    with monkeypatch.context() as poorer:
        poorer.setenv("PATH", str(programs))
        assert server.start() == url
        assert psutil.Process(_postmaster(server)).uids().real == 65534
        assert _ask(url, "SELECT name FROM bread") == "rye"
        server.stop()
        assert _ask(EmbeddedPostgres(tmp_path / "new").start(), "SELECT 1") == 1
        EmbeddedPostgres(tmp_path / "new").stop()
    assert server.start() == url
    assert psutil.Process(_postmaster(server)).uids().real == 0


@as_root
def test_root_without_any_way_to_be_somebody_else_says_so(
    server: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AbortRun, match="does not run as root"):
        server.start()


@as_root
def test_a_user_whom_the_machine_does_not_know_by_name_runs_it_too() -> None:
    program = (
        "import encodings.idna, os, sys; from pathlib import Path; from mm_pipeline.db.embedded import EmbeddedPostgres\n"
        "os.setgid(4321); os.setuid(4321)\n"  # after the imports (idna is one that Python makes late): he may not enter its folders
        "server = EmbeddedPostgres(Path(sys.argv[1]) / 'state', bin_dir=Path(sys.argv[2]))\n"
        "server.start(); print(server.running()); server.stop(); print(server.running())\n"
    )
    with TemporaryDirectory() as folder:  # not tmp_path, which he may not enter either
        installed = bin_dir().parent.parent
        for name in (installed.name, f"{installed.name}.libs"):
            shutil.copytree(installed.with_name(name), Path(folder) / name, symlinks=True)
        os.chmod(folder, 0o755)
        (Path(folder) / "state").mkdir()
        os.chown(Path(folder) / "state", 4321, 4321)
        programs = str(Path(folder) / bin_dir().relative_to(installed.parent))
        command = [sys.executable, "-c", program, folder, programs]
        said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.stdout.splitlines() == ["True", "False"], said.stderr


@as_root
def test_root_does_not_take_over_somebody_elses_server(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    os.chown(server.folder / "data", 4321, 4321)
    with pytest.raises(AbortRun, match="belongs to user 4321"):
        server.start()


def test_a_free_port_can_be_listened_on() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as listening:
        assert listening.getsockname()[1] > 1024
