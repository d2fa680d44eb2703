"""The commands of compose.yaml and the runs of Kubernetes' waves, as plain processes on real parts. Runs no container."""

import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import yaml
from dagster_graphql import DagsterGraphQLClient
from psycopg.conninfo import conninfo_to_dict

from mm_pipeline.automation import JOB
from mm_pipeline.db.embedded import free_port
from mm_pipeline.model import EntityType
from mm_pipeline_tests.deploy.deployment import DAGSTER, DEPLOY, WORKSPACE, command, health_check, image_environment
from mm_pipeline_tests.end_to_end.dagster_dev import DagsterDev
from mm_pipeline_tests.end_to_end.migrated import BIN, Pipeline
from mm_pipeline_tests.end_to_end.small_export import garden, write
from mm_pipeline_tests.mattermost_server.running import RunningServer

WORKERS = 2
PARTITIONS = runpy.run_path(str(DEPLOY / "kubernetes" / "partitions.py"))


class Containers:
    """The services `code`, `web` and `daemon` as processes of this machine: ports and folders are other ones, nothing else."""

    def __init__(self, folder: Path, settings: dict[str, str], database: str) -> None:
        self._folder = folder
        self._ports = {"4000": str(free_port()), "3000": str(free_port()), "0.0.0.0": "127.0.0.1"}
        self.web_port = int(self._ports["3000"])
        (folder / "storage").mkdir(parents=True)
        (folder / "dagster.yaml").write_text(yaml.safe_dump(DAGSTER))
        workspace = yaml.safe_load(yaml.safe_dump(WORKSPACE))
        workspace["load_from"][0]["grpc_server"] |= {"host": "127.0.0.1", "port": int(self._ports["4000"])}
        (folder / "workspace.yaml").write_text(yaml.safe_dump(workspace))
        where = conninfo_to_dict(database)
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("MM_", "SLACK_", "DAGSTER_"))},
            **image_environment(),
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "DAGSTER_HOME": str(folder),
            "MM_PIPELINE_DAGSTER_HOST": str(where["host"]),
            "MM_PIPELINE_DAGSTER_PORT": str(where["port"]),
            "MM_PIPELINE_DAGSTER_USER": str(where["user"]),
            "MM_PIPELINE_DAGSTER_PASSWORD": str(where["password"]),
            "MM_PIPELINE_DAGSTER_DATABASE": str(where["dbname"]),
        }
        self._settings = {**settings, "MM_PIPELINE_DATABASE": database, "MM_PIPELINE_STATE": str(folder / "state")}

    @contextmanager
    def up(self) -> Iterator[DagsterDev]:
        """Start what depends on nothing of ours, and the others when that is healthy; end all."""
        with ExitStack() as ends:
            for wave in (["code"], ["web", "daemon"]):
                processes = {service: self._started(service, ends) for service in wave}
                for service, process in processes.items():
                    self._await(service, process)
            yield DagsterDev(self.web_port)

    def _started(self, service: str, ends: ExitStack) -> "subprocess.Popen[bytes]":
        log = ends.enter_context((self._folder / f"{service}.log").open("w"))
        process = subprocess.Popen(
            self._here(command(service)),
            cwd=self._folder,
            env=self._environment_of(service),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        ends.callback(_end, process)
        return process

    def _await(self, service: str, process: "subprocess.Popen[bytes]") -> None:
        """Wait until its health check is content."""
        until = time.monotonic() + 120
        while self._asked(service).returncode:
            assert process.poll() is None, (self._folder / f"{service}.log").read_text()[-2000:]
            assert time.monotonic() < until, (self._folder / f"{service}.log").read_text()[-2000:]
            time.sleep(1)

    def _asked(self, service: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            self._here(health_check(service)),
            cwd=self._folder,
            env=self._environment_of(service),
            capture_output=True,
            timeout=60,
            check=False,
        )

    def _environment_of(self, service: str) -> dict[str, str]:
        return self._environment | (self._settings if service == "code" else {})

    def _here(self, words: list[str]) -> list[str]:
        """A command with this machine's ports."""
        for there, here in self._ports.items():
            words = [
                word.replace(f":{there}/", f":{here}/") if "://" in word else here if word == there else word
                for word in words
            ]
        return words


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a service with all that it started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(15)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def test_a_migration_goes_through_the_services_and_partitions_have_runs_of_their_own(
    tmp_path: Path, mattermost_11_4: RunningServer, database: str
) -> None:
    team = mattermost_11_4.create_team()
    settings = {
        "MM_URL": mattermost_11_4.url,
        "MM_TOKEN": mattermost_11_4.token,
        "MM_TEAM": team,
        "SLACK_EXPORT": str(write(garden(), tmp_path / "export.zip")),
        "EXPORT_WORKERS": str(WORKERS),
    }
    services = Containers(tmp_path / "dagster", settings, database)
    with services.up() as ui:
        assert set(ui.automation().values()) == {"STOPPED"}
        whole = ui.ended(ui.launch())
        assert whole.status == "SUCCESS", whole.failures
        # What Kubernetes' waves launch, as they launch it; all of them would take a minute.
        client = DagsterGraphQLClient("127.0.0.1", port_number=services.web_port)
        launches = dict(PARTITIONS["waves"](WORKERS))["reaction"]
        alone = [ui.ended(client.submit_job_execution(**launch)) for launch in launches[:1]]
        assert [(run.status, run.assets) for run in alone] == [("SUCCESS", {"reaction"})]
    run = Pipeline(tmp_path / "state", None, mattermost_11_4, MM_PIPELINE_DATABASE=database, MM_TEAM=team)
    status = run.status()
    assert status["message"]["success"] == 40
    assert all(counts["failed"] == counts["pending"] == 0 for counts in status.values())


def test_the_waves_are_the_road() -> None:
    waves = list(PARTITIONS["waves"](8))
    road = [asset for _, launches in waves for asset in launches[0].get("asset_selection", [])]
    assert road == ["slack_export", "plan", *(entity_type.value for entity_type in EntityType)]
    assert [len(launches) for _, launches in waves] == [1, 8, 8, 8, 8, 8, 8, 1]
    assert [launch["tags"] for launch in waves[1][1]] == [{"dagster/partition": str(key)} for key in range(8)]
    assert waves[-1][1] == [{"job_name": JOB}]


@pytest.mark.parametrize("wave", ["plan", "user"])
def test_a_wave_that_does_not_go_well_is_the_last_and_says_so(wave: str) -> None:
    """A launcher that answers as told: what a run that fails looks like costs a migration otherwise."""
    spec = {"plan": ["FAILURE"], "user": ["SUCCESS", "SUCCESS", "CANCELED"]}[wave]
    script = (
        "import sys, runpy, dagster, dagster_graphql\n"
        f"statuses = {spec}\n"
        "class Client:\n"
        "    def __init__(self, *_, **__): self.asked = []\n"
        "    def submit_job_execution(self, **_): self.asked.append(1); return str(len(self.asked))\n"
        "    def get_run_status(self, run): return dagster.DagsterRunStatus(statuses[int(run) - 1])\n"
        "dagster_graphql.DagsterGraphQLClient = Client\n"
        f"sys.argv = ['partitions.py', '--workers', '2']\n"
        f"runpy.run_path({str(DEPLOY / 'kubernetes' / 'partitions.py')!r}, run_name='__main__')\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 1
    assert ended.stdout.splitlines()[-1].startswith(f"{wave}: ")
    assert "rest" not in ended.stdout
    assert "says why" in ended.stderr
