"""deploy/: what its files name is there, in the code, in the package, or among themselves. Runs no container."""

import re
import subprocess
from importlib.metadata import entry_points

import yaml

from mm_pipeline import instance
from mm_pipeline.definitions import SETTINGS
from mm_pipeline_tests.deploy.deployment import (
    COMPOSE,
    DAGSTER,
    DEPLOY,
    ENV_EXAMPLE,
    VALUES,
    WORKSPACE,
    command,
    environment,
    health_check,
    image_command,
    image_environment,
    instructions,
    mounts,
)
from mm_pipeline_tests.structure.node_ids import ROOT
from mm_pipeline_tests.structure.pages import text_of

OURS = ("code", "web", "daemon")
PROGRAMS = {script.name for script in entry_points(group="console_scripts")}
PINNED = dict(re.findall(r"^([\w-]+)==([\w.]+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
#: What compose.yaml itself reads of .env.
OF_COMPOSE = {"POSTGRES_PASSWORD", "EXPORTS"}


def instance_variables() -> set[str]:
    """The variables from which dagster.yaml takes its values."""
    return {value["env"] for value in DAGSTER["storage"]["postgres"]["postgres_db"].values() if isinstance(value, dict)}


def test_the_instance_is_the_one_that_mm_pipeline_up_writes() -> None:
    assert yaml.safe_load(instance._YAML) == DAGSTER


def test_every_service_of_ours_is_told_where_dagsters_history_is() -> None:
    for service in OURS:
        assert environment(service).keys() >= instance_variables(), service
        assert environment(service)["MM_PIPELINE_DAGSTER_HOST"] in COMPOSE["services"]


def test_every_variable_is_one_that_something_reads() -> None:
    known = (
        SETTINGS.keys()
        | instance_variables()
        | {"DAGSTER_HOME", "DAGSTER_DISABLE_TELEMETRY", "PATH", "PYTHONUNBUFFERED"}
    )
    named = {name for service in OURS for name in environment(service)} | image_environment().keys()
    for deployment in VALUES["dagster-user-deployments"]["deployments"]:
        named |= deployment["env"].keys()
    assert named - known == set()
    assert ENV_EXAMPLE.keys() - SETTINGS.keys() == OF_COMPOSE
    used = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text()))
    assert used == OF_COMPOSE


def test_every_program_is_one_that_the_package_brings() -> None:
    commands = [(command(service), health_check(service)) for service in OURS]
    programs = {words[0] for pair in commands for words in pair}
    assert programs - PROGRAMS == {"python"}
    assert image_command("CMD")[-1] == "mm_pipeline.definitions"


def test_folders_fit_together() -> None:
    assert image_environment()["MM_PIPELINE_STATE"] in dict(mounts("code")).values()
    history = f"{image_environment()['DAGSTER_HOME']}/storage"
    assert all(history in dict(mounts(service)).values() for service in OURS)
    assert any(ENV_EXAMPLE["SLACK_EXPORT"].startswith(f"{where}/") for _, where in mounts("code"))
    (made,) = re.findall(r"install -d (.*)$", next(rest for name, rest in instructions() if "useradd" in rest))
    assert {"/state", history} <= set(made.split())
    named = {what for service in COMPOSE["services"] for what, _ in mounts(service) if not what.startswith("$")}
    assert named == COMPOSE["volumes"].keys()


def test_ports_fit_together() -> None:
    (server,) = (entry["grpc_server"] for entry in WORKSPACE["load_from"])
    assert server["host"] in COMPOSE["services"]
    for words in (command("code"), health_check("code")):
        assert words[words.index("-p") + 1] == str(server["port"])
    web = command("web")
    assert COMPOSE["services"]["web"]["ports"] == [f"127.0.0.1:{web[web.index('-p') + 1]}:3000"]
    assert "ports" not in COMPOSE["services"]["postgres"]
    assert "ports" not in COMPOSE["services"]["code"]


def test_what_the_image_copies_is_there_and_let_through() -> None:
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = [rest.split() for name, rest in instructions() if name == "COPY" and "--from" not in rest]
    sources = {word for words in copied for word in words[:-1] if not word.startswith("--")}
    assert {source for source in sources if not (ROOT / source).exists()} == set()
    assert sources == let_through


def test_the_image_holds_no_secret_and_runs_as_nobody_in_particular() -> None:
    users = [rest for name, rest in instructions() if name == "USER"]
    assert users == ["10001:10001"]
    assert [name for name, _ in instructions()].index("CMD") > [name for name, _ in instructions()].index("USER")
    text = (DEPLOY / "Dockerfile").read_text()
    assert not re.search(r"TOKEN|PASSWORD|SECRET", text)
    for service in OURS:
        assert COMPOSE["services"][service]["cap_drop"] == ["ALL"]


def test_secrets_are_empty_in_the_example_and_never_committed() -> None:
    assert {name for name, value in ENV_EXAMPLE.items() if re.search("TOKEN|PASSWORD", name) and value} == set()
    ignored = subprocess.run(["git", "check-ignore", "deploy/.env"], cwd=ROOT, capture_output=True, check=False)
    assert ignored.returncode == 0
    assert not re.search(r"(TOKEN|PASSWORD)\w*:\s*[\"']?\w{8,}", (DEPLOY / "kubernetes" / "values.yaml").read_text())


def test_versions_are_those_that_were_tried() -> None:
    images = [rest for name, rest in instructions() if name == "FROM"]
    assert images == ["python:${PYTHON}-slim-bookworm AS build", "python:${PYTHON}-slim-bookworm"]
    texts = [(DEPLOY / "kubernetes" / "values.yaml").read_text(), text_of(ROOT / "docs/how-to/containers.md")]
    for text in texts:
        assert set(re.findall(r"dagster-k8s==([\d.]+)", text)) == {PINNED["dagster-postgres"]}
        assert set(re.findall(r"(?:dagster/dagster |--version )(\d[\d.]+\d)", text)) == {PINNED["dagster"]}
