"""A pytest plugin (-p): leaves out the tests that start a Mattermost server. Knows them by their fixtures and their folder."""

import pytest

_SERVERS = {"_session_server", "fresh_mattermost"}
_FOLDER = "end_to_end"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what needs a server."""
    needing = [item for item in items if _needs_server(item)]
    config.hook.pytest_deselected(items=needing)
    items[:] = [item for item in items if item not in needing]


def _needs_server(item: pytest.Item) -> bool:
    return bool(_SERVERS & set(getattr(item, "fixturenames", ()))) or _FOLDER in item.path.parts
