"""Our plugin on a server: brings it there, takes it away, says how it is. Sends nothing through it."""

import time
from pathlib import Path

from mm_pipeline.errors import AbortRun, PipelineError
from mm_pipeline.http import ApiError, Http
from mm_pipeline.mattermost.importer import PLUGIN_ID, Hello, Importer
from mm_pipeline.mattermost.rest import Rest

#: What `make plugin` writes.
BUNDLE = Path(__file__).parents[2] / "plugin" / "dist" / f"{PLUGIN_ID}.tar.gz"
#: From enabling a plugin until it answers.
_UP_S = 60.0
_ASK_EVERY_S = 0.2
#: As plugin/statements/stored_drop.sql has it.
DROP_STORED = (
    "DROP TABLE IF EXISTS mm_pipeline_posts, mm_pipeline_files, mm_pipeline_accounts, mm_pipeline_channels, mm_pipeline_turns; "
    "DROP FUNCTION IF EXISTS mm_pipeline_together"
)
_LEFT_BEHIND = (
    "its own tables stay in the server's database and do no harm. Where the plugin runs, `mm-pipeline plugin install` and "
    f"`remove` take them away; else the database's administrator does, with `{DROP_STORED};`"
)


class ServerPlugin:
    """The plugin on one server, installed or not."""

    def __init__(self, url: str, token: str) -> None:
        self._rest = Rest(Http(f"{url.rstrip('/').removesuffix('/api/v4')}/api/v4", token))
        self._importer = Importer(url, token)

    def install(self, bundle: Path) -> Hello:
        """Upload the bundle, in the place of an older one, and switch it on. Returns what it says.

        Raises AbortRun: no bundle, a server that takes no plugins, or one that it does not come up on.
        """
        if not bundle.is_file():
            raise AbortRun(f"There is no bundle at {bundle}: run `make plugin`, or name one with --bundle.")
        self._require_uploads()
        try:
            self._rest.http.multipart("/plugins", {"force": "true"}, {"plugin": (bundle.name, bundle.read_bytes())})
            self._rest.http.post(f"/plugins/{PLUGIN_ID}/enable", idempotent=True)
        except ApiError as refused:
            raise AbortRun(f"The server does not take the plugin: {refused}") from refused
        return self._once_up()

    def _once_up(self) -> Hello:
        """Wait until the plugin answers. The token is good, or the server had not taken the plugin: what else is said
        meanwhile comes from a process that goes, or from one that is not there yet.
        """
        until, said = time.monotonic() + _UP_S, "the server knows none that runs"
        while time.monotonic() < until:
            try:
                if hello := self._importer.hello():
                    return hello
            except PipelineError as not_yet:
                said = str(not_yet)
            time.sleep(_ASK_EVERY_S)
        raise AbortRun(
            f"The server took the plugin, and it does not come up within {_UP_S:.0f} s: the server's log says why "
            f"(its machine may be neither linux-amd64 nor linux-arm64). Last heard: {said}"
        )

    def remove(self) -> str:
        """Take the plugin away with all that it has stored for itself, or, where it cannot run, without. What it brought stays.

        Returns what became of it.
        """
        if not self._version():
            return (
                f"The server has no plugin of ours. If there was one, and it was taken away otherwise: {_LEFT_BEHIND}"
            )
        stays = ""
        try:
            # Only the plugin itself can drop its tables.
            self._rest.http.post(f"/plugins/{PLUGIN_ID}/enable", idempotent=True)
            self._once_up()
            self._importer.remove_stored()
        except PipelineError as refused:
            stays = str(refused)
        self._rest.http.delete(f"/plugins/{PLUGIN_ID}")
        return (
            f"The plugin is gone, and could not clear up before ({stays}): {_LEFT_BEHIND}"
            if stays
            else "The plugin is gone."
        )

    def status(self) -> str:
        """Return a sentence: whether it is there, which version, and whether it may write."""
        version = self._version()
        if not version:
            return "The server has no plugin of ours."
        hello = self._importer.hello()
        if hello is None:
            return (
                f"The plugin {version} is installed, and switched off or broken: `mm-pipeline plugin install` mends it."
            )
        if hello.objections:
            return "\n".join([f"The plugin {version} runs, and writes nothing here.", *hello.objections])
        return f"The plugin {version} runs and may write (API {hello.api}, columns {hello.fingerprint})."

    def is_on(self) -> bool:
        """Whether the server has the plugin and is to run it, be it up by now or not."""
        settings = self._rest.config()["PluginSettings"]
        is_wanted = settings["Enable"] and settings["PluginStates"].get(PLUGIN_ID, {}).get("Enable")
        return bool(is_wanted and self._version())

    def _version(self) -> str:
        installed = self._rest.http.get("/plugins")
        found = [one for state in ("active", "inactive") for one in installed[state] if one["id"] == PLUGIN_ID]
        return str(found[0]["version"]) if found else ""

    def _require_uploads(self) -> None:
        settings = self._rest.config()["PluginSettings"]
        if not settings["Enable"]:
            raise AbortRun("PluginSettings.Enable is off: switch it on (System Console > Plugins), then try again.")
        if not settings["EnableUploads"]:
            raise AbortRun(
                "PluginSettings.EnableUploads is off, and no API switches it on: set it to true in the server's config.json, "
                "or MM_PLUGINSETTINGS_ENABLEUPLOADS=true in its environment, restart the server, then try again."
            )
        if settings.get("RequirePluginSignature"):
            raise AbortRun(
                "PluginSettings.RequirePluginSignature is on, and this plugin has no signature: switch it off in the server's "
                "config.json for the time of the migration, then try again."
            )
