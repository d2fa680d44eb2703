"""A pipeline seen from outside while it runs: its rows, the step it is in, what the server makes of its import job. Ends nothing."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg

from mm_pipeline.db.embedded import EmbeddedPostgres
from mm_pipeline.errors import AbortRun
from mm_pipeline_tests.end_to_end.migrated import JOB, Pipeline
from mm_pipeline_tests.end_to_end.own_server import OwnServer

STEPS = ("slack_export", "plan", "user", "custom_emoji", "attachment", "channel", "message", "reaction", "finish")

_SCHEMA = "SELECT 1 FROM pg_tables WHERE tablename = 'schema_migrations'"
_LAST_STEP = "SELECT max(id) FROM steps"
_STEP = "SELECT step FROM steps WHERE id > {last} ORDER BY id DESC LIMIT 1"
_OPEN_JOB = "SELECT job_id FROM import_jobs WHERE ended_at IS NULL ORDER BY id DESC LIMIT 1"


class Watched:
    """One pipeline into one server of its own. `log`: where its output goes, if anybody wants it."""

    def __init__(self, run: Pipeline, server: OwnServer, log: Path | None = None) -> None:
        self.run = run
        self.server = server
        self.state = Path(run.environment["MM_PIPELINE_STATE"])
        self.postgres = EmbeddedPostgres(self.state / "postgres")
        self.log = log or Path(os.devnull)
        self._last_step = 0

    @property
    def transport(self) -> str:
        """How it sends: stock or plugin."""
        return self.run.environment.get("MM_TRANSPORT", "stock")

    @property
    def database_url(self) -> str:
        """The pipeline's own database. Raises AbortRun before there is one."""
        return self.run.environment.get("MM_PIPELINE_DATABASE") or self.postgres.url("mm_pipeline")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the pipeline's own database."""
        with psycopg.connect(self.database_url, connect_timeout=2) as connection:
            return connection.execute(query.encode()).fetchall()

    def value(self, query: str) -> Any:
        """Return the first thing that the pipeline's database answers, None where it is not there yet, or not that table."""
        try:
            found = self.rows(query)
        except (OSError, AbortRun, psycopg.Error):
            return None
        return found[0][0] if found else None

    def expect_run(self) -> None:
        """Take note that a run begins: what steps there are now are of earlier ones."""
        self._last_step = self.value(_LAST_STEP) or 0

    def start_job(self, **settings: str) -> "subprocess.Popen[bytes]":
        """Start the whole job beside its state: Dagster leaves a folder where it is killed."""
        self.expect_run()
        with self.log.open("ab") as output:
            return subprocess.Popen(
                self.run.command(*JOB),
                cwd=self.state.parent,
                env=self.run.environment | settings,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def has_schema(self) -> bool:
        """Whether staging can have begun."""
        return bool(self.value(_SCHEMA))

    def step(self) -> str:
        """Return the step that the run which was started last is in; "" where it is in none yet."""
        return str(self.value(_STEP.format(last=self._last_step)) or "")

    def is_staging(self) -> bool:
        """Whether the run that was started last has not got beyond reading the export."""
        return self.step() in ("", STEPS[0])

    def kill_postgres(self) -> None:
        """End the pipeline's database as a power cut does."""
        pid = int((self.postgres.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)
        while self.postgres.running():
            time.sleep(0.05)

    def staged_exports(self) -> int:
        """Return how many exports are staged for good."""
        return int(self.value("SELECT count(*) FROM staged_exports") or 0)

    def job(self) -> str:
        """Return the state on the server of the import job whose end the pipeline has not seen."""
        if (job_id := self.value(_OPEN_JOB)) is None:
            return ""
        found = self.server.rows("SELECT status FROM jobs WHERE id = %s", job_id)
        return str(found[0][0]) if found else ""
