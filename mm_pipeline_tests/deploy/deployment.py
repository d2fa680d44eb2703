"""The files of deploy/ as tests read them. Runs nothing."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import yaml

from mm_pipeline_tests.structure.node_ids import ROOT

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
VALUES: dict[str, Any] = yaml.safe_load((DEPLOY / "kubernetes" / "values.yaml").read_text(encoding="utf-8"))
DAGSTER: dict[str, Any] = yaml.safe_load((DEPLOY / "dagster.yaml").read_text(encoding="utf-8"))
WORKSPACE: dict[str, Any] = yaml.safe_load((DEPLOY / "workspace.yaml").read_text(encoding="utf-8"))
#: Name -> value of env.example.
ENV_EXAMPLE = dict(re.findall(r"^([A-Z_]+)=(.*)$", (DEPLOY / "env.example").read_text(encoding="utf-8"), re.MULTILINE))


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions and what stands behind each."""
    text = re.sub(r"^\s*#.*\n", "", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return re.findall(r"^([A-Z]+) (.*)$", re.sub(r"\\\n\s*", "", text), re.MULTILINE)


def image_environment() -> dict[str, str]:
    """Return the variables that the image sets."""
    settings = " ".join(rest for name, rest in instructions() if name == "ENV")
    return dict(word.split("=", 1) for word in shlex.split(settings))


def image_command(instruction: str) -> list[str]:
    """Return the command of CMD or HEALTHCHECK."""
    (rest,) = [rest for name, rest in instructions() if name == instruction]
    command: list[str] = yaml.safe_load(rest[rest.index("[") :])
    return command


def command(service: str) -> list[str]:
    """Return what a service of the compose file runs; the image's own command where it names none."""
    told: list[str] = COMPOSE["services"][service].get("command") or image_command("CMD")
    return told


def health_check(service: str) -> list[str]:
    """Return what tells whether a service is well, likewise."""
    told = COMPOSE["services"][service].get("healthcheck")
    return list(told["test"][1:]) if told else image_command("HEALTHCHECK")


def environment(service: str) -> dict[str, str]:
    """Return the variables that the compose file gives a service by name."""
    found: dict[str, str] = COMPOSE["services"][service].get("environment", {})
    return found


def mounts(service: str) -> Iterator[tuple[str, str]]:
    """Yield what a service mounts, and where."""
    for volume in COMPOSE["services"][service].get("volumes", []):
        what, where = re.fullmatch(r"(\$\{[^}]*\}|[^:]+):([^:]+)(?::ro)?", volume).groups()  # type: ignore[union-attr]
        yield what, where
