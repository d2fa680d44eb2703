"""`dagster dev` as an administrator starts it, spoken to as its UI does: GraphQL. Imports nothing of mm_pipeline."""

import contextlib
import functools
import http.client
import json
import os
import signal
import subprocess
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from mm_pipeline_tests.end_to_end.migrated import ROOT, Pipeline

JOB = "slack_to_mattermost"
_AT_WORK = ("QUEUED", "NOT_STARTED", "STARTING", "STARTED", "MANAGED", "CANCELING")
_CODE = {"repositoryLocationName": "mm_pipeline", "repositoryName": "__repository__"}
_LAUNCH = """mutation ($p: ExecutionParams!) {
  launchRun(executionParams: $p) { __typename ... on LaunchRunSuccess { run { runId } } } }"""
_RUN = """query ($id: ID!) { runOrError(runId: $id) { ... on Run { status eventConnection { events { __typename
  ... on MessageEvent { message stepKey level }
  ... on ExecutionStepFailureEvent { error { message cause { message } } failureMetadata { description } }
  ... on MaterializationEvent { assetKey { path } metadataEntries { __typename label
      ... on TableMetadataEntry { table { records schema { columns { name } } } }
      ... on IntMetadataEntry { intValue } ... on BoolMetadataEntry { boolValue } } } } } } } }"""
_RUNS = "{ runsOrError { ... on Runs { results { runId jobName status } } } }"
_DRY_RUN = """mutation ($s: ScheduleSelector!, $t: Float!) { scheduleDryRun(selectorData: $s, timestamp: $t) { __typename
  ... on PythonError { message }
  ... on DryRunInstigationTick { evaluationResult { skipReason error { message cause { message } }
      runRequests { runKey } } } } }"""
_START_SENSOR = """mutation ($s: SensorSelector!) { startSensor(sensorSelector: $s) { __typename } }"""
_SENSOR = """query ($s: SensorSelector!) { sensorOrError(sensorSelector: $s) { ... on Sensor { sensorState { status
  ticks { status skipReason runIds error { message cause { message } } } } } } }"""
_SETTINGS = """query ($r: RepositorySelector!) {
  runsOrError { ... on Runs { results { runConfigYaml tags { key value } } } }
  allTopLevelResourceDetailsOrError(repositorySelector: $r) { ... on ResourceDetailsList { results {
    name configuredValues { key value type } } } } }"""
_AUTOMATION = """{ repositoriesOrError { ... on RepositoryConnection { nodes {
  sensors { name sensorState { status } } schedules { name scheduleState { status } } } } } }"""


class DagsterRun:
    """A run that has ended: its status and what its event log holds."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.status: str = told["status"]
        self._events: list[dict[str, Any]] = told["eventConnection"]["events"]

    @property
    def assets(self) -> set[str]:
        """The assets that were materialized."""
        return {event["assetKey"]["path"][-1] for event in self._events if event.get("assetKey")}

    def metadata(self, asset: str) -> dict[str, Any]:
        """Return label -> value of an asset's newest materialization; tables as lists of records."""
        return self.partitions(asset)[-1]

    def partitions(self, asset: str) -> list[dict[str, Any]]:
        """Return label -> value of each of an asset's materializations: there is one for each of its partitions."""
        of_asset = [one for one in self._events if one.get("assetKey") and one["assetKey"]["path"] == [asset]]
        return [{entry["label"]: _value(entry) for entry in one["metadataEntries"]} for one in of_asset]

    @property
    def messages(self) -> list[str]:
        """Everything that was logged."""
        return [event["message"] for event in self._events if event.get("message")]

    @property
    def failures(self) -> str:
        """What the failed steps say."""
        return json.dumps([event for event in self._events if event["__typename"] == "ExecutionStepFailureEvent"])


