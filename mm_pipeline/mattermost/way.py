"""Whether what lies between us and a server lets its uploads through. Leaves nothing on the server.

Mattermost reads what is sent to its emoji route to the end, and then refuses what is no emoji by its own name for that (seen
on 9.9 and 11.4). So any other answer to a request of that size comes from something in between: a proxy, a firewall.
"""

from mm_pipeline.errors import AbortRun
from mm_pipeline.finding import Finding, ok, stop
from mm_pipeline.http import ApiError, Http
from mm_pipeline.mattermost.broken_line import PART_BYTES

#: How Mattermost's own answers to that begin: too large, no form, switched off.
_OWN_WORD = "api.emoji."
#: Bytes that are tried, where a whole part does not get through: the first part of an upload has 5 MiB, nginx lets 1 MiB through.
_SMALLER = (5 << 20, 4 << 20, 2 << 20, (1 << 20) - (64 << 10), 512 << 10, 128 << 10)


def look_at_way(http: Http, largest: int) -> Finding:
    """Send as much as one request of an upload has. `largest`: bytes of the largest archive that will be sent."""
    size = min(PART_BYTES, largest)
    if not (why := _hindered(http, size)):
        return ok(
            "proxy",
            f"Requests of {_mib(size)} get through to the server. How long the way keeps one open is not known: it must be at "
            "least three minutes.",
        )
    passes = next((less for less in _SMALLER if less < size and not _hindered(http, less)), 0)
    instead = f" Where no file is larger, MM_ARCHIVE_MAX_BYTES={passes} will do." if passes else ""
    return stop(
        "proxy",
        f"A request of {_mib(size)} does not get through to the server: {why}."
        + (f" One of {_mib(passes)} does." if passes else ""),
        f"Have the proxy or firewall in front of it let {_mib(size)} through (nginx: client_max_body_size).{instead}",
    )


def _hindered(http: Http, size: int) -> str:
    """Return what hinders a request of that many bytes, or ""."""
    try:
        http.upload("/emoji", bytes(size))
    except ApiError as refused:
        return "" if refused.error_id.startswith(_OWN_WORD) else f"{refused.status} comes back"
    except AbortRun as cut:
        return str(cut).partition(". ")[0]
    return "something else answers there"


def _mib(size: int) -> str:
    return f"{size / (1 << 20):.1f} MiB".replace(".0 ", " ")
