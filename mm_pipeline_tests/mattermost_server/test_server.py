"""The throw-away server: what it prints, what is on in it, what survives, what it leaves behind."""

import json
import os
import shlex
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import psycopg
import pytest

from mm_pipeline.db.embedded import EmbeddedPostgres, free_port
from mm_pipeline.errors import AbortRun
from mm_pipeline_tests.conftest import FreshMattermost
from mm_pipeline_tests.mattermost_server import __main__ as command
from mm_pipeline_tests.mattermost_server.__main__ import main
from mm_pipeline_tests.mattermost_server.binary import VERSIONS, built
from mm_pipeline_tests.mattermost_server.mail_sink import MailSink
from mm_pipeline_tests.mattermost_server.push_sink import PushSink
from mm_pipeline_tests.mattermost_server.rest import ask
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.mattermost_server.server import OFTEN_MS, MattermostServer

pytestmark = pytest.mark.server

_LINES = ["MM_URL", "MM_TOKEN", "MM_TEAM", "MM_DATABASE"]


@pytest.fixture
def state(session_state: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    folder = session_state / f"of {request.node.originalname}"
    yield folder
    MattermostServer(folder).stop(remove=True)


def _pid(state: Path) -> int:
    return int(json.loads((state / "server.json").read_bytes())["pid"])


def _until(true: Callable[[], object], seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.05)
    return bool(true())


def test_it_is_the_version_that_was_asked_for(mattermost: RunningServer) -> None:
    said = mattermost.call("GET", "/config/client?format=old")
    assert said["Version"].startswith(f"{mattermost.version}.")


def test_the_token_is_a_system_admins_and_the_team_is_there(mattermost: RunningServer) -> None:
    me = mattermost.call("GET", "/users/me")
    assert me["username"] == "sysadmin"
    assert "system_admin" in me["roles"].split()
    assert mattermost.call("GET", "/teams/name/migration")["type"] == "O"


def test_the_database_is_the_servers_own(mattermost: RunningServer) -> None:
    with psycopg.connect(mattermost.database_url) as connection:
        assert connection.execute("SELECT count(*) FROM users WHERE username = 'sysadmin'").fetchone() == (1,)


def test_what_migrations_need_is_on(mattermost: RunningServer) -> None:
    config = mattermost.call("GET", "/config")
    assert config["TeamSettings"]["MaxUsersPerTeam"] == 20000
    assert config["FileSettings"]["MaxFileSize"] == 100 * 1024 * 1024
    assert config["PluginSettings"]["EnableUploads"]
    for name in ("UserAccessTokens", "BotAccountCreation", "PostUsernameOverride", "PostIconOverride"):
        assert config["ServiceSettings"][f"Enable{name}"], name


def test_nothing_is_forced_by_the_environment_so_that_rest_can_change_it(mattermost: RunningServer) -> None:
    assert not mattermost.call("GET", "/config/environment")
    before = mattermost.call("GET", "/config")
    for section, key, other in (
        ("EmailSettings", "SendEmailNotifications", False),
        ("EmailSettings", "SendPushNotifications", False),
        ("ServiceSettings", "EnableBotAccountCreation", False),
        ("TeamSettings", "MaxUsersPerTeam", 7),
    ):
        assert before[section][key] != other
        mattermost.call("PUT", "/config/patch", {section: {key: other}})
        assert mattermost.call("GET", "/config")[section][key] == other
        mattermost.call("PUT", "/config/patch", {section: {key: before[section][key]}})


def test_it_talks_to_this_machine_alone(mattermost: RunningServer) -> None:
    port = int(mattermost.url.rpartition(":")[2])
    pids = {c.pid for c in psutil.net_connections("tcp") if c.laddr.port == port and c.status == psutil.CONN_LISTEN}
    connections = [c for pid in pids if pid for c in psutil.Process(pid).net_connections("inet")]
    assert connections
    assert {c.laddr.ip for c in connections} == {"127.0.0.1"}
    assert {c.raddr.ip for c in connections if c.raddr} == {"127.0.0.1"}


def test_each_test_has_a_team_of_its_own(mattermost: RunningServer, team: str) -> None:
    assert mattermost.call("GET", f"/teams/name/{team}")["name"] == team
    assert team != mattermost.create_team()


def test_the_sink_gets_the_mail_that_the_server_sends(mattermost: RunningServer, mail_sink: MailSink) -> None:
    mattermost.call("POST", "/users/password/reset/send", {"email": "sysadmin@example.com"})
    assert _until(lambda: mail_sink.to("sysadmin@example.com"))
    assert "Subject:" in mail_sink.to("sysadmin@example.com")[0].text


def test_the_sink_gets_the_push_that_the_server_sends(mattermost: RunningServer, push_sink: PushSink) -> None:
    name, password = f"miller{time.time_ns()}", "flour-and-Water-1"
    person = {"username": name, "email": f"{name}@example.com", "password": password}
    miller = mattermost.call("POST", "/users", person)
    device = {"login_id": name, "password": password, "device_id": "android_rn:a-phone"}
    assert ask(mattermost.url, "POST", "/users/login", device).status == 200
    admin = mattermost.call("GET", "/users/me")
    direct = mattermost.call("POST", "/channels/direct", [admin["id"], miller["id"]])
    mattermost.call("POST", "/posts", {"channel_id": direct["id"], "message": "the oven is hot"})
    assert _until(lambda: [push for push in push_sink.pushes if push["channel_id"] == direct["id"]])


def test_jobs_of_the_tests_do_not_wait(mattermost: RunningServer) -> None:
    wish = {"type": "import_process", "data": {"import_file": "none.zip"}}
    job = mattermost.call("POST", "/jobs", wish)["id"]
    assert _until(lambda: mattermost.call("GET", f"/jobs/{job}")["status"] == "error", seconds=5)


@pytest.fixture
def own_sink() -> Iterator[MailSink]:
    sink = MailSink()
    yield sink
    sink.close()


def test_a_new_server_has_written_to_nobody(fresh_mattermost: FreshMattermost, own_sink: MailSink) -> None:
    server = fresh_mattermost(
        "11.4",
        {
            "EmailSettings.SendEmailNotifications": True,
            "EmailSettings.SMTPServer": "127.0.0.1",
            "EmailSettings.SMTPPort": str(own_sink.port),
            "TeamSettings.MaxUsersPerTeam": 3,
        },
    )
    config = server.call("GET", "/config")
    assert config["EmailSettings"]["SendEmailNotifications"]
    assert config["TeamSettings"]["MaxUsersPerTeam"] == 3
    assert server.call("GET", "/users/stats")["total_users_count"] == 1
    assert own_sink.mails == []


@pytest.mark.parametrize("version", VERSIONS)
def test_the_command_prints_four_lines_and_the_same_ones_again_and_says_what_it_ends(
    version: str, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)  # from where the folder is told whole
    port = str(free_port())
    assert main(["start", "--version", version, "--state", str(state), "--port", port]) == 0
    first = capfd.readouterr().out
    assert [line.split("=")[0] for line in first.splitlines()] == _LINES
    assert first.startswith(f"MM_URL=http://127.0.0.1:{port}\n")
    assert psutil.Process(_pid(state)).environ()["LOOK_FOR_JOBS_EVERY_MS"] == "0", (
        "people's servers keep their own pace"
    )

    assert main(["start", "--version", version, "--state", str(state)]) == 0
    assert capfd.readouterr().out == first

    assert main(["stop", "--state", str(state)]) == 0
    ended = f"Mattermost and its database in {state} are ended; what is in it stays for the next start.\n"
    assert capfd.readouterr().out == ended
    assert main(["stop", "--state", str(state)]) == 0
    assert capfd.readouterr().out == f"No server runs in {state}.\n"
    assert not EmbeddedPostgres(state / "postgres").running()
    with pytest.raises(ConnectionRefusedError):
        ask(f"http://127.0.0.1:{port}", "GET", "/system/ping")

    assert main(["start", "--version", version, "--state", str(state)]) == 0
    assert capfd.readouterr().out == first
    token = first.splitlines()[1].partition("=")[2]
    assert ask(f"http://127.0.0.1:{port}", "GET", "/users/me", token=token).status == 200

    assert main(["stop", "--state", str(state), "--remove"]) == 0
    assert not state.exists()
    assert capfd.readouterr().out == f"Mattermost and its database in {state} are ended; all of it is removed.\n"


def test_a_shell_can_source_the_lines_and_the_server_outlives_it(state: Path) -> None:
    python, folder = shlex.quote(sys.executable), shlex.quote(str(state))
    script = (
        f'eval "$({python} -m mm_pipeline_tests.mattermost_server start --state {folder})" && echo "$MM_URL $MM_TEAM"'
    )
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=120, check=True).stdout
    url, team = said.split()
    assert team == "migration"
    assert ask(url, "GET", "/system/ping").status == 200