class DagsterDev:
    """Webserver and daemon."""

    def __init__(self, port: int) -> None:
        self._port = port

    def ask(self, query: str, **variables: Any) -> Any:
        """Send a GraphQL query; returns its data."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        body = json.dumps({"query": query, "variables": variables})
        connection.request("POST", "/graphql", body, {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def serves(self) -> bool:
        """Whether it answers and has loaded the project."""
        try:
            return bool(self.ask(_AUTOMATION)["repositoriesOrError"]["nodes"])
        except (OSError, http.client.HTTPException, KeyError, ValueError, AssertionError):
            return False

    def page(self) -> str:
        """Return the page that a browser gets first."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        connection.request("GET", "/")
        return connection.getresponse().read().decode()

    def shown(self) -> str:
        """Return what the UI shows of settings: those of the resources, and those that each run began with."""
        return json.dumps(self.ask(_SETTINGS, r=_CODE))

    def listens_on(self) -> set[str]:
        """Return the addresses that the web server listens on, as Linux writes them."""
        tables = [Path(f"/proc/net/{table}").read_text().splitlines()[1:] for table in ("tcp", "tcp6")]
        sockets = [line.split() for table in tables for line in table]
        ours = [local for _, local, _, state, *_ in sockets if state == "0A" and local.endswith(f":{self._port:04X}")]
        return {local.partition(":")[0] for local in ours}

    def launch(self, *assets: str, partition: str = "", executor: str = "") -> str:
        """Launch assets alone, or the whole job if none is named; `executor` is chosen as in the launchpad. Returns the run's id."""
        selector: dict[str, Any] = {**_CODE, "jobName": "__ASSET_JOB" if assets else JOB}
        if assets:
            selector["assetSelection"] = [{"path": [asset]} for asset in assets]
        tags = [{"key": "dagster/partition", "value": partition}] if partition else []
        config = {"execution": {"config": {executor: {}}}} if executor else {}
        told = self.ask(
            _LAUNCH,
            p={"selector": selector, "runConfigData": config, "mode": "default", "executionMetadata": {"tags": tags}},
        )["launchRun"]
        assert told["__typename"] == "LaunchRunSuccess", told
        return str(told["run"]["runId"])

    def ended(self, run_id: str, timeout_s: int = 600) -> DagsterRun:
        """Wait for a run's end."""
        until = time.monotonic() + timeout_s
        while (told := self.ask(_RUN, id=run_id)["runOrError"])["status"] in _AT_WORK:
            assert time.monotonic() < until, told["status"]
            time.sleep(1)
        return DagsterRun(told)

    def runs(self, job: str = JOB) -> list[str]:
        """Return the ids of all runs of a job, newest first."""
        return [run["runId"] for run in self.ask(_RUNS)["runsOrError"]["results"] if run["jobName"] == job]

    def automation(self) -> dict[str, str]:
        """Return sensor or schedule -> RUNNING or STOPPED."""
        node = self.ask(_AUTOMATION)["repositoriesOrError"]["nodes"][0]
        return {one["name"]: one["sensorState"]["status"] for one in node["sensors"]} | {
            one["name"]: one["scheduleState"]["status"] for one in node["schedules"]
        }

    def evaluate_schedule(self, name: str) -> dict[str, Any]:
        """Have the code server evaluate a schedule as the UI's "Test schedule" does."""
        told = self.ask(_DRY_RUN, s={**_CODE, "scheduleName": name}, t=time.time())["scheduleDryRun"]
        assert told["__typename"] == "DryRunInstigationTick", told
        result: dict[str, Any] = told["evaluationResult"]
        return result

    def start_sensor(self, name: str) -> None:
        """Switch a sensor on."""
        self.ask(_START_SENSOR, s={**_CODE, "sensorName": name})

    def ticks(self, name: str) -> list[dict[str, Any]]:
        """Return what a sensor's ticks came to, newest first."""
        told = self.ask(_SENSOR, s={**_CODE, "sensorName": name})["sensorOrError"]
        ticks: list[dict[str, Any]] = told["sensorState"]["ticks"]
        return ticks

    def ticks_that_say(self, name: str, words: str, least: int = 1, timeout_s: int = 240) -> list[dict[str, Any]]:
        """Wait until so many ticks of a sensor skip or fail with these words; return them, newest first."""
        until = time.monotonic() + timeout_s
        while len(found := [tick for tick in self.ticks(name) if words in told_by(tick)]) < least:
            assert time.monotonic() < until, self.ticks(name)
            time.sleep(1)
        return found

    def run_after(self, before: Collection[str], timeout_s: int = 240) -> str:
        """Wait until the job has a run beyond those; return its id."""
        until = time.monotonic() + timeout_s
        while not (started := [run_id for run_id in self.runs() if run_id not in before]):
            assert time.monotonic() < until
            time.sleep(1)
        assert len(started) == 1
        return started[0]


def told_by(tick: Mapping[str, Any]) -> str:
    """Return what a tick says: why it skips, or what went wrong."""
    return json.dumps(tick["error"]) if tick.get("error") else str(tick["skipReason"])


@contextlib.contextmanager
def dagster_dev(run: Pipeline, port: int, log: Path) -> Iterator[DagsterDev]:
    """Start `dagster dev` in the environment that `mm-pipeline up` prints; at the end the whole process group ends."""
    environment = {**run.environment, **printed_environment(run)}
    with log.open("w") as out:
        process = subprocess.Popen(
            run.command("dagster", "dev", "-p", str(port)),
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        dev, until = DagsterDev(port), time.monotonic() + 120
        while not dev.serves():
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < until, log.read_text()[-2000:]
            time.sleep(0.5)
        yield dev
    finally:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)


@functools.cache
def printed_environment(run: Pipeline) -> Mapping[str, str]:
    """Return what `eval "$(mm-pipeline up)"` sets, as a shell understands it."""
    told = subprocess.run(
        ["bash", "-c", 'eval "$("$0" up)" && env -0', run.command("mm-pipeline")[0]],
        env=run.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = dict(line.split("=", 1) for line in told.stdout.split("\0") if "=" in line)
    return {name: value for name, value in found.items() if run.environment.get(name) != value}


def _value(entry: Mapping[str, Any]) -> Any:
    if entry["__typename"] == "TableMetadataEntry":
        return [json.loads(record) for record in entry["table"]["records"]]
    return next((entry[name] for name in ("intValue", "boolValue") if name in entry), None)
