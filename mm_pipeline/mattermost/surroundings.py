"""What surrounds a server's imports: its health, what its environment fixes, its search, its limits on requests.

Looks only; what a look costs the server is what its own health check costs it.
"""

from collections.abc import Mapping
from typing import Any

from mm_pipeline.finding import Finding, ok, stop, warning
from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline.mattermost.search_index import SECTIONS
from mm_pipeline.mattermost.settings import NEEDED_FOR_A_MOMENT, fixed_by_environment

#: Bytes of the largest JSON that we send: a thousand ids of posts, with quotes and commas.
_LARGEST_JSON = 32_000


def look_around(rest: Rest) -> tuple[list[Finding], dict[str, Any]]:
    """Return a line for each thing that surrounds the imports, and those of our settings that the server's environment fixes.

    Raises AbortRun and ApiError as http.py says.
    """
    config = rest.config()
    findings = [
        _of_health(rest),
        _of_search(config, str(rest.http.get("/system/ping").get("ActiveSearchBackend", ""))),
        _of_rate_limit(config["RateLimitSettings"]),
        _of_payload(config["ServiceSettings"].get("MaximumPayloadSizeBytes")),
    ]
    return findings, fixed_by_environment(rest, config, NEEDED_FOR_A_MOMENT)


def _of_health(rest: Rest) -> Finding:
    """Mattermost writes into its database and its file store to know this, and removes what it wrote."""
    try:
        said = rest.http.get("/system/ping", {"get_server_status": "true", "use_rest_semantics": "true"})
    except ApiError as refused:
        said = {"status": str(refused)}
    ill = [
        name
        for key, name in (("database_status", "database"), ("filestore_status", "file store"))
        if said.get(key) != "OK"
    ]
    if not ill:
        return ok("health", "Its database and its file store can be written to.")
    return stop(
        "health",
        f"The server says that it cannot write to its {' nor its '.join(ill)}.",
        "Its log says why (System Console > Environment > File Storage has a test): mend that first.",
    )


def _of_search(config: Mapping[str, Any], backend: str) -> Finding:
    if backend == "none":
        return warning(
            "search",
            "The server searches nothing at all: SqlSettings.DisableDatabaseSearch is on, and no search engine runs.",
            "Switch it off, or the engine on (System Console > Environment), so that people find what was imported.",
        )
    on = [section.removesuffix("Settings") for section in SECTIONS if config.get(section, {}).get("EnableIndexing")]
    if backend in ("", "database"):
        idle = f" {', '.join(on)} is set up and does not run: its licence or its address is missing." if on else ""
        return ok("search", f"The server's database searches: what is imported is found at once.{idle}")
    return ok("search", f"{backend.capitalize()} searches: its index job is started when everything is in.")


def _of_rate_limit(limits: Mapping[str, Any]) -> Finding:
    if not limits["Enable"]:
        return ok("rate limit", "The server limits no rate of requests.")
    return warning(
        "rate limit",
        f"The server lets in {limits['PerSec']} requests a second from one address: everything waits for it, and gives up "
        "after five minutes of refusals.",
        "Switch RateLimitSettings.Enable off for the migration (System Console > Environment > Rate Limiting), and restart it.",
    )


def _of_payload(most: int | None) -> Finding:
    if most is None or most >= _LARGEST_JSON:
        return ok("requests", "Its largest request of JSON is larger than ours.")
    return stop(
        "requests",
        f"The server takes JSON of at most {most:,} bytes, and lists of ids have up to {_LARGEST_JSON:,}.",
        f"Set ServiceSettings.MaximumPayloadSizeBytes to at least {_LARGEST_JSON:,} (300,000 is its default).",
    )
