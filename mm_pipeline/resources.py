"""Dagster's resources: settings only. Nothing is connected, started or migrated by setting one up."""

import re
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import dagster as dg
from pydantic import ConfigDict, Field, PrivateAttr

from mm_pipeline.backend_logger import keep_secret, masked
from mm_pipeline.content.sources import SlackFiles
from mm_pipeline.db.advisory_lock import advisory_lock
from mm_pipeline.db.database import Database
from mm_pipeline.db.embedded import EmbeddedPostgres
from mm_pipeline.db.migrations import migrate
from mm_pipeline.errors import AbortRun
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.plugin import Plugin
from mm_pipeline.mattermost.remembered import Remembered
from mm_pipeline.mattermost.server_plugin import ServerPlugin
from mm_pipeline.mattermost.stock import Stock
from mm_pipeline.plan.choice import Choice
from mm_pipeline.plan.settings import PlanSettings, read_auth_table

_STRICT = ConfigDict(extra="forbid")  # Dagster drops unknown arguments silently otherwise
_TRANSPORTS: dict[str, type[Stock] | type[Plugin]] = {"stock": Stock, "plugin": Plugin}
#: SLACK_TOKEN=export: the tokens that the export's own links carry will do.
EXPORT_TOKENS = "export"
#: The embedded PostgreSQL serves one process with one large table. Room for 100,000 messages in its own memory (taken as
#: it is filled), and none to help a query that the run's other threads wait beside: 11 s of CPU there instead of 14.
_FOR_ONE_TABLE = {"shared_buffers": "256MB", "max_parallel_workers_per_gather": "0"}
#: Settings whose values nobody may read.
_SECRETS = ("MM_TOKEN", "SLACK_TOKEN")


class MMResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The Mattermost server that everything goes to."""

    model_config = _STRICT

    url: str = Field(default="", description="Base URL of the server (MM_URL).")
    token: str = Field(default="", description="Personal access token of a system admin (MM_TOKEN).")
    team: str = Field(default="", description="Name of the team; the only one if there is one (MM_TEAM).")
    transport: str = Field(default="stock", description="How the server is talked to (MM_TRANSPORT).")
    archive_max_bytes: int = Field(
        default=0, description="Largest import archive in bytes; 0 = what the server takes (MM_ARCHIVE_MAX_BYTES)."
    )

    _remembered: Remembered = PrivateAttr(default_factory=Remembered)

    def objections(self) -> list[str]:
        """Return one sentence for each setting without which no server can be reached."""
        faults = []
        if not self.url:
            faults.append(
                "MM_URL is not set: give the base URL of the Mattermost server, like https://chat.example.org."
            )
        elif fault := _fault_of_address(self.url):
            faults.append(fault)
        if not self.token:
            faults.append("MM_TOKEN is not set: give a personal access token of a system administrator of the server.")
        if not (self.token.isascii() and self.token.isprintable() and " " not in self.token):
            faults.append(
                "MM_TOKEN holds a sign that no token has (a space, a line break, a letter with an accent): copy it again."
            )
        if self.transport not in _TRANSPORTS:
            faults.append(f"MM_TRANSPORT={self.transport} is unknown: say {' or '.join(_TRANSPORTS)}.")
        return faults

    def connect(self, journal: Journal, work_folder: Path) -> MattermostAPI:
        """Return the seam to the server. Raises AbortRun with all objections to the settings."""
        if faults := self.objections():
            raise AbortRun("\n".join(faults))
        keep_secret(self.token)
        limit = self.archive_max_bytes or None
        transport = _TRANSPORTS[self.transport]
        return transport(
            self.url,
            self.token,
            self.team,
            journal,
            max_archive_bytes=limit,
            work_folder=work_folder,
            remembered=self._remembered,
        )

    def server_plugin(self) -> ServerPlugin:
        """Return the plugin on the server, installed or not. Raises AbortRun with all objections to the settings."""
        if faults := self.objections():
            raise AbortRun("\n".join(faults))
        keep_secret(self.token)
        return ServerPlugin(self.url, self.token)


class PostgresResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The PostgreSQL that holds the rows: one of your own, or an embedded one under the state folder."""

    model_config = _STRICT

    url: str = Field(default="", description="URL of a PostgreSQL database of one's own (MM_PIPELINE_DATABASE).")
    state: str = Field(description="Folder of the embedded database and the content store (MM_PIPELINE_STATE).")

    _shared: ExitStack = PrivateAttr(default_factory=ExitStack)

    @property
    def state_folder(self) -> Path:
        """The state folder: its owner's alone."""
        folder = Path(self.state).expanduser().resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        return folder

    @property
    def embedded(self) -> EmbeddedPostgres:
        """The embedded PostgreSQL, running or not."""
        return EmbeddedPostgres(self.state_folder / "postgres", conf=_FOR_ONE_TABLE)

    def database(self) -> Database:
        """Return the database, with the newest schema. Starts the embedded one if none runs; it is left running."""
        url = self.url
        if not url:
            embedded = self.embedded
            embedded.start()
            embedded.create_database("mm_pipeline")
            url = embedded.url("mm_pipeline")
        database = Database(url)
        with database.session() as connection:
            migrate(connection)
        return database

    def share_until_torn_down(self, database: Database, lock: str) -> None:
        """Share a named lock until Dagster tears this resource down: at the end of a run, or of a step that has its own process.

        Asked again it is taken anew, on another connection: PostgreSQL may have ended the one before.
        """
        before, self._shared = self._shared, ExitStack()
        connection = self._shared.enter_context(database.session())
        self._shared.enter_context(advisory_lock(connection, lock, shared=True))
        before.close()

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Let go of what steps have shared. Where none did, as for a sensor, there is nothing to do."""
        self._shared.close()


class SlackResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The Slack side: the export, and Slack itself for what the export only links to."""

    model_config = _STRICT

    export: str = Field(default="", description="The export, a zip or a folder (SLACK_EXPORT).")
    inbox: str = Field(default="", description="Folder that exports are put into (SLACK_INBOX).")
    downloads: str = Field(default="", description="Files and emoji that were downloaded before (SLACK_FILES).")
    token: str = Field(default="", description="Slack token for files, emoji and pictures of people (SLACK_TOKEN).")
    workspace: str = Field(default="", description="Name of the workspace in the table (SLACK_WORKSPACE).")
    file_hosts: str = Field(default="", description="Further hosts that files may come from (MM_PIPELINE_FILE_HOSTS).")
    api_url: str = Field(default="", description="Base URL of Slack's Web API (SLACK_API_URL).")

    @property
    def are_set(self) -> tuple[str, ...]:
        """Which of the settings are set that name where bytes are to be had beside the export."""
        places = {"SLACK_TOKEN": self.token, "SLACK_FILES": self.downloads}
        return tuple(name for name, value in places.items() if value)

    def files(self, export_tokens: tuple[str, ...]) -> SlackFiles | None:
        """Return what fetches bytes from Slack, or None where SLACK_TOKEN does not ask for it."""
        for token in (self.token, *export_tokens):
            keep_secret(token)
        if not self.token:
            return None
        hosts = tuple(host.strip() for host in self.file_hosts.split(",") if host.strip())
        own = "" if self.token == EXPORT_TOKENS else self.token
        return SlackFiles(own, export_tokens=export_tokens, further_hosts=hosts, api_url=self.api_url)


class PlanResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The choices behind the plan: who is who, what is called what, and what goes at all."""

    model_config = _STRICT

    match: str = Field(default="email", description="What makes two accounts one person (MM_MATCH).")
    email_domain: str = Field(
        default="slack.invalid", description="Domain of addresses that reach nobody (MM_EMAIL_DOMAIN)."
    )
    general: str = Field(default="", description="Channel that takes Slack's general in (MM_GENERAL).")
    unknown_channels: str = Field(
        default="private", description="Folders without an index entry (MM_UNKNOWN_CHANNELS)."
    )
    auth_service: str = Field(default="", description="Single sign-on service of new accounts (MM_AUTH_SERVICE).")
    auth_data: str = Field(default="", description="What the service knows people by (MM_AUTH_DATA).")
    keep_admins: str = Field(
        default="", description="1: Slack's owners and admins become system admins (MM_KEEP_ADMINS)."
    )
    allow_over_limit: str = Field(default="", description="1: go beyond the edition's limit (MM_ALLOW_OVER_LIMIT).")
    only_channels: str = Field(
        default="",
        description="Conversations that go: names, ids, proj-*, @public, @private, @direct (MM_ONLY_CHANNELS).",
    )
    skip_channels: str = Field(default="", description="Conversations that stay behind (MM_SKIP_CHANNELS).")
    only_people: str = Field(
        default="",
        description="People who go: names, e-mails, ids, *@example.org, @guests, @deactivated (MM_ONLY_PEOPLE).",
    )
    skip_people: str = Field(default="", description="People who stay behind (MM_SKIP_PEOPLE).")
    since: str = Field(default="", description="First day that goes, like 2024-01-31; UTC (MM_SINCE).")
    until: str = Field(default="", description="Last day that goes, like 2024-12-31; UTC (MM_UNTIL).")
    without: str = Field(
        default="", description="What stays behind: files, reactions, emoji, messages, direct (MM_WITHOUT)."
    )

    @property
    def choice(self) -> Choice:
        """What is chosen to go."""
        return Choice(**{name: getattr(self, name) for name in Choice.__struct_fields__})

    def settings(self, staged_at: int) -> PlanSettings:
        """Return the choices. staged_at: ms, the time of deactivation where Slack gives none.

        Raises AbortRun for a value that is none.
        """
        table = read_auth_table(Path(self.auth_data[4:])) if self.auth_data.startswith("csv:") else {}
        return PlanSettings(
            staged_at=staged_at,
            match=self.match,
            email_domain=self.email_domain,
            general=self.general,
            unknown_channels=self.unknown_channels,
            auth_service=self.auth_service,
            auth_data=self.auth_data,
            auth_table=table,
            keep_admins=_is_on("MM_KEEP_ADMINS", self.keep_admins),
            allow_over_limit=_is_on("MM_ALLOW_OVER_LIMIT", self.allow_over_limit),
        )


def _fault_of_address(url: str) -> str:
    """Return what is wrong with MM_URL as an address, "" where it is one; whether anybody is there only asking can tell."""
    if (
        "@" in url
    ):  # the value is not repeated: what stands before it is a password, and it would be wherever a URL is told
        return (
            "MM_URL holds a user name or a password (something before an @): leave them out. The token in MM_TOKEN is all "
            "that the server is given."
        )
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("https", "http") and bool(parts.hostname)
    except ValueError:
        is_address = False
    like = "it must begin with https:// or http://, like https://chat.example.org."
    return "" if is_address else f"MM_URL={url} is no address of a server: {like}"


def _is_on(name: str, value: str) -> bool:
    if value not in ("", "0", "1"):
        raise AbortRun(f"{name}={value}: say 1, or leave it out.")
    return value == "1"


def settings_told(*resources: dg.ConfigurableResource) -> dict[str, str]:  # type: ignore[type-arg]
    """Return the settings by their names in the environment; of a secret only that it is set."""
    told = {}
    for resource in resources:
        for field, about in type(resource).model_fields.items():
            for name in re.findall(r"\(((?:MM|SLACK)_[A-Z_]+)\)", about.description or ""):
                value = str(getattr(resource, field))
                is_secret = name in _SECRETS and value not in ("", EXPORT_TOKENS)
                told[name] = "set, and not shown" if is_secret else masked(value)
    return told
