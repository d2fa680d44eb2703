"""Composition root: assets, checks, job, sensor, schedule, resources. The only place that names environment variables."""

import atexit
import gc
import os
import re
import warnings
from collections.abc import Callable
from typing import Any

import dagster as dg

# BackfillPolicy is beta in 1.13; proved in facts, pinned in pyproject.
warnings.filterwarnings("ignore", category=dg.BetaWarning)

from mm_pipeline.assets.chain import chain  # noqa: E402  # after the filter: building assets warns
from mm_pipeline.assets.checks import CHECKS  # noqa: E402
from mm_pipeline.assets.preflight_check import preflight_check  # noqa: E402
from mm_pipeline.automation import new_work, preflight_job, retry_failed_rows, whole_road  # noqa: E402
from mm_pipeline.executor import executor  # noqa: E402
from mm_pipeline.memory import share_arenas  # noqa: E402
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource  # noqa: E402

#: Every setting: environment variable -> default. README's table is held to it by a test.
SETTINGS: dict[str, str] = {
    "MM_URL": "",
    "MM_TOKEN": "",
    "MM_TEAM": "",
    "MM_TRANSPORT": "stock",
    "MM_ARCHIVE_MAX_BYTES": "0",
    "EXPORT_WORKERS": "5",
    "SLACK_EXPORT": "",
    "SLACK_INBOX": "",
    "SLACK_FILES": "",
    "SLACK_TOKEN": "",
    "SLACK_WORKSPACE": "",
    "SLACK_API_URL": "",
    "MM_PIPELINE_FILE_HOSTS": "",
    "MM_PIPELINE_STATE": "~/.mm_pipeline",
    "MM_PIPELINE_DATABASE": "",
    "MM_MATCH": "email",
    "MM_EMAIL_DOMAIN": "slack.invalid",
    "MM_GENERAL": "",
    "MM_UNKNOWN_CHANNELS": "private",
    "MM_AUTH_SERVICE": "",
    "MM_AUTH_DATA": "",
    "MM_KEEP_ADMINS": "",
    "MM_ALLOW_OVER_LIMIT": "",
    "MM_ONLY_CHANNELS": "",
    "MM_SKIP_CHANNELS": "",
    "MM_ONLY_PEOPLE": "",
    "MM_SKIP_PEOPLE": "",
    "MM_SINCE": "",
    "MM_UNTIL": "",
    "MM_WITHOUT": "",
}

#: More threads than this only wait for each other.
_MOST_WORKERS = 64


def _setting(name: str) -> str:
    # An unset EnvVar fails a run with a traceback even where the field has a default; we say ourselves what is missing.
    return dg.EnvVar(name) if os.environ.get(name) else SETTINGS[name]


def value(name: str) -> str:
    """Return what a setting is at this moment."""
    return os.environ.get(name) or SETTINGS[name]


def _number(name: str) -> int:
    text = value(name)
    if not re.fullmatch(r"[0-9]{1,18}", text):  # isdigit() also takes ², which int() does not
        raise dg.DagsterInvalidDefinitionError(f"{name}={text} is no whole number.")
    return int(text)


def export_workers() -> int:
    """Return how many workers share the work (EXPORT_WORKERS), 1 to 64."""
    workers = _number("EXPORT_WORKERS")
    if not 1 <= workers <= _MOST_WORKERS:
        raise dg.DagsterInvalidDefinitionError(f"EXPORT_WORKERS={workers}: say 1 to {_MOST_WORKERS}.")
    return workers


def resources(setting: Callable[[str], str] = _setting) -> dict[str, Any]:
    """Return the resources as the environment sets them. Secrets stay names of variables until a run begins (`value`: they do not)."""
    return {
        "mm": MMResource(
            url=setting("MM_URL"),
            token=setting("MM_TOKEN"),
            team=setting("MM_TEAM"),
            transport=setting("MM_TRANSPORT"),
            archive_max_bytes=_number("MM_ARCHIVE_MAX_BYTES"),
        ),
        "postgres": PostgresResource(url=setting("MM_PIPELINE_DATABASE"), state=setting("MM_PIPELINE_STATE")),
        "slack": SlackResource(
            export=setting("SLACK_EXPORT"),
            inbox=setting("SLACK_INBOX"),
            downloads=setting("SLACK_FILES"),
            token=setting("SLACK_TOKEN"),
            workspace=setting("SLACK_WORKSPACE"),
            file_hosts=setting("MM_PIPELINE_FILE_HOSTS"),
            api_url=setting("SLACK_API_URL"),
        ),
        "plan_choices": PlanResource(
            match=setting("MM_MATCH"),
            email_domain=setting("MM_EMAIL_DOMAIN"),
            general=setting("MM_GENERAL"),
            unknown_channels=setting("MM_UNKNOWN_CHANNELS"),
            auth_service=setting("MM_AUTH_SERVICE"),
            auth_data=setting("MM_AUTH_DATA"),
            keep_admins=setting("MM_KEEP_ADMINS"),
            allow_over_limit=setting("MM_ALLOW_OVER_LIMIT"),
            only_channels=setting("MM_ONLY_CHANNELS"),
            skip_channels=setting("MM_SKIP_CHANNELS"),
            only_people=setting("MM_ONLY_PEOPLE"),
            skip_people=setting("MM_SKIP_PEOPLE"),
            since=setting("MM_SINCE"),
            until=setting("MM_UNTIL"),
            without=setting("MM_WITHOUT"),
        ),
    }


share_arenas()
# When a process ends, Python looks through all that was loaded for cycles: 0.7 s of CPU, for memory that is free a moment later.
atexit.register(gc.freeze)

defs = dg.Definitions(
    assets=chain(export_workers()),
    asset_checks=[preflight_check, *CHECKS],
    jobs=[whole_road(export_workers()), preflight_job()],
    sensors=[new_work],
    schedules=[retry_failed_rows],
    resources=resources(),
    executor=executor,
)