def test_what_was_killed_comes_back_as_it_was(state: Path) -> None:
    server = MattermostServer(state, "11.4")
    lines = server.start()
    os.kill(_pid(state), signal.SIGKILL)
    assert _until(lambda: not psutil.pid_exists(_pid(state)) or psutil.Process(_pid(state)).status() == "zombie")
    EmbeddedPostgres(state / "postgres").stop()
    assert server.start() == lines
    assert ask(lines["MM_URL"], "GET", "/users/me", token=lines["MM_TOKEN"]).status == 200


def test_what_was_changed_by_rest_stays_over_a_stop(state: Path) -> None:
    settings = {"TeamSettings.MaxChannelsPerTeam": 11}
    server = MattermostServer(state, "11.4", settings=settings, looks_for_jobs_every_ms=OFTEN_MS)
    running = RunningServer.from_lines("11.4", server.start(), server.state)
    running.call("PUT", "/config/patch", {"TeamSettings": {"MaxUsersPerTeam": 9}})
    server.stop()
    server.start()
    team = running.call("GET", "/config")["TeamSettings"]
    assert (team["MaxUsersPerTeam"], team["MaxChannelsPerTeam"]) == (9, 11)


def test_a_servers_state_is_its_owners_alone(state: Path) -> None:
    MattermostServer(state, "11.4").start()
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    for name in ("server.json", "config.json"):
        assert stat.S_IMODE((state / name).stat().st_mode) == 0o600


