"""A run of which only the named parts are there: a test that asks for another one fails."""

from typing import Any, cast

from mm_pipeline.export.run import Run


def bare_run(server: Any, **parts: Any) -> Run:
    """Return a run with some parts; `server` is what it says of the server, which nobody asks."""
    names = ("api", "journal", "store", "content", "settings", "fetch_file", "fetch_picture", "fetch_avatar")
    run = Run(**cast(Any, dict.fromkeys(names) | parts))
    run.__dict__["server"] = server
    return run
