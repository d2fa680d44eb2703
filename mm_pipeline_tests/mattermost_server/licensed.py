"""A real server that says it has a licence with guest accounts: no real server here can be given one. Passes on all else."""

import json
from collections.abc import Callable

from mm_pipeline_tests.mattermost_server.proxy import Answer, Proxy, Request

_LICENCE = {"IsLicensed": "true", "SkuShortName": "professional", "GuestAccounts": "true"}


class Licensed(Proxy):
    """Stands in front of the server at `target` (its URL); to whom sees it through this, it has the licence."""

    def __init__(self, target: str) -> None:
        super().__init__(target, _with_licence)


def _with_licence(request: Request, ask: Callable[[], Answer]) -> Answer:
    if request.place == "/api/v4/license/client":
        return Answer(200, json.dumps(_LICENCE).encode(), (("Content-Type", "application/json"),))
    return ask()
