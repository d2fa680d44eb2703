"""A push proxy that keeps every notification and forwards none."""

import json
from typing import Any

from mm_pipeline_tests.mattermost_server.local_http import Handler, LocalHttp


class PushSink(LocalHttp):
    """EmailSettings.PushNotificationServer names its url. pushes: the notifications, decoded."""

    def __init__(self) -> None:
        self.pushes: list[dict[str, Any]] = []
        super().__init__(_Proxy)

    def clear(self) -> None:
        """Forget what came so far."""
        self.pushes.clear()


class _Proxy(Handler):
    server: PushSink

    def do_POST(self) -> None:
        body = self.body()
        if self.path == "/api/v1/send_push":
            self.server.pushes.append(json.loads(body))
        self.say(200, {"status": "OK"})
