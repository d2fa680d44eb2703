"""A preflight of a small export against a server, in this process, as the command and the check make it. Sets no trap by itself."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mm_pipeline.finding import Finding
from mm_pipeline.migration import Migration
from mm_pipeline.preflight.the_list import preflight
from mm_pipeline.resources import MMResource, PlanResource, PostgresResource, SlackResource
from mm_pipeline_tests.end_to_end.small_export import Files, message, person, write
from mm_pipeline_tests.mattermost_server.running import RunningServer

MIB = 1 << 20
NOTHING: Mapping[str, Any] = MappingProxyType({})
SLACK = "https://files.slack.com/files-pri/T0FERN"


def orchard(tail: str) -> Files:
    """Six people, their channels, files and emoji; somebody has no e-mail, one is a guest, a bridge speaks.

    `tail` makes names that no other test has.
    """
    people = [
        person("U0ADA", f"ada-{tail}"),
        person("U0BEN", f"ben-{tail}"),
        person("U0CLEO", f"cleo-{tail}", profile={"email": None}),
        person("U0DAN", f"dan-{tail}", is_restricted=True),
    ]
    big = {
        "id": "F0BIG",
        "name": "film.bin",
        "mode": "hosted",
        "size": 7 * MIB,
        "url_private": f"{SLACK}/F0BIG/film.bin",
    }
    seen = {"id": "F0MAP", "name": "map.txt", "mode": "hosted", "size": 5, "url_private": f"{SLACK}/F0MAP/map.txt"}
    day = [
        message(0, "the map", files=[seen, {"id": "F0GONE", "mode": "tombstone"}]),
        message(1, "the film", files=[big, seen]),
        message(2, "it speaks", user="U0BEN", subtype="bot_message", username="Harbour", bot_id="B0HARBOUR"),
        message(3, "x" * 20_000, user="U0CLEO", reactions=[{"name": "heron", "users": ["U0ADA"], "count": 1}]),
    ]
    members = [one["id"] for one in people]
    return {
        "users.json": people,
        "channels.json": [{"id": "C0POND", "name": f"pond-{tail}", "creator": "U0ADA", "members": members}],
        "emoji.json": {"heron": "https://emoji.slack-edge.com/T0FERN/heron/1.png", "egret": "alias:heron"},
        f"pond-{tail}/2024-05-01.json": day,
    }


class Look:
    """The settings of a preflight; `findings` makes the list anew each time."""

    def __init__(self, server: RunningServer, database: str, folder: Path, files: Files, tail: str = "") -> None:
        self.server = server
        self.tail = tail
        self._database, self._folder = database, folder
        self._export = write(files, folder / "export.zip")

    def findings(
        self,
        url: str = "",
        *,
        mm: Mapping[str, Any] = NOTHING,
        slack: Mapping[str, Any] = NOTHING,
        plan: Mapping[str, Any] = NOTHING,
    ) -> list[Finding]:
        """Return the list. `url`: where the server is seen through a proxy; the others are fields of the resources."""
        return preflight(self.migration(url, mm=mm, slack=slack, plan=plan))

    def migration(
        self,
        url: str = "",
        *,
        mm: Mapping[str, Any] = NOTHING,
        slack: Mapping[str, Any] = NOTHING,
        plan: Mapping[str, Any] = NOTHING,
    ) -> Migration:
        """Return what the list is made of."""
        here = {"url": url or self.server.url, "token": self.server.token, "team": self.server.team}
        return Migration(
            MMResource(**(here | dict(mm))),
            PostgresResource(url=self._database, state=str(self._folder / "state")),
            SlackResource(**({"export": str(self._export)} | dict(slack))),
            PlanResource(**plan),
        )