def test_where_its_port_was_taken_meanwhile_it_moves(state: Path) -> None:
    server = MattermostServer(state, "11.4", looks_for_jobs_every_ms=OFTEN_MS)
    url = server.start()["MM_URL"]
    server.stop()
    with socket.create_server(("127.0.0.1", int(url.rpartition(":")[2]))):
        lines = server.start()
    assert lines["MM_URL"] != url
    assert ask(lines["MM_URL"], "GET", "/users/me", token=lines["MM_TOKEN"]).status == 200


def test_where_the_databases_port_was_taken_meanwhile_the_server_follows_it(state: Path) -> None:
    server = MattermostServer(state, "11.4")
    before = server.start()
    EmbeddedPostgres(state / "postgres").stop()
    port = int((state / "postgres" / "port").read_text())
    with socket.create_server(("127.0.0.1", port)):
        after = server.start()
    assert after["MM_DATABASE"] != before["MM_DATABASE"]
    assert ask(after["MM_URL"], "GET", "/users/me", token=after["MM_TOKEN"]).status == 200


def test_a_port_that_was_asked_for_and_is_taken_is_a_sentence(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        assert main(["start", "--state", str(state), "--port", str(port)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines()[-1] == f"Port {port} is taken by another program: end that, or choose another port."


def test_a_folder_holds_one_version(state: Path) -> None:
    MattermostServer(state, "11.4").start()
    with pytest.raises(AbortRun, match=r"holds a Mattermost 11\.4"):
        MattermostServer(state, "9.9").start()


def test_a_running_server_does_not_move_to_another_port(state: Path) -> None:
    MattermostServer(state, "11.4").start()
    with pytest.raises(AbortRun, match="stop it before it moves"):
        MattermostServer(state, "11.4", free_port()).start()


def test_an_unknown_version_is_a_sentence(state: Path) -> None:
    with pytest.raises(AbortRun, match=r"no Mattermost 5\.0 here to build: say 11\.4 or 9\.9"):
        built("5.0")


def test_where_no_server_was_ever_started_stopping_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "_STATE", tmp_path)
    assert main(["stop"]) == 0
    assert capfd.readouterr().out == f"There is no server under {tmp_path}: nothing was ended.\n"


def test_stopping_and_removing_a_folder_that_is_no_server_leaves_it(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("recipe")
    assert main(["stop", "--state", str(tmp_path), "--remove"]) == 0
    assert (tmp_path / "precious").read_text() == "recipe"
