"""What becomes of a row of custom emoji before anything is sent."""

from types import SimpleNamespace
from typing import Any

import pytest

from mm_pipeline.db.status_writer import StatusChange
from mm_pipeline.errors import RowSkipped, SkipReason
from mm_pipeline.export.custom_emoji_exporter import CustomEmojiExporter
from mm_pipeline.model import Status
from mm_pipeline.plan.emoji import plan_emoji
from mm_pipeline.render.emoji import MATTERMOST_EMOJI
from mm_pipeline_tests.plan.rows import emoji


class Written(list[StatusChange]):
    def put(self, change: StatusChange) -> None:
        self.append(change)


def _exporter(written: Written, alias: str, *others: str) -> CustomEmojiExporter:
    row = emoji("oink", alias)
    decided = plan_emoji([row, *map(emoji, others)], (), MATTERMOST_EMOJI)
    run: Any = SimpleNamespace(
        mm_user_id="me", directory=SimpleNamespace(emoji_decisions={one.slack_id: one for one in decided})
    )
    return CustomEmojiExporter.from_entity(row, written, run)


@pytest.mark.parametrize("target", ["pig", "+1::skin-tone-4", "melting_face", "our_pig"])
def test_an_alias_of_what_has_a_picture_needs_none_of_its_own(target: str) -> None:
    written = Written()
    assert _exporter(written, target, "our_pig").emoji() is None
    assert [change.status for change in written] == [Status.SUCCESS]


def test_an_alias_of_what_nobody_has_a_picture_of_is_skipped_and_says_so() -> None:
    with pytest.raises(RowSkipped, match="it stands for piggy") as skipped:
        _exporter(Written(), "piggy").emoji()
    assert skipped.value.reason is SkipReason.NO_PICTURE
