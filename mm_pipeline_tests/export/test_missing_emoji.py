"""Which emoji we give to Mattermost: those that people reacted with, that it lacks and that the workspace has not made itself."""

from pathlib import Path
from typing import Any

import msgspec

from mm_pipeline.content.store import ContentStore
from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.errors import RowSkipped, SkipReason
from mm_pipeline.export.archiving import ArchiveRun, write_archive
from mm_pipeline.export.missing_emoji import missing_emoji
from mm_pipeline.mattermost.archive import Archive
from mm_pipeline.mattermost.archive_writer import lines_of
from mm_pipeline.mattermost.fresh_server import FreshServer
from mm_pipeline.model import EntityType
from mm_pipeline.plan.decisions_csv import Plan
from mm_pipeline.plan.emoji import plan_emoji
from mm_pipeline.plan.settings import PlanSettings
from mm_pipeline.render.emoji import MATTERMOST_EMOJI
from mm_pipeline_tests.mattermost.journal import MemoryJournal
from mm_pipeline_tests.rows import WORKSPACE, add_row


def _run(database: str, folder: Path, *names: str, emoji: dict[str, str] | None = None) -> ArchiveRun:
    """A run of a workspace with one reaction of each name; `emoji`: its custom ones, name -> "" or what it is an alias of."""
    for number, name in enumerate(names):
        message = f"C0BAY:1700000000.{number:06}"
        raw = {"name": name, "user": "U0MARA"}
        add_row(database, EntityType.REACTION, f"{message}:{name}:U0MARA", raw, channel="C0BAY", parent=message)
    for name, alias in (emoji or {}).items():
        add_row(database, EntityType.CUSTOM_EMOJI, name, {"name": name}, parent=alias or None)
    store = EntityStore(Database(database), WORKSPACE)
    plan = Plan(people=[], emoji=plan_emoji(store.rows(EntityType.CUSTOM_EMOJI), (), MATTERMOST_EMOJI), channels=[])

    def nothing(*_: Any) -> Any:
        raise RowSkipped(SkipReason.NO_PICTURE)

    return ArchiveRun(
        plan,
        api=FreshServer("crew"),
        journal=MemoryJournal(),
        store=store,
        content=ContentStore(folder / "content"),
        settings=PlanSettings(staged_at=1),
        fetch_file=nothing,
        fetch_picture=nothing,
        fetch_avatar=nothing,
    )


def _needed(run: ArchiveRun) -> list[str]:
    return [emoji.name for emoji in missing_emoji(run)]


def test_only_what_people_reacted_with_is_made_and_a_tone_falls_to_the_bare_name(database: str, tmp_path: Path) -> None:
    run = _run(database, tmp_path, "+1", "melting_face", "palm_up_hand::skin-tone-2", "palm_up_hand", "party_blob")
    assert _needed(run) == ["melting_face", "palm_up_hand"]
    assert len({emoji.key for emoji in missing_emoji(run)}) == 2


def test_a_custom_emoji_of_the_name_is_what_people_meant(database: str, tmp_path: Path) -> None:
    assert _needed(_run(database, tmp_path, "troll", "goose", emoji={"troll": ""})) == ["goose"]


def test_an_alias_brings_the_emoji_that_it_stands_for(database: str, tmp_path: Path) -> None:
    assert _needed(_run(database, tmp_path, "warm", emoji={"warm": "melting_face"})) == ["melting_face"]


def test_an_archive_carries_them_with_their_pictures(database: str, tmp_path: Path) -> None:
    run = _run(database, tmp_path, "melting_face", "harp")
    assert write_archive(run, Archive(tmp_path / "out.zip", "crew"))["emoji"] == 2
    lines = [msgspec.json.decode(line) for line in lines_of(tmp_path / "out.zip")]
    assert [line["emoji"] for line in lines if line["type"] == "emoji"] == [
        {"name": "harp", "image": "emoji/-1/harp.png"},
        {"name": "melting_face", "image": "emoji/-2/melting_face.png"},
    ]
