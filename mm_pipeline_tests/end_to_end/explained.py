"""Holds what differs in a server's database against what rollback listed as left. Shares nothing with rollback but its words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from mm_pipeline_tests.end_to_end.tables import Difference

#: Columns of a thing of before that tell of what came and went.
_COUNTERS = {
    "channels": {"totalmsgcount", "totalmsgcountroot", "lastpostat", "lastrootpostat"},
    "channelmembers": {"msgcount", "msgcountroot", "lastviewedat", "lastupdateat", "mentioncount", "mentioncountroot"},
    "users": {"updateat"},
}


class Listed:
    """The list, by kind. `remembered` are the ids that explained something."""

    def __init__(self, left: Iterable[Mapping[str, str]]) -> None:
        self.ids: dict[str, set[str]] = defaultdict(set)
        for one in left:
            self.ids[one["kind"]].update(one["id"].split())
        self.explaining: set[str] = set()

    def has(self, object_id: Any, *kinds: str) -> bool:
        """Whether a thing of one of these kinds is listed."""
        found = any(object_id in self.ids[kind] for kind in kinds)
        self.explaining |= {object_id} if found else set()
        return found

    def explains(self, one: Difference) -> bool:
        """Whether a row differs for a reason that is listed."""
        return any([self._own(one), self._counted(one), self._logged(one)])

    def _own(self, one: Difference) -> bool:
        """A row of a listed thing."""
        row, people = one.row, ("account", "bot")
        match one.table:
            case "users":
                return self.has(row["id"], *people)
            case "bots" | "status" | "sidebarcategories" | "preferences":
                return self.has(row["userid"], *people)
            case "teammembers":
                return self.has(row["userid"], *people, "membership")
            case "channels" | "publicchannels":
                return self.has(row["id"], "channel", "direct channel")
            case "channelmembers":
                return self.has(row["channelid"], "channel", "direct channel") and one.before is None
            case "channelmemberhistory":
                inside = self.has(row["channelid"], "channel", "direct channel", "membership")
                return self.has(row["userid"], *people, "membership") or inside
            case "posts":
                inside = self.has(row["channelid"], "channel", "direct channel") and row["type"].startswith("system_")
                return self.has(row["id"], "post", "notice") or self.has(row["originalid"], "post") or inside
            case "fileinfo":
                return self.has(row["id"], "file") or self.has(row["postid"], "post")
            case "reactions" | "threads" | "threadmemberships":
                return self.has(row["postid"], "post")
            case "emoji":
                return self.has(row["id"], "emoji")
        return False

    def _counted(self, one: Difference) -> bool:
        """What was there before and tells of what came and went."""
        if one.before is None or one.after is None or not one.columns <= _COUNTERS.get(one.table, set()):
            return False
        if one.table == "users":
            return self.has(one.row["id"], "membership")
        return self.has(one.row["id" if one.table == "channels" else "channelid"], "counters")

    def _logged(self, one: Difference) -> bool:
        """What the server notes of whatever is done to it."""
        is_archive = one.table == "fileinfo" and one.row["path"].startswith("import/")
        is_job = one.table == "jobs" and one.row["type"] == "import_process"
        if one.table.startswith("mm_pipeline_"):
            return self.has("tables", "tables")
        return (one.table == "audits" or is_archive or is_job) and self.has("log", "log")
