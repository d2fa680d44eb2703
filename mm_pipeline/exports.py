"""The Slack exports at hand, named or in the inbox, and what else holds their bytes. Knows no Mattermost server, changes no status."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from threading import Thread

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.content.sources import LocalFiles, Sources
from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore, workspaces
from mm_pipeline.errors import AbortRun, RowFailed
from mm_pipeline.finding import Finding, stop, told
from mm_pipeline.nouns import counted
from mm_pipeline.resources import EXPORT_TOKENS, SlackResource
from mm_pipeline.staging import (
    Difference,
    Inbox,
    Staged,
    TakenBack,
    compare,
    emoji_of_downloads,
    emoji_of_slack,
    export_workspace,
    is_staged,
    look_into,
    preflight,
    stage,
    stage_emoji,
    take_back,
)


class Exports:
    """What is to be had of Slack, and its way into the rows."""

    def __init__(self, slack: SlackResource, database: Callable[[], Database]) -> None:
        """`database` is asked for when rows are needed: most questions need none, and it may have to be started."""
        self._slack, self._database = slack, database

    @property
    def at_hand(self) -> Path | None:
        """The Slack export: the one that is named, else the newest of the inbox. Raises AbortRun: no such inbox."""
        if self._slack.export:
            return Path(self._slack.export).expanduser()
        return self.inbox.exports[-1].path if self.inbox.exports else None

    @cached_property
    def inbox(self) -> Inbox:
        """What lies in the folder that exports are put into. Raises AbortRun where there is no such folder."""
        return look_into(Path(self._slack.inbox).expanduser()) if self._slack.inbox else Inbox()

    @property
    def unstaged(self) -> list[Path]:
        """The exports of the inbox that were never staged, oldest first."""
        return [one.path for one in self.inbox.exports if not is_staged(one, self._database().connect)]

    @property
    def downloads(self) -> Path | None:
        """What was downloaded from Slack before, if it is named."""
        return Path(self._slack.downloads).expanduser() if self._slack.downloads else None

    @property
    def are_set(self) -> tuple[str, ...]:
        """Which of SLACK_TOKEN and SLACK_FILES are set."""
        return self._slack.are_set

    @property
    def workspace(self) -> str:
        """The workspace that the export at hand is staged as, "" where there is none that can be read."""
        try:
            return export_workspace(self.at_hand) if self.at_hand else ""
        except AbortRun:
            return ""

    def look_ahead(self) -> None:
        """Begin to look which workspace the export is of, on a thread of its own, while something else is waited for: it is kept."""
        Thread(target=lambda: self.workspace, name="looking ahead").start()

    @property
    def first_step(self) -> str:
        """What to do where nothing is staged yet."""
        if self.at_hand is None:
            return (
                "Nothing is staged yet: name a Slack export in SLACK_EXPORT (a zip, or its folder), set MM_URL, MM_TOKEN and MM_TEAM, "
                "then `mm-pipeline preflight`."
            )
        return (
            f"Nothing is staged yet: `mm-pipeline preflight` stages {self.at_hand.name} and says what stands in the way, then "
            "`mm-pipeline plan` shows what becomes of it, and `mm-pipeline export` does it."
        )

    def objections(self) -> list[Finding]:
        """Return why the export cannot be read, or what was downloaded before is not where it should be."""
        found: list[Finding] = []
        try:
            if self.at_hand and not self.at_hand.exists():
                found.append(
                    stop(
                        "SLACK_EXPORT",
                        f"There is no Slack export at {self.at_hand}.",
                        "Set SLACK_EXPORT to the zip file that Slack gave you, or to the folder it was unpacked to.",
                    )
                )
            elif self.at_hand:
                found += [told("export", fault) for fault in preflight(self.at_hand)]
            elif not workspaces(self._database()):
                inbox = ", SLACK_INBOX holds no export" if self._slack.inbox else ""
                found.append(
                    stop(
                        "SLACK_EXPORT",
                        f"SLACK_EXPORT is not set{inbox}, and nothing is staged yet.",
                        "Name the Slack export, a zip or its folder.",
                    )
                )
        except AbortRun as fault:
            found.append(told("export", str(fault)))
        if self.downloads and not self.downloads.exists():
            found.append(
                stop(
                    "SLACK_FILES",
                    f"There is nothing at SLACK_FILES={self.downloads}.",
                    "Name the folder that files were downloaded to.",
                )
            )
        return found

    def stage(self, export: Path) -> Staged:
        """Stage an export into the rows."""
        # Tokens of the export's links were forgotten when it was finished: only reading it again brings them back.
        again = self._slack.token == EXPORT_TOKENS and not self._knows_tokens()
        staged = stage(export, self._database().connect, self._slack.workspace or None, again=again)
        self._stage_emoji(staged.workspace)
        return staged

    def take_back(self, workspace: str) -> TakenBack:
        """Have the rows be as they were before the newest export was staged. Raises AbortRun where that cannot be."""
        return take_back(self._database().connect, workspace)

    def compare(self, exports: Sequence[Path]) -> Difference:
        """Return what newer exports would add to what is staged and change of it. Stages nothing."""
        return compare(exports, self._database().connect, self._slack.workspace or None)

    def sources(self, tokens: tuple[str, ...]) -> Sources:
        """Return where bytes of files and pictures can be had; `tokens` are those of the export's own links."""
        export = LocalFiles(self.at_hand) if self.at_hand else None
        # Rows that an earlier export of the inbox brought may still be waiting for its bytes.
        further = [LocalFiles(one.path) for one in reversed(self.inbox.exports) if one.path != self.at_hand]
        downloads = LocalFiles(self.downloads, "SLACK_FILES") if self.downloads else None
        return Sources(export=export, further=further, downloads=downloads, slack=self._slack.files(tokens))

    def _knows_tokens(self) -> bool:
        database = self._database()
        return any(EntityStore(database, one).export_tokens() for one in workspaces(database))

    def _stage_emoji(self, workspace: str) -> None:
        """Add the emoji that the export does not list: those among the downloads, then those that Slack lists."""
        emoji = emoji_of_downloads(self.downloads) if self.downloads else []
        slack = self._slack.files(())
        try:
            emoji += emoji_of_slack(slack.emoji_list()) if slack else ()
        except RowFailed as fault:
            backend_logger.warning("emoji that the export does not list stay behind: %s", fault)
        once = {one.name: one for one in reversed(emoji)}
        if once and (added := stage_emoji(once.values(), self._database().connect, workspace)):
            backend_logger.info("%s added that the export does not list", counted(added, "emoji was", "emoji were"))
