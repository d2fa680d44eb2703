"""Loads queries.sql: `-- name --`, a sentence, one statement. Builds no SQL."""

import re
from importlib import resources
from typing import LiteralString, cast

_HEADER = re.compile(r"^-- (\w+) --$", re.MULTILINE)


def load(package: str = "mm_pipeline.db") -> dict[str, LiteralString]:
    """Return the named statements of a package's queries.sql."""
    text = (resources.files(package) / "queries.sql").read_text(encoding="utf-8")
    parts = _HEADER.split(text)[1:]
    return {name: cast(LiteralString, body.strip()) for name, body in zip(parts[::2], parts[1::2], strict=True)}


QUERIES = load()
